package taskmaster.controller.http;

import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import taskmaster.api.ExitCode;
import taskmaster.api.logs.LogReader;
import taskmaster.controller.core.Goal;

/** Requests that are answered once a goal is reached. Each keeps its connection, of which there are only so many. */
final class Waiting {
  private final Control control;
  private final Peers peers;
  private final Reply reply;
  private final int most;
  private final Semaphore kept;

  /** @param kept the connections that may be kept at a time, {@code most} of them, by who waits or follows */
  Waiting(Control control, Peers peers, Reply reply, int most, Semaphore kept) {
    this.control = control;
    this.peers = peers;
    this.reply = reply;
    this.most = most;
    this.kept = kept;
  }

  static boolean isAsked(ServerRequest q) {
    return Query.flag(q, "wait");
  }

  /** Where nobody asked to wait: how far it is already. */
  Goal.State awaitIfAsked(ServerRequest q, ServerResponse s, Goal goal) throws InterruptedException {
    return isAsked(q) ? await(q, s, goal) : goal.state(control.snapshot(), control.now());
  }

  Goal.State await(ServerRequest q, ServerResponse s, Goal goal) {
    LogReader.Audience client = peers.of(q.socketId());
    if (!kept.tryAcquire()) {
      String why = "cannot wait: " + most + " requests wait already, the most at a time; what was asked for goes on";
      reply.problem(q, s, new Problem(Status.SERVICE_UNAVAILABLE_503, ExitCode.FAILED, why));
      throw new CloseConnectionException("others want its place");
    }
    try {
      return control.await(goal, Query.timeout(q), () -> {
        s.header(HeaderValues.CONNECTION_CLOSE); // whether it is there is seen by reading, and what was read is lost
        return client.isThere();
      });
    } catch (IOException e) {
      throw new CloseConnectionException("nobody waits for the answer", e);
    } catch (InterruptedException e) {
      // by the server, which takes this connection down; no error of the one who asked
      Thread.currentThread().interrupt();
      throw new CloseConnectionException("the server lets go of those who wait", e);
    } finally {
      kept.release();
    }
  }
}
