package taskmaster.cli.local;

import taskmaster.controller.linux.Host;

/** What the process itself is told. */
final class Signals {
  private Signals() {}

  interface Handler {
    void handle(String name);
  }

  /** Also where the signal was ignored when we were started: a JVM would not hear it then. */
  static void on(Handler handler, String... names) {
    for (String name : names) {
      sun.misc.Signal signal = new sun.misc.Signal(name);
      Host.restoreDefault(signal.getNumber());
      sun.misc.Signal.handle(signal, s -> Thread.ofPlatform().name("signal").start(() -> handler.handle(s.getName())));
    }
  }
}
