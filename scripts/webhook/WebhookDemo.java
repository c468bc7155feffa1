import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Receives alerts, one JSON object for each POST /webhook, and shows them: as lines here and on a page. */
final class WebhookDemo {
  private static final String HOST = "127.0.0.1";
  private static final int MOST_BYTES = 1024 * 1024;
  private static final int MOST_KEPT = 500;
  private static final int MOST_BEHIND = 1_000;
  private static final String TOO_SLOW = "";

  private final Map<String, Alert> kept = new LinkedHashMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Set<BlockingQueue<String>> pages = new HashSet<>();
  private final AtomicInteger toFail;
  private final boolean coloured =
      System.console() != null && System.console().isTerminal() && System.getenv("NO_COLOR") == null;
  private int received;
  private int repeats;

  private WebhookDemo(int toFail) {
    this.toFail = new AtomicInteger(toFail);
  }

  public static void main(String... args) throws IOException {
    int port = 8080;
    int fail = 0;
    for (int i = 0; i < args.length; i += 2) {
      String value = i + 1 < args.length ? args[i + 1] : "";
      switch (args[i]) {
        case "--port" -> port = number("--port", value, 65_535);
        case "--fail" -> fail = number("--fail", value, 1_000_000);
        default -> exit(2, "usage: unknown argument '" + args[i] + "' (known: --port PORT, --fail N)");
      }
    }
    // else each answer waits for the client's delayed acknowledgement
    System.setProperty("sun.net.httpserver.nodelay", "true");
    try {
      HttpServer server = HttpServer.create(new InetSocketAddress(HOST, port), 0);
      String url = "http://" + HOST + ":" + server.getAddress().getPort();
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", new WebhookDemo(fail)::handle);
      server.start();
      System.out.println("alerts go to " + url + "/webhook and show here and on " + url + "/ (Ctrl-C ends)");
    } catch (IOException e) {
      boolean taken = e instanceof BindException && String.valueOf(e.getMessage()).contains("in use");
      String why = taken ? "address in use" : e.getMessage();
      exit(1, "cannot listen on " + HOST + ":" + port + ": " + why + "; choose another with --port");
    }
  }

  private static int number(String option, String value, int most) {
    if (!value.matches("[0-9]{1,7}") || Integer.parseInt(value) > most) {
      exit(2, "usage: " + option + " needs a number from 0 to " + most + ", not '" + value + "'");
    }
    return Integer.parseInt(value);
  }

  private static void exit(int code, String why) {
    System.err.println(why);
    System.exit(code);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String known = "/webhook".equals(path) ? "POST" : "/".equals(path) || "/events".equals(path) ? "GET" : "";
      if (known.isEmpty()) {
        answer(exchange, 404, "nothing is here: alerts go to POST /webhook, the page is /");
      } else if (!exchange.getRequestMethod().equals(known)) {
        exchange.getResponseHeaders().set("Allow", known);
        answer(exchange, 405, path + " takes " + known + " only");
      } else {
        switch (path) {
          case "/webhook" -> receive(exchange);
          case "/events" -> stream(exchange);
          default -> page(exchange);
        }
      }
    }
  }

  private static void answer(HttpExchange exchange, int status, String sentence) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    send(exchange, status, sentence + "\n");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    boolean bare = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, bare ? -1 : bytes.length);
    if (!bare) exchange.getResponseBody().write(bytes);
  }

  private void receive(HttpExchange exchange) throws IOException {
    byte[] body;
    try (InputStream in = exchange.getRequestBody()) {
      body = in.readNBytes(MOST_BYTES + 1);
      in.transferTo(OutputStream.nullOutputStream()); // a sender that is cut off would not see the answer
    }
    int failsLeft = toFail.getAndUpdate(n -> Math.max(0, n - 1)) - 1;
    if (failsLeft >= 0) {
      System.out.println(paint(Tone.WARN, "answered 503 as --fail asks (" + failsLeft + " more to come)"));
      answer(exchange, 503, "this request fails because --fail asks for it");
    } else if (body.length > MOST_BYTES) {
      answer(exchange, 413, "an alert has at most 1 MiB");
    } else {
      try {
        String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        if (!(new Json(text).read() instanceof Map<?, ?> alert)) {
          answer(exchange, 400, "an alert is a JSON object");
        } else if (!(alert.get("event") instanceof String)) {
          answer(exchange, 400, "the alert has no \"event\" that is a string");
        } else {
          take(alert);
          answer(exchange, 200, "taken");
        }
      } catch (CharacterCodingException e) {
        answer(exchange, 400, "the body is not JSON: it is not UTF-8");
      } catch (ParseException e) {
        answer(exchange, 400, "the body is not JSON: " + e.getMessage() + " at character " + (e.getErrorOffset() + 1));
      }
    }
  }

  private synchronized void take(Map<?, ?> json) {
    received++;
    // the time too: with a new alert file the numbers begin again
    String key = json.containsKey("seq") ? json.get("seq") + " " + json.get("@timestamp") : "received " + received;
    Alert before = kept.get(key);
    Alert alert = before == null ? Alert.of(received, json) : before.again();
    kept.put(key, alert);
    if (kept.size() > MOST_KEPT) kept.remove(kept.keySet().iterator().next());
    if (before == null) counts.merge(alert.event(), 1, Integer::sum);
    else repeats++;
    System.out.println(line(alert));
    String message = message(false, List.of(alert));
    for (BlockingQueue<String> page : Set.copyOf(pages)) {
      if (page.size() < MOST_BEHIND) {
        page.add(message);
      } else {
        pages.remove(page);
        page.clear();
        page.add(TOO_SLOW);
      }
    }
  }

  private String line(Alert alert) {
    String rest =
        alert.rest().entrySet().stream()
            .map(e -> escape(e.getKey()) + "=" + oneWord(e.getValue()))
            .collect(Collectors.joining(" "));
    String start = "%-19s %6s  ".formatted(escape(alert.time()), escape(alert.seq()));
    String event = "%-16s".formatted(escape(alert.event()));
    String end = "  %-16s  %s".formatted(escape(alert.instance()), rest);
    if (alert.repeats() == 0) return start + paint(alert.tone(), event) + end;
    return paint(Tone.CALM, start + event + end + " (repeat " + alert.repeats() + ")");
  }

  private static String oneWord(String text) {
    return text.matches("[^\\s\"=]+") ? escape(text) : quote(text);
  }

  private String paint(Tone tone, String text) {
    return coloured ? "\033[" + tone.sgr + "m" + text + "\033[0m" : text;
  }

  /** Server-Sent Events: first all that is kept, then each alert as it comes. */
  private void stream(HttpExchange exchange) throws IOException {
    BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    synchronized (this) {
      queue.add("retry: 1000\n" + message(true, new ArrayList<>(kept.values())));
      pages.add(queue);
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      while (true) {
        String message = queue.poll(15, TimeUnit.SECONDS);
        if (TOO_SLOW.equals(message)) return; // it connects again and gets all that is kept
        out.write((message == null ? ":\n\n" : message).getBytes(UTF_8)); // a comment shows whether the page is gone
        out.flush();
      }
    } catch (IOException | InterruptedException gone) {
      return;
    } finally {
      synchronized (this) {
        pages.remove(queue);
      }
    }
  }

  private String message(boolean all, List<Alert> alerts) {
    return "data: {\"all\":%b,\"repeats\":%d,\"counts\":[%s],\"alerts\":[%s]}\n\n"
        .formatted(
            all,
            repeats,
            counts.entrySet().stream()
                .map(e -> "[%s,%s,%d]".formatted(quote(e.getKey()), quote(Tone.of(e.getKey()).css()), e.getValue()))
                .collect(Collectors.joining(",")),
            alerts.stream().map(Alert::json).collect(Collectors.joining(",")));
  }

  private static void page(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange
        .getResponseHeaders()
        .set(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
                + " img-src data:");
    send(exchange, 200, PAGE.replace("MOST_KEPT", "" + MOST_KEPT));
  }

  /** No control and no invisible format characters: they could move the cursor or turn the text around. */
  private static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (char c : text.toCharArray()) {
      boolean harmless =
          switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
          };
      if (harmless) out.append(c);
      else out.append("\\u").append(HexFormat.of().toHexDigits(c));
    }
    return out.toString();
  }

  private static String quote(String text) {
    return '"' + escape(text.replace("\\", "\\\\").replace("\"", "\\\"")) + '"';
  }

  private enum Tone {
    GOOD(32), WARN(33), BAD(31), INFO(36), CALM(90);

    private final int sgr;

    Tone(int sgr) {
      this.sgr = sgr;
    }

    static Tone of(String event) {
      return switch (event.substring(event.lastIndexOf('_') + 1)) {
        case "started", "running" -> GOOD;
        case "exited", "backoff" -> WARN;
        case "fatal", "rejected", "failed" -> BAD;
        case "stopped", "stopping" -> CALM;
        default -> INFO;
      };
    }

    String css() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** @param repeats how often it came again */
  private record Alert(
      int id, String time, String seq, String event, String instance, Map<String, String> rest, int repeats) {

    static Alert of(int id, Map<?, ?> json) {
      Map<String, String> rest = new LinkedHashMap<>();
      Object payload = json.get("payload");
      if (payload instanceof Map<?, ?> map) map.forEach((key, value) -> rest.put(key.toString(), value.toString()));
      else if (payload != null) rest.put("payload", payload.toString());
      String instance = rest.getOrDefault("instance", "-");
      rest.remove("instance");
      if (instance.startsWith(rest.get("program") + ":")) rest.remove("program");
      return new Alert(id, text(json, "timestamp"), text(json, "seq"), text(json, "event"), instance, rest, 0);
    }

    private static String text(Map<?, ?> json, String key) {
      Object value = json.get(key);
      return value == null ? "-" : value.toString();
    }

    Alert again() {
      return new Alert(id, time, seq, event, instance, rest, repeats + 1);
    }

    Tone tone() {
      return Tone.of(event);
    }

    String json() {
      return "{\"id\":%d,\"time\":%s,\"seq\":%s,\"event\":%s,\"tone\":%s,\"instance\":%s,\"repeats\":%d,\"rest\":[%s]}"
          .formatted(
              id,
              quote(time),
              quote(seq),
              quote(event),
              quote(tone().css()),
              quote(instance),
              repeats,
              rest.entrySet().stream()
                  .map(e -> "[" + quote(e.getKey()) + "," + quote(e.getValue()) + "]")
                  .collect(Collectors.joining(",")));
    }
  }

  /** Reads JSON as RFC 8259 has it, into maps, lists, strings and words; the JDK has no reader of its own. */
  private static final class Json {
    private static final int DEEPEST = 100;
    private static final Pattern WORD =
        Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?|true|false|null");

    private final String text;
    private final Matcher word;
    private int at;
    private int depth;

    /** A number as it was written, true, false or null. */
    private record Word(String text) {
      @Override
      public String toString() {
        return text;
      }
    }

    Json(String text) {
      this.text = text;
      this.word = WORD.matcher(text);
    }

    Object read() throws ParseException {
      Object value = value();
      if (at < text.length()) throw wrong("something follows the value");
      return value;
    }

    private Object value() throws ParseException {
      skipSpace();
      Object value =
          switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> word();
          };
      skipSpace();
      return value;
    }

    private Map<String, Object> object() throws ParseException {
      Map<String, Object> map = new LinkedHashMap<>();
      open();
      while (!closed('}', map.isEmpty())) {
        skipSpace();
        if (peek() != '"') throw wrong("a name in quotes is missing");
        String name = string();
        skipSpace();
        if (peek() != ':') throw wrong("a ':' is missing");
        at++;
        map.put(name, value());
      }
      return map;
    }

    private List<Object> array() throws ParseException {
      List<Object> list = new ArrayList<>();
      open();
      while (!closed(']', list.isEmpty())) list.add(value());
      return list;
    }

    private void open() throws ParseException {
      if (++depth > DEEPEST) throw wrong("it is nested too deeply");
      at++;
      skipSpace();
    }

    /** Past the end, or past the comma that is due before each member but the first. */
    private boolean closed(char end, boolean first) throws ParseException {
      if (peek() == end) {
        depth--;
        at++;
        return true;
      }
      if (!first) {
        if (peek() != ',') throw wrong("a ',' or '" + end + "' is missing");
        at++;
      }
      return false;
    }

    private String string() throws ParseException {
      StringBuilder out = new StringBuilder();
      at++;
      while (peek() != '"') {
        if (at == text.length()) throw wrong("a string does not end");
        if (peek() < ' ') throw wrong("a control character is in a string");
        char c = text.charAt(at++);
        out.append(c == '\\' ? escaped() : c);
      }
      at++;
      return out.toString();
    }

    private char escaped() throws ParseException {
      int simple = "\"\\/bfnrt".indexOf(peek());
      if (simple >= 0) {
        at++;
        return "\"\\/\b\f\n\r\t".charAt(simple);
      }
      int end = at + 5;
      boolean hex =
          peek() == 'u' && end <= text.length() && text.substring(at + 1, end).chars().allMatch(HexFormat::isHexDigit);
      if (!hex) throw wrong("an escape is not one of JSON's");
      char c = (char) HexFormat.fromHexDigits(text, at + 1, end);
      at = end;
      return c;
    }

    private Word word() throws ParseException {
      if (at == text.length()) throw wrong("it ends too early");
      if (!word.region(at, text.length()).lookingAt()) throw wrong("a value is missing");
      at = word.end();
      return new Word(word.group());
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : 0;
    }

    private void skipSpace() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
    }

    private ParseException wrong(String what) {
      return new ParseException(what, at);
    }
  }

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>TaskMaster alerts</title>
      <link rel="icon" href="data:,">
      <style>
        :root {
          color-scheme: light dark;
          --back: #f5f6f8; --card: #fff; --text: #1c2330; --soft: #5b6577; --line: #e1e5eb; --fresh: #fff4c2;
          --good: #12703a; --warn: #8a5300; --bad: #b3202c; --info: #0b5cad; --calm: #566072;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --back: #12151b; --card: #1a1f28; --text: #e4e8ef; --soft: #98a3b5; --line: #2b3240; --fresh: #3a3515;
            --good: #5fd48c; --warn: #f0b454; --bad: #ff8088; --info: #73b7ff; --calm: #a8b2c3;
          }
        }
        body { margin: 0 auto; padding: 1.5rem; max-width: 80rem; background: var(--back); color: var(--text);
          font: 15px/1.5 system-ui, sans-serif; }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
        h1 { margin: 0; font-size: 1.4rem; }
        .state::before { content: "\\25cf\\00a0"; }
        #counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; padding: 0; list-style: none; }
        #counts li { display: flex; align-items: center; gap: .5rem; padding: .3rem .7rem .3rem .3rem;
          background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
        .badge { display: inline-block; padding: .05rem .55rem; border-radius: .4rem; overflow-wrap: anywhere;
          background: color-mix(in srgb, currentColor 13%, transparent); font-weight: 600; font-size: .85em; }
        .good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
        .info { color: var(--info); } .calm { color: var(--calm); }
        .card { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
        table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .35rem .8rem; text-align: left; vertical-align: top;
          border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; font-size: .85em; }
        tbody tr:last-child td { border-bottom: 0; }
        td { overflow-wrap: anywhere; }
        @media (min-width: 50rem) {
          td:not(:last-child) { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
          td:last-child { width: 99%; }
          :is(td, th):nth-child(2) { text-align: right; }
        }
        @media (max-width: 50rem) {
          thead { display: none; }
          tr { display: flex; flex-wrap: wrap; gap: .2rem .8rem; padding: .5rem .8rem;
            border-bottom: 1px solid var(--line); }
          td { padding: 0; border: 0; }
          td:last-child { width: 100%; }
        }
        .pair { display: inline-block; margin-right: .9rem; }
        .pair span, #empty { color: var(--soft); }
        #empty { padding: 1.5rem; margin: 0; }
        @media (prefers-reduced-motion: no-preference) { .fresh { animation: fresh 2s; } }
        @keyframes fresh { from { background: var(--fresh); } }
      </style>
      </head>
      <body>
      <header>
        <h1>TaskMaster alerts</h1>
        <span id="state" class="state calm" role="status">connecting</span>
      </header>
      <ul id="counts" aria-label="Alerts by event"></ul>
      <div class="card">
        <table id="table" hidden>
          <thead>
            <tr>
              <th scope="col">Time</th><th scope="col">Seq</th><th scope="col">Event</th>
              <th scope="col">Instance</th><th scope="col">Details</th>
            </tr>
          </thead>
          <tbody id="alerts"></tbody>
        </table>
        <p id="empty">No alerts yet. They go to POST <code id="url"></code></p>
      </div>
      <script>
        const $ = id => document.getElementById(id);
        $('url').textContent = location.origin + '/webhook';

        // textContent only: whatever an alert says stays text
        function make(tag, classes, ...content) {
          const element = document.createElement(tag);
          element.className = classes;
          for (const part of content) element.append(part instanceof Node ? part : document.createTextNode(part));
          return element;
        }

        function row(alert, fresh) {
          const event = make('td', '', make('span', 'badge ' + alert.tone, alert.event));
          const rest = make('td', '', ...alert.rest.map(
            ([key, value]) => make('span', 'pair', make('span', '', key + ' '), value)));
          if (alert.repeats) rest.append(make('span', 'badge calm', 'repeated \\u00d7' + alert.repeats));
          const tr = make('tr', fresh ? 'fresh' : '',
            make('td', '', alert.time), make('td', '', alert.seq), event, make('td', '', alert.instance), rest);
          tr.id = 'alert-' + alert.id;
          return tr;
        }

        function show({all, counts, repeats, alerts}) {
          if (all) $('alerts').replaceChildren();
          for (const alert of alerts) {
            const next = row(alert, !all), before = $(next.id);
            if (before) before.replaceWith(next);
            else $('alerts').prepend(next);
          }
          while ($('alerts').rows.length > MOST_KEPT) $('alerts').lastChild.remove();
          $('counts').replaceChildren(...counts.map(
            ([event, tone, count]) => make('li', '', make('span', 'badge ' + tone, event), '' + count)));
          if (repeats) $('counts').append(make('li', '', make('span', 'badge calm', 'repeats'), '' + repeats));
          $('empty').hidden = $('alerts').rows.length > 0;
          $('table').hidden = !$('empty').hidden;
        }

        function state(text, tone) {
          $('state').textContent = text;
          $('state').className = 'state ' + tone;
        }

        function connect() {
          const events = new EventSource('/events');
          events.onopen = () => state('live', 'good');
          events.onmessage = message => show(JSON.parse(message.data));
          events.onerror = () => {
            state('connection lost, trying again', 'bad');
            if (events.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
          };
        }
        connect();
      </script>
      </body>
      </html>
      """;
}
