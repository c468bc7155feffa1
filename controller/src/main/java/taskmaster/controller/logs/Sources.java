package taskmaster.controller.logs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All sources by their descriptors: looked up ten thousand times a second by one thread, changed by others too. */
final class Sources {
  private volatile @Nullable Source[] byFd = new Source[64];

  synchronized void add(Source source) {
    @Nullable Source[] next = Arrays.copyOf(byFd, Math.max(byFd.length, Integer.highestOneBit(source.fd) * 2));
    next[source.fd] = source;
    byFd = next;
  }

  synchronized void remove(int fd) {
    if (fd < 0 || fd >= byFd.length) return;
    @Nullable Source[] next = byFd.clone();
    next[fd] = null;
    byFd = next;
  }

  @Nullable Source get(int fd) {
    @Nullable Source[] all = byFd;
    return fd >= 0 && fd < all.length ? all[fd] : null;
  }

  List<Source> all() {
    List<Source> all = new ArrayList<>();
    for (Source source : byFd) if (source != null) all.add(source);
    return all;
  }
}
