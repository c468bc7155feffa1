package taskmaster.controller;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import taskmaster.controller.alerts.AlertAppender;
import taskmaster.controller.alerts.Teller;
import taskmaster.controller.config.Config;
import taskmaster.controller.config.ConfigReader;
import taskmaster.controller.config.ConfigRejected;
import taskmaster.controller.config.Reading;
import taskmaster.controller.core.Desired;
import taskmaster.controller.core.Observed;
import taskmaster.controller.core.Preview;
import taskmaster.controller.core.Reload;
import taskmaster.controller.core.Snapshot;
import taskmaster.controller.kernel.Kernel;

/** Reads the file again when somebody asks, and by itself as long as the last good one stands in for a bad one. */
final class Reloads {
  private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

  private final Path file;
  private final ConfigReader reader;
  private final LastGood lastGood;
  private final Settings settings;
  private final Loop loop;
  private final Kernel kernel;
  private final Teller teller;
  private final AlertAppender alerts;
  private @Nullable Reading rejectedAttempt;

  Reloads(LoadedFile loaded, Settings settings, Loop loop, Kernel kernel, Teller teller, AlertAppender alerts) {
    this.file = loaded.config().file();
    this.reader = new ConfigReader(loaded.config(), loaded.reading());
    this.lastGood = new LastGood(settings.started().daemon().state());
    this.settings = settings;
    this.loop = loop;
    this.kernel = kernel;
    this.teller = teller;
    this.alerts = alerts;
  }

  /** Tells that the file was no good at the start, and looks out for a better one. */
  void rejectedAtStart(ConfigRejected why, Reading attempt) {
    rejectedAttempt = attempt;
    rejected(why, "going on with the last good one");
  }

  private void rejected(ConfigRejected e, String meanwhile) {
    LOG.error("{} rejected, {}:\n{}", file, meanwhile, e.places());
    teller.alert("config_rejected", Map.of("file", file.toString(), "errors", e.places()));
  }

  /** @param sync null: as the file says */
  synchronized Preview reload(@Nullable Boolean sync) throws ConfigRejected, InterruptedException {
    Config next;
    Reading reading = Reading.ofDisk(file, SystemAccounts.surroundings());
    try {
      next = reader.parse(reading);
    } catch (ConfigRejected e) {
      if (rejectedAttempt != null) rejectedAttempt = reading;
      rejected(e, "nothing was changed");
      throw e;
    }
    boolean isKept = rejectedAttempt == null && next.equals(settings.current());
    rejectedAttempt = null;
    boolean asSync = sync != null ? sync : next.daemon().syncReload();
    settings.apply(next, loop, alerts);
    // what operators have said since stands, so the same file again means nothing new
    Preview preview = isKept && !asSync ? Preview.nothing(next.programs().size()) : apply(next, asSync);
    if (!isKept) keep(reading);
    Map<String, List<String>> programs = new LinkedHashMap<>();
    for (Preview.Kind kind : Preview.Kind.values()) {
      programs.put(kind.word(), preview.changes().stream().filter(c -> c.kind() == kind).map(Preview.Change::program).toList());
    }
    teller.alert("config_reloaded", new LinkedHashMap<>(programs));
    LOG.info("reloaded {}: {}", file, sentence(programs));
    return preview.and(settings.later(next));
  }

  private static String sentence(Map<String, List<String>> programs) {
    List<String> parts = new ArrayList<>();
    programs.forEach((what, names) -> {
      if (!names.isEmpty()) parts.add(what + " " + String.join(", ", names));
    });
    return parts.isEmpty() ? "nothing changed" : String.join("; ", parts);
  }

  private Preview apply(Config next, boolean sync) throws InterruptedException {
    Asked<Preview> edit =
        new Asked<>(
            (desired, observed) -> {
              Desired after = applied(next, desired, observed, sync);
              return new Asked.Answer<>(after, Preview.of(desired, after, observed, kernel.now()));
            },
            Preview.nothing(0));
    loop.submit(edit);
    return edit.await();
  }

  private static Desired applied(Config next, Desired desired, Observed observed, boolean sync) {
    return Reload.apply(desired, observed, next.programs(), sync).withGroups(next.groups());
  }

  Preview plan(@Nullable Boolean sync) throws ConfigRejected {
    Config next = reader.parse(Reading.ofDisk(file, SystemAccounts.surroundings()));
    Snapshot now = loop.snapshot();
    boolean asSync = sync != null ? sync : next.daemon().syncReload();
    Desired after = applied(next, now.desired(), now.observed(), asSync);
    return Preview.of(now.desired(), after, now.observed(), kernel.now()).and(settings.later(next));
  }

  /** Called now and then: takes the file that was bad at the start as soon as it has changed and is good. */
  synchronized void retry() throws InterruptedException {
    if (rejectedAttempt == null || !rejectedAttempt.isOutdated()) return;
    try {
      reload(null);
    } catch (ConfigRejected stillBad) {
      LOG.debug("{} is still no good", file);
    }
  }

  /** For a start at a time when the file is bad. */
  void keep(Reading reading) {
    try {
      lastGood.keep(reading.files());
    } catch (IOException e) {
      LOG.warn("cannot keep a copy of the file in {}: {}", lastGood, e.toString());
    }
  }
}
