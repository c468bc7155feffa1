/** The control API: HTTP and JSON (or a table) on a UNIX socket that only the daemon's user and root may open. */
@NullMarked
package taskmaster.controller.http;

import org.jspecify.annotations.NullMarked;
