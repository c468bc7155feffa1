/** What changed, told to people: the daemon's log, the alert file, and the webhook, which reads that file. */
@NullMarked
package taskmaster.controller.alerts;

import org.jspecify.annotations.NullMarked;
