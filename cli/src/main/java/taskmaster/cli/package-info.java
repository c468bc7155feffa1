/** The command line: one file for each command, a client of the daemon's socket, and the shell. */
@NullMarked
package taskmaster.cli;

import org.jspecify.annotations.NullMarked;
