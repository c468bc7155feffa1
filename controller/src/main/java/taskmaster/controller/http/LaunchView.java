package taskmaster.controller.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.Identity;
import taskmaster.api.Limits;
import taskmaster.controller.core.Secrets;

/** A {@link Launch} for JSON and for people, with or without its secrets. */
record LaunchView(Launch launch, Optional<Secrets> secrets) {
  private static final String PLAIN = "_@%+=:,./-";

  static LaunchView of(Launch launch, boolean withSecrets) {
    return new LaunchView(launch, withSecrets ? Optional.empty() : Optional.of(Secrets.of(launch.env())));
  }

  private List<String> words(List<String> words) {
    return secrets.map(s -> s.words(words)).orElse(words);
  }

  private String value(String name, String value) {
    return secrets.map(s -> s.value(name, value)).orElse(value);
  }

  Map<String, @Nullable Object> map() {
    Identity i = launch.identity();
    Attributes a = launch.attributes();
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("instance", launch.id().toString());
    map.put("pid", launch.pid());
    if (launch.refused() != null) map.put("refused", launch.refused());
    map.put("argv", words(launch.argv()));
    if (!launch.prefix().isEmpty()) map.put("prefix", words(launch.prefix()));
    map.put("workingdir", launch.workingdir().toString());
    map.put("user", i.user());
    map.put("uid", i.uid());
    map.put("group", i.group());
    map.put("gid", i.gid());
    map.put("groups", i.groups());
    map.put("umask", octal());
    map.put("nice", a.nice());
    map.put("oom_score_adj", a.oomScoreAdj());
    Map<String, String> limits = new LinkedHashMap<>();
    for (Limits.Resource resource : Limits.Resource.values()) limits.put(resource.key(), String.valueOf(a.limits().of().get(resource)));
    map.put("limits", limits);
    Map<String, String> env = new LinkedHashMap<>();
    launch.env().forEach((name, value) -> env.put(name, value(name, value)));
    map.put("env", env);
    map.put("env_as_given", launch.isAsGiven());
    return map;
  }

  String text() {
    Identity i = launch.identity();
    Attributes a = launch.attributes();
    StringBuilder out = new StringBuilder();
    line(out, "instance", launch.id() + (launch.pid() == null ? ", not running: as it would be started now" : ", running, pid " + launch.pid()));
    if (launch.refused() != null) line(out, "refused", "cannot start: " + launch.refused());
    line(out, "argv", quoted(words(launch.argv())));
    if (!launch.prefix().isEmpty()) line(out, "prefix", quoted(words(launch.prefix())));
    line(out, "workingdir", quoted(launch.workingdir().toString()));
    line(out, "user", i.user() + " (" + i.uid() + ")");
    line(out, "group", i.group() + " (" + i.gid() + ")");
    line(out, "groups", i.groups().isEmpty() ? "none" : i.groups().stream().map(String::valueOf).collect(Collectors.joining(" ")));
    line(out, "umask", octal());
    List<String> limits = new ArrayList<>();
    for (Limits.Resource resource : Limits.Resource.values()) limits.add(resource.key() + "=" + a.limits().of().get(resource));
    line(out, "limits", String.join(" ", limits));
    line(out, "nice", String.valueOf(a.nice()));
    line(out, "oom_score_adj", String.valueOf(a.oomScoreAdj()));
    boolean isGuess = launch.pid() != null && !launch.isAsGiven();
    out.append("environment").append(isGuess ? ", as it would be given now: the process does not show its own" : "").append('\n');
    launch.env().forEach((name, value) -> out.append("  ").append(name).append('=').append(quoted(value(name, value))).append('\n'));
    return out.toString();
  }

  private static void line(StringBuilder out, String key, String value) {
    out.append(key).append(" ".repeat(15 - key.length())).append(value).append('\n');
  }

  private String octal() {
    return String.format("%03o", launch.umask());
  }

  private static String quoted(List<String> words) {
    return words.stream().map(LaunchView::quoted).collect(Collectors.joining(" "));
  }

  /** As a shell reads it back, on one line and without anything that a terminal would obey. */
  static String quoted(String word) {
    if (word.equals(Secrets.HIDDEN)) return word;
    boolean isPlain = !word.isEmpty() && word.chars().allMatch(c -> c < 128 && Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0);
    if (isPlain) return word;
    if (word.chars().noneMatch(Character::isISOControl)) return "'" + word.replace("'", "'\\''") + "'";
    StringBuilder out = new StringBuilder("$'");
    word.chars().forEach(c -> {
      switch (c) {
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\\', '\'' -> out.append('\\').append((char) c);
        default -> {
          if (Character.isISOControl(c)) out.append(String.format("\\u%04x", c));
          else out.append((char) c);
        }
      }
    });
    return out.append('\'').toString();
  }
}
