package taskmaster.controller.core;

import java.util.List;

/**
 * The gap between desired and observed.
 *
 * @param actions that close it, now
 * @param wakeAt when time alone will open a new one
 */
public record Plan(List<Action> actions, MonoTime wakeAt) {}
