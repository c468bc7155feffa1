/**
 * Linux, spoken to through libc: the only package that may import {@code java.lang.foreign}. Descriptors are plain
 * ints here; every call that can fail answers like the kernel does, with a negative errno.
 *
 * <pre>
 * LinuxKernel ─┬─ Spawning ──┬─ Orders ── Launcher        a run begins: its shape, as a process
 *              ├─ Adopting ──┤                            … or is found alive
 *              ├─ Ends ──────┼─ Watching, Pidfd, Children its processes end
 *              ├─ Signals ───┴─ Survivors ── Runs         whom a signal reaches, what is left, whose that is
 *              ├─ Moves                                   which of its processes is the main one
 *              └─ Probing ───── RunCommands               how it is; commands beside it
 * </pre>
 */
@NullMarked
package taskmaster.controller.linux;

import org.jspecify.annotations.NullMarked;
