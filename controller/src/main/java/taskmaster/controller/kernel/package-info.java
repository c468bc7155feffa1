/** The operating system as one small interface: everything that the loop may ask of it, and what it answers. */
@NullMarked
package taskmaster.controller.kernel;

import org.jspecify.annotations.NullMarked;
