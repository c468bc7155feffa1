import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lists whose work is in a package, and under which terms: {@code Licences.java SBOM JARS FOLDER}. */
final class Licences {
  private Licences() {}

  public static void main(String[] args) throws IOException {
    JsonNode bom = JsonMapper.shared().readTree(Path.of(args[0]));
    Path jars = Path.of(args[1]);
    Path folder = Files.createDirectories(Path.of(args[2]));
    TreeMap<String, String> rows = new TreeMap<>();
    for (JsonNode component : bom.get("components")) {
      String group = component.path("group").asString("");
      if (group.equals("taskmaster")) continue;
      String name = component.get("name").asString();
      String version = component.get("version").asString();
      Path jar = jars.resolve(name + "-" + version + ".jar");
      if (!Files.exists(jar)) throw new IOException("no jar of " + name + " " + version + " in " + jars + ", though the SBOM has it");
      Set<String> licences = new LinkedHashSet<>();
      Set<String> urls = new LinkedHashSet<>();
      for (JsonNode entry : component.path("licenses")) {
        JsonNode licence = entry.path("license");
        licences.add(licence.path("id").asString(licence.path("name").asString(entry.path("expression").asString(""))));
        if (licence.has("url")) urls.add(licence.get("url").asString());
      }
      if (licences.isEmpty()) throw new IOException("no licence known of " + name + " " + version + ": look into its pom, and name it here");
      String texts = copyTexts(jar, folder.resolve(name)) ? "[" + name + "](" + name + ")" : "";
      rows.put(group + ":" + name, "| " + group + ":" + name + " | " + version + " | " + String.join(", ", licences) + " | " + String.join(" ", urls) + " | " + texts + " |");
    }
    checkAllListed(jars, rows.size());
    List<String> lines = new ArrayList<>(List.of("# What is in this package besides TaskMaster", "",
        "The Java runtime in `lib/runtime`: GPL 2 with the Classpath Exception, see `lib/runtime/legal`.",
        "picocli is compiled anew from its unchanged sources.", "",
        "| library | version | licence | terms | what it brought along |", "|---|---|---|---|---|"));
    lines.addAll(rows.values());
    Files.write(folder.resolve("README.md"), lines);
  }

  private static void checkAllListed(Path jars, int listed) throws IOException {
    try (var all = Files.list(jars)) {
      long own = 3; // api, controller, cli
      long there = all.filter(p -> p.toString().endsWith(".jar")).count() - own;
      if (there != listed) throw new IOException(there + " libraries in " + jars + ", but " + listed + " in the SBOM");
    }
  }

  private static boolean copyTexts(Path jar, Path to) throws IOException {
    boolean any = false;
    try (JarFile file = new JarFile(jar.toFile())) {
      for (ZipEntry entry : Collections.list(file.entries())) {
        String path = entry.getName();
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (entry.isDirectory() || path.endsWith(".class") || !name.matches("(?i)(.*-)?(licen[sc]e|notice|copying|about)([-.].*)?")) continue;
        Files.createDirectories(to);
        try (InputStream in = file.getInputStream(entry)) {
          Files.write(to.resolve(name), in.readAllBytes());
        }
        any = true;
      }
    }
    return any;
  }
}
