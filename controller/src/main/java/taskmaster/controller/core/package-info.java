/**
 * The pure core: what should run, what does run, and the two functions between them.
 *
 * <pre>
 * desired  + command  ── Commands ──► desired'      an operator's start, stop, restart, scale, signal, shutdown
 * observed + event    ── Fold ──────► observed'     the only code that changes facts
 * desired  × observed ── Planner ───► actions, wakeAt   the only code that decides
 * desired  × observed ── Phases ────► phase, reason     what a person is shown; never stored
 * </pre>
 *
 * One instance's life, and what moves it (an action's outcome or an event, never an order):
 *
 * <pre>
 *            Spawned                 Exited                    Gone
 *   Down ───────────────► Up ──────────────────► Dying ───────────────► Down
 *    │ ▲ SpawnRefused     │ Signalled(STOP|KILL)   ▲ │ Signalled, Exited, Remains, Stirred
 *    └─┘                  └────────────────────────┘ └─┘
 *
 *   life   wanted                                    not wanted
 *   Down   no end yet, or forgiven  → Spawn          STOPPED
 *          end by us                → Spawn
 *          retry due                → Spawn
 *          retry later   BACKOFF    → wake then
 *          settled       EXITED, FATAL
 *   Up     STARTING until starttime, then RUNNING    → Signal(STOP)
 *          older than a restart, or of another shape → Signal(STOP)
 *   Dying  STOPPING: main alive  → at stoptime Signal(KILL)
 *                    main ended  → Reap; while something remains: Signal(STOP_REST), at stoptime Signal(KILL)
 * </pre>
 *
 * Nothing here reads a clock, waits, logs, or does I/O: {@code now} is an argument.
 */
@NullMarked
package taskmaster.controller.core;

import org.jspecify.annotations.NullMarked;
