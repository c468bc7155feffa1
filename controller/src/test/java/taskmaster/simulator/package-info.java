/**
 * The real loop, its records and its reload on a machine in memory, in virtual time. A seed makes a schedule; a schedule
 * is a list of steps, and any part of it is one too, so that what fails can be made shorter.
 *
 * <pre>
 * Schedule ──► Simulation ──► Loop ──► SimKernel ──► Machine     processes, pids, time: what is true
 *                   │           └────► SimDisk                   what a dead daemon left written
 *                   └──► Truth ◄────── Machine                   compares what is true with what may be
 * </pre>
 */
@NullMarked
package taskmaster.simulator;

import org.jspecify.annotations.NullMarked;
