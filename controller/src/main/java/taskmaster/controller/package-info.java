/** The daemon: {@link taskmaster.controller.Loop} turns, {@link taskmaster.controller.Daemon} wires what it turns among. */
@NullMarked
package taskmaster.controller;

import org.jspecify.annotations.NullMarked;
