package taskmaster.controller.core;

import taskmaster.api.ProgramSpec;

/**
 * One process of an instance, from spawn to end.
 *
 * @param number unique in a daemon's life, over all instances; larger is later
 * @param spec as it was when this was started
 */
public record Run(long number, int pid, MonoTime startedAt, ProgramSpec spec, Series series) {}
