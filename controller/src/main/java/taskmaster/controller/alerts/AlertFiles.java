package taskmaster.controller.alerts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The alert file and its backups: {@code alerts.log}, and behind it {@code alerts.log.1}, the older the higher. */
record AlertFiles(Path file) {
  private static final Pattern SEQ = Pattern.compile("\"seq\":([0-9]{1,18})}$");
  private static final int LONGEST_LINE = 1 << 20;

  Path backup(int i) {
    return file.resolveSibling(file.getFileName() + "." + i);
  }

  /** From the oldest to the current one. A daemon that died while it renamed them has left a gap. */
  List<Path> oldestFirst() throws IOException {
    TreeMap<Integer, Path> backups = new TreeMap<>(Comparator.reverseOrder());
    Pattern name = Pattern.compile(Pattern.quote(file.getFileName() + ".") + "([1-9][0-9]{0,8})");
    try (DirectoryStream<Path> there = Files.newDirectoryStream(Objects.requireNonNull(file.toAbsolutePath().getParent()))) {
      for (Path path : there) {
        Matcher m = name.matcher(path.getFileName().toString());
        if (m.matches()) backups.put(Integer.valueOf(m.group(1)), backup(Integer.parseInt(m.group(1))));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (NoSuchFileException none) {
      return List.of();
    }
    List<Path> all = new ArrayList<>(backups.values());
    if (Files.exists(file)) all.add(file);
    return all;
  }

  /** Reads one; what is no UTF-8 was not written by us, and spoils its own line alone. */
  static BufferedReader reader(Path path) throws IOException {
    return new BufferedReader(new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8));
  }

  /** The number in an alert's line; empty for a line that is none. */
  static OptionalLong seq(String line) {
    Matcher m = SEQ.matcher(line.stripTrailing());
    return m.find() ? OptionalLong.of(Long.parseLong(m.group(1))) : OptionalLong.empty();
  }

  /** The highest number on disk, 0 before the first alert. */
  long lastSeq() throws IOException {
    List<Path> all = oldestFirst();
    for (Path path : all.reversed()) {
      OptionalLong last = lastSeq(path);
      if (last.isPresent()) return last.getAsLong();
    }
    return 0;
  }

  static OptionalLong lastSeq(Path path) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(path.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(in.length(), LONGEST_LINE)];
      in.seek(in.length() - tail.length);
      in.readFully(tail);
      String[] lines = new String(tail, StandardCharsets.UTF_8).split("\n");
      for (int i = lines.length - 1; i >= 0; i--) {
        OptionalLong seq = seq(lines[i]);
        if (seq.isPresent()) return seq;
      }
      return OptionalLong.empty();
    }
  }
}
