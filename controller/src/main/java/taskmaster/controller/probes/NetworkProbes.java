package taskmaster.controller.probes;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Checks;
import taskmaster.api.Probe;
import taskmaster.controller.core.Action;
import taskmaster.controller.core.Event;

/** Http and tcp probes, each on a virtual thread of its own. Used by the loop's thread alone. */
public final class NetworkProbes implements AutoCloseable {
  private record Key(long run, Checks.Kind kind) {}

  private final Consumer<Event.Answered> hearer;
  private final Map<Key, Thread> underWay = new HashMap<>();
  private @Nullable HttpProbe http;

  /** @param hearer of the answers, each on a thread of its own */
  public NetworkProbes(Consumer<Event.Answered> hearer) {
    this.hearer = hearer;
  }

  /** Whatever is still under way for the same check is ended. */
  public void begin(Action.Probe probe) {
    end(probe.run(), probe.kind());
    Asking asking = asking(probe);
    Thread thread = Thread.ofVirtual().name("probe " + probe.id()).unstarted(() -> ask(probe, asking));
    underWay.put(new Key(probe.run(), probe.kind()), thread);
    thread.start();
  }

  /** Asks, and tells as soon as the answer is known: null is good, else why not. */
  @FunctionalInterface
  interface Asking {
    void ask(Consumer<@Nullable String> answer) throws Exception;
  }

  private Asking asking(Action.Probe probe) {
    return switch (probe.check().probe()) {
      case Probe.Http it -> answer -> http().ask(it, probe.id(), probe.check().timeout(), answer);
      case Probe.Tcp it -> answer -> answer.accept(TcpProbe.ask(it, probe.id(), probe.check().timeout()));
      case Probe.Exec it -> throw new IllegalArgumentException("not over the network: " + it);
      case Probe.Log it -> throw new IllegalArgumentException("not over the network: " + it);
      case Probe.Notify it -> throw new IllegalArgumentException("not over the network: " + it);
    };
  }

  private void ask(Action.Probe probe, Asking asking) {
    AtomicBoolean told = new AtomicBoolean();
    Consumer<@Nullable String> once = why -> {
      if (told.compareAndSet(false, true)) hearer.accept(answered(probe, why));
    };
    try {
      asking.ask(once);
    } catch (InterruptedException givenUp) {
      Thread.currentThread().interrupt(); // nobody waits for the answer any more
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      once.accept(Why.of(e, probe.check().timeout()));
    }
  }

  private static Event.Answered answered(Action.Probe p, @Nullable String why) {
    return new Event.Answered(p.id(), p.run(), p.kind(), p.number(), p.check(), why == null, why == null ? "" : why);
  }

  private synchronized HttpProbe http() {
    HttpProbe made = http;
    if (made == null) {
      made = new HttpProbe();
      http = made;
    }
    return made;
  }

  public void end(long run, Checks.Kind kind) {
    Thread thread = underWay.remove(new Key(run, kind));
    if (thread != null) thread.interrupt();
  }

  @Override
  public void close() {
    underWay.values().forEach(Thread::interrupt);
    underWay.clear();
    HttpProbe made;
    synchronized (this) {
      made = http;
    }
    if (made != null) made.close();
  }
}
