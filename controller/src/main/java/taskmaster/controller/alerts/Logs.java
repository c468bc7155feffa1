package taskmaster.controller.alerts;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import net.logstash.logback.encoder.LogstashEncoder;
import org.slf4j.LoggerFactory;

/** Logback, set up by hand: no XML to find, to parse or to get wrong. */
public final class Logs {
  static final String ALERTS = "alerts";
  private static final String PLAIN = "%d{HH:mm:ss} %-5level %msg%n";
  private static final String COLOURED = "%d{HH:mm:ss} %highlight(%-5level) %msg%n";

  private static final long SET_UP_WITHIN_NANOS = 10_000_000_000L;

  private Logs() {}

  private static LoggerContext context() {
    long until = System.nanoTime() + SET_UP_WITHIN_NANOS;
    while (System.nanoTime() < until) {
      // another one while a thread that also wants a logger is setting them up just now
      if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) return context;
      Thread.onSpinWait();
    }
    throw new IllegalStateException("internal error: Logback is not there");
  }

  /** Silence until it is known where to log. */
  public static void begin() {
    context().reset();
    context().getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
  }

  public static void level(String level) {
    context().getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.WARN);
    context().getLogger("taskmaster").setLevel(Level.toLevel(level, Level.INFO));
  }

  /** Whether {@link #toFile} will do; makes the file's folder. */
  public static void check(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) Files.createDirectories(folder);
    Path touched = Files.exists(file) || folder == null ? file : folder;
    if (Files.isDirectory(file) || !Files.isWritable(touched)) {
      throw new IOException(Files.isDirectory(file) ? "Is a directory" : "Permission denied");
    }
  }

  /** JSON, one object a line; 20 MB and 5 older files at the most. */
  public static void toFile(Path file) throws IOException {
    check(file);
    LoggerContext context = context();
    LogstashEncoder encoder = new LogstashEncoder();
    encoder.setContext(context);
    encoder.setShortenedLoggerNameLength(1);
    encoder.start();
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setName("file");
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(5);
    rolling.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(FileSize.valueOf("20MB"));
    trigger.start();
    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(trigger);
    appender.start();
    replace("file", appender);
  }

  /** For a daemon in the foreground. */
  public static void toStderr(boolean coloured) {
    LoggerContext context = context();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(coloured ? COLOURED : PLAIN);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    replace("console", appender);
  }

  /** For a shell, which knows how to print above the line that is being typed. */
  public static void toHearer(Consumer<String> hearer, boolean coloured) {
    LoggerContext context = context();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern(coloured ? COLOURED : PLAIN);
    layout.start();
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            hearer.accept(layout.doLayout(event).stripTrailing());
          }
        };
    appender.setContext(context);
    appender.start();
    replace("console", appender);
  }

  /** Alerts go to their own file and nowhere else. */
  public static void alertsTo(AlertAppender appender) {
    appender.setContext(context());
    appender.start();
    Logger logger = context().getLogger(ALERTS);
    logger.setAdditive(false);
    logger.setLevel(Level.INFO);
    logger.detachAndStopAllAppenders();
    logger.addAppender(appender);
  }

  private static void replace(String name, Appender<ILoggingEvent> appender) {
    Logger root = context().getLogger(Logger.ROOT_LOGGER_NAME);
    Appender<ILoggingEvent> old = root.getAppender(name);
    appender.setName(name);
    root.addAppender(appender);
    if (old != null) {
      root.detachAppender(old);
      old.stop();
    }
  }

  public static void end() {
    context().stop();
  }
}
