package taskmaster.controller.urls;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** The user and password that a URL may hold (RFC 3986, 3.2.1), which the JDK's client does not send. */
public final class UrlCredentials {
  private UrlCredentials() {}

  /** The value of the header {@code Authorization} (RFC 7617). */
  public static Optional<String> header(URI url) {
    String user = url.getUserInfo();
    if (user == null) return Optional.empty();
    return Optional.of("Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
  }

  /** The URL as it may be shown. */
  public static String hidden(URI url) {
    String user = url.getRawUserInfo();
    return user == null ? url.toString() : url.toString().replace(user + "@", "***@");
  }
}
