/** The run records: one file that lets a new daemon take over what a dead one left running. */
@NullMarked
package taskmaster.controller.state;

import org.jspecify.annotations.NullMarked;
