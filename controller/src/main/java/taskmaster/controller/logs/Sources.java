package taskmaster.controller.logs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** All sources by their descriptors: looked up ten thousand times a second by one thread, changed by others too. */
final class Sources {
  private volatile AtomicReferenceArray<@Nullable Source> byFd = new AtomicReferenceArray<>(64);

  synchronized void add(Source source) {
    AtomicReferenceArray<@Nullable Source> all = byFd;
    if (source.fd >= all.length()) {
      all = withRoomFor(source.fd);
      byFd = all;
    }
    all.set(source.fd, source);
  }

  private AtomicReferenceArray<@Nullable Source> withRoomFor(int fd) {
    AtomicReferenceArray<@Nullable Source> next = new AtomicReferenceArray<>(Integer.highestOneBit(fd) * 2);
    for (int i = 0; i < byFd.length(); i++) next.setPlain(i, byFd.get(i));
    return next;
  }

  synchronized void remove(int fd) {
    if (fd >= 0 && fd < byFd.length()) byFd.set(fd, null);
  }

  @Nullable Source get(int fd) {
    AtomicReferenceArray<@Nullable Source> all = byFd;
    return fd >= 0 && fd < all.length() ? all.get(fd) : null;
  }

  List<Source> all() {
    List<Source> found = new ArrayList<>();
    AtomicReferenceArray<@Nullable Source> all = byFd;
    for (int i = 0; i < all.length(); i++) {
      Source source = all.get(i);
      if (source != null) found.add(source);
    }
    return found;
  }
}
