package taskmaster.controller.probes;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Durations;

/** Why there was no answer, in a few words. */
final class Why {
  private static final int LONGEST = 120;

  private Why() {}

  static String of(Throwable failure, Duration timeout) {
    return switch (failure) {
      case SocketTimeoutException e -> within("no connection", timeout);
      case HttpConnectTimeoutException e -> within("no connection", timeout);
      case HttpTimeoutException e -> within("no answer", timeout);
      case UnknownHostException e -> "unknown host " + e.getMessage();
      case UnresolvedAddressException e -> "unknown host";
      case NoRouteToHostException e -> "no route to host";
      case SSLException e -> brief("TLS: " + e.getMessage());
      case EOFException e -> "connection closed without an answer";
      case ConnectException e -> connecting(e, timeout);
      case IOException e -> reading(e, timeout);
      default -> brief(failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
    };
  }

  private static String within(String what, Duration timeout) {
    return what + " within " + Durations.show(timeout);
  }

  /** The HTTP client hides the reason, and often has no words of its own. */
  private static String connecting(ConnectException e, Duration timeout) {
    Throwable cause = e.getCause();
    if (cause instanceof UnresolvedAddressException || cause instanceof ConnectException) return of(cause, timeout);
    return e.getMessage() == null ? "connection refused" : brief(decapitalized(e.getMessage()));
  }

  private static String reading(IOException e, Duration timeout) {
    Throwable cause = e.getCause();
    String text = e.getMessage();
    if (text != null && text.contains("received no bytes")) return "connection closed without an answer";
    if (cause instanceof IOException && cause != e) return of(cause, timeout);
    return text == null ? "connection broken" : brief(decapitalized(text));
  }

  private static String decapitalized(String text) {
    return text.isEmpty() ? text : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private static String brief(@Nullable String text) {
    String line = String.valueOf(text).lines().findFirst().orElse("").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
