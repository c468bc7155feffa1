package taskmaster.controller.core;

import taskmaster.api.ProgramSpec;

/**
 * One process of an instance, from spawn to end.
 *
 * @param number unique over all instances and all daemons that take over from each other; larger is later
 * @param pid of its main process, 0 where only others of it were found alive
 * @param born when the system started the main process, in its own unit: with the pid it names a process for good
 * @param spec as it was when this was started
 */
public record Run(long number, int pid, long born, MonoTime startedAt, ProgramSpec spec, Series series) {}
