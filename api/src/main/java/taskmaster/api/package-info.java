/** The words that the daemon and its clients share: names, specs, phases, commands, statuses. Values only, no I/O. */
@NullMarked
package taskmaster.api;

import org.jspecify.annotations.NullMarked;
