package taskmaster.controller;

/** The daemon cannot start; the message is for whoever tried. */
public final class Startup extends Exception {
  private static final long serialVersionUID = 1L;

  Startup(String message) {
    super(message);
  }

  Startup(String message, Throwable cause) {
    super(message, cause);
  }
}
