package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.controller.http.Control;
import taskmaster.controller.http.Door;
import taskmaster.controller.linux.Host;

/** The daemon's place on its socket: taken before the first program starts, answered at once there is time for a server. */
final class Doorway {
  /** Not static: the first logger that is asked for sets all of them up, and that is the voice's to do. */
  private final Logger log = LoggerFactory.getLogger(Doorway.class);

  private Door.@Nullable Reservation place;
  private @Nullable Door door;
  private boolean left;

  /** @throws IOException "cannot listen on PATH: …" */
  synchronized void reserve(Path socket) throws IOException {
    place = Door.reserve(socket);
  }

  /** Does nothing where it has been closed meanwhile. */
  synchronized void open(Control control) throws IOException {
    if (left || place == null) return;
    door = Door.open(place, control, Host.mostConnections());
  }

  private synchronized @Nullable Door door() {
    return door;
  }

  void keepOpen() {
    Door open = door();
    if (open != null) open.keepOpen();
  }

  /** Whether it has been tried out. */
  boolean tryOut() throws InterruptedException {
    Door open = door();
    if (open == null) return false;
    try {
      open.tryOut();
      return true;
    } catch (IOException e) {
      log.debug("the socket did not answer: {}", e.toString());
      return false;
    }
  }

  synchronized void close() {
    left = true;
    try {
      if (door != null) door.close();
      else if (place != null) place.close();
    } catch (IOException e) {
      log.warn("cannot remove the socket: {}", e.toString());
    }
  }
}
