/** The file: bytes to a tree with positions to specs. Every default lives here, once; every error is told at once. */
@NullMarked
package taskmaster.controller.config;

import org.jspecify.annotations.NullMarked;
