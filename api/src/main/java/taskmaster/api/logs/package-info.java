/** Reads log files as the daemon leaves them: the last lines, over rotated and compressed files, and what is added. */
@NullMarked
package taskmaster.api.logs;

import org.jspecify.annotations.NullMarked;
