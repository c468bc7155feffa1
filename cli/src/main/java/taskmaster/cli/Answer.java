package taskmaster.cli;

import java.util.Map;

/**
 * What the daemon said.
 *
 * @param headers by lower-case name
 */
public record Answer(int status, Map<String, String> headers, String body) {
  /** What the command ends with: the daemon's word, else by the status. */
  public int exitCode() {
    String code = headers.get("taskmaster-exit-code");
    return code != null ? Integer.parseInt(code) : status < 300 ? 0 : 1;
  }
}
