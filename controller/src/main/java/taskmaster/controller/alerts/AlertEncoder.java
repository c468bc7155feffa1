package taskmaster.controller.alerts;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import net.logstash.logback.composite.AbstractJsonProvider;
import net.logstash.logback.encoder.LoggingEventCompositeJsonEncoder;
import tools.jackson.core.JsonGenerator;

/** A log event that carries an {@link Alert}, as one line of JSON. */
final class AlertEncoder extends LoggingEventCompositeJsonEncoder {
  private final AlertProvider provider = new AlertProvider();

  AlertEncoder() {
    getProviders().addProvider(provider);
    setLineSeparator("\n");
  }

  byte[] encode(ILoggingEvent event, long seq) {
    provider.seq = seq;
    return encode(event);
  }

  private static final class AlertProvider extends AbstractJsonProvider<ILoggingEvent> {
    private static final DateTimeFormatter LOCAL =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
    private static final DateTimeFormatter RFC_3339 = DateTimeFormatter.ISO_INSTANT.withZone(ZoneOffset.UTC);
    private long seq;

    @Override
    public void writeTo(JsonGenerator json, ILoggingEvent event) {
      Alert alert = AlertAppender.alertOf(event);
      json.writeStringProperty("timestamp", LOCAL.format(alert.time()));
      json.writeStringProperty("event", alert.event());
      json.writeObjectPropertyStart("payload");
      for (Map.Entry<String, Object> e : alert.payload().entrySet()) json.writePOJOProperty(e.getKey(), e.getValue());
      json.writeEndObject();
      json.writeStringProperty("@timestamp", RFC_3339.format(alert.time().truncatedTo(ChronoUnit.MILLIS)));
      json.writeNumberProperty("seq", seq);
    }

    @Override
    public void prepareForDeferredProcessing(ILoggingEvent event) {
      event.prepareForDeferredProcessing();
    }
  }
}
