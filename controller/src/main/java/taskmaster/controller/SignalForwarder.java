package taskmaster.controller;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.api.Command;
import taskmaster.api.ProgramSpec;
import taskmaster.api.Signal;
import taskmaster.api.Target;
import taskmaster.api.Vital;
import taskmaster.controller.config.Config;
import taskmaster.controller.core.Commands;
import taskmaster.controller.http.Control;

/** What comes to the daemon and is meant for its programs: as a container's first process it is the one who is told. */
final class SignalForwarder {
  private static final Logger LOG = LoggerFactory.getLogger(SignalForwarder.class);

  /** They mean nothing to the daemon itself. */
  private static final Set<String> FOREIGN = Set.of("USR2", "WINCH");

  private final Settings settings;
  private final Control control;

  SignalForwarder(Settings settings, Control control) {
    this.settings = settings;
    this.control = control;
  }

  /** False where the signal is the daemon's own. */
  boolean forward(Signal signal) throws InterruptedException {
    List<Target> targets = targets(settings.current(), signal, ProcessHandle.current().pid() == 1);
    if (targets == null) return false;
    if (targets.isEmpty()) return true;
    switch (control.command(new Command.SendSignal(signal, targets))) {
      case Commands.Accepted a -> LOG.info("SIG{} was forwarded to {}", signal, a.instances());
      case Commands.Refused(String why) -> LOG.warn("SIG{} was not forwarded: {}", signal, why);
    }
    return true;
  }

  /** As the file says; else the first process forwards what it has no use for to those that it is there for. Null: to nobody. */
  private static @Nullable List<Target> targets(Config config, Signal signal, boolean isFirstProcess) {
    List<Target> given = config.daemon().forward().get(signal);
    if (given != null) return given;
    List<Target> vital = new ArrayList<>();
    if (!isFirstProcess || !FOREIGN.contains(signal.name())) return null;
    for (ProgramSpec spec : config.programs().values()) {
      if (!spec.policy().vital().equals(Vital.NO)) vital.add(new Target.Program(spec.name()));
    }
    return vital;
  }
}
