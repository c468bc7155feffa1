package taskmaster.cli;

import java.nio.file.Path;

/** Nobody answers on the socket. */
public final class NoDaemon extends Exception {
  private static final long serialVersionUID = 1L;

  NoDaemon(Path socket, String why) {
    super(
        "no daemon answers on " + socket + " (" + why + "); start one with `taskmasterd.sh start -c FILE`,"
            + " or name another socket with -s PATH");
  }
}
