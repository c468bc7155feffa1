/** What needs the controller in the same process: the daemon itself, the interactive mode, and checks of a file. */
@NullMarked
package taskmaster.cli.local;

import org.jspecify.annotations.NullMarked;
