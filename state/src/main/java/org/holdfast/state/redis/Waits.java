package org.holdfast.state.redis;

import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// Clients that wait for an element. Whoever came first for a key is told first when the key was written to; when it
/// has got something, the next one is told, since there may be more.
///
/// A wait is registered before its first try, so that no write falls between looking and waiting. Its own state belongs
/// to its session's event loop; the queues by key are guarded by this object's lock, under which nothing is called.
final class Waits {
    private final Map<ByteBuffer, Deque<Wait>> byKey = new HashMap<>();
    private final int max;
    private final DoorFigures figures;
    private volatile int count;

    Waits(int max, DoorFigures figures) {
        this.max = max;
        this.figures = figures;
    }

    /// Lets a session wait.
    ///
    /// @return null, or why it may not
    @Nullable
    Reply begin(Session session, Command command, Blocking.Plain plain) {
        Wait wait = new Wait(session, plain);
        synchronized (this) {
            if (count >= max) {
                return Answers.err("too many clients wait at this node: at most " + max);
            }
            count++;
            for (ByteBuffer key : wait.keys) {
                byKey.computeIfAbsent(key, _ -> new ArrayDeque<>()).add(wait);
            }
        }
        figures.waiting.add(1);
        session.waiting(wait);
        session.submit(command, new Slot.Work(Slot.Kind.WRITE, true, wait::start, UnaryOperator.identity()));
        return null;
    }

    /// Keys were written to, by full name. Any thread.
    void written(List<byte[]> keys) {
        if (count == 0) {
            return;
        }
        for (byte[] key : keys) {
            Wait first = first(ByteBuffer.wrap(key));
            if (first != null) {
                first.tell();
            }
        }
    }

    private synchronized @Nullable Wait first(ByteBuffer key) {
        Deque<Wait> queue = byKey.get(key);
        return queue == null ? null : queue.peek();
    }

    private void remove(Wait wait, boolean tellNext) {
        synchronized (this) {
            count--;
            for (ByteBuffer key : wait.keys) {
                Deque<Wait> queue = byKey.get(key);
                if (queue != null && queue.remove(wait) && queue.isEmpty()) {
                    byKey.remove(key);
                }
            }
        }
        figures.waiting.add(-1);
        if (!tellNext) {
            return;
        }
        // There may be more than was taken, and who was told may have been this one only.
        for (ByteBuffer key : wait.keys) {
            Wait next = first(key);
            if (next != null) {
                next.tell();
            }
        }
    }

    /// One waiting client.
    final class Wait {
        private final Session session;
        private final Blocking.Plain plain;
        private final List<ByteBuffer> keys;
        private final CompletableFuture<Reply> result = new CompletableFuture<>();
        private boolean trying;
        private boolean told;
        private @Nullable Reply ending;
        private boolean over;
        private @Nullable Future<?> timer;

        Wait(Session session, Blocking.Plain plain) {
            this.session = session;
            this.plain = plain;
            KeyMapping mapping = session.door().settings().keys();
            this.keys = plain.keys().stream()
                    .map(key -> ByteBuffer.wrap(mapping.full(key)))
                    .distinct()
                    .toList();
        }

        CompletableFuture<Reply> start() {
            if (plain.nanos() > 0) {
                timer = session.loop().schedule(this::expire, plain.nanos(), TimeUnit.NANOSECONDS);
            }
            attempt();
            return result;
        }

        /// Something was written: look again. Any thread.
        void tell() {
            session.loop().execute(this::attempt);
        }

        /// No longer: but what a try under way pops is still given.
        void expire() {
            end(Reply.NIL_LISTING);
        }

        /// CLIENT UNBLOCK, on the session's event loop.
        void unblock(boolean asError) {
            end(asError ? new Reply.Failure("UNBLOCKED", "client unblocked via CLIENT UNBLOCK") : Reply.NIL_LISTING);
        }

        private void end(Reply with) {
            ending = with;
            if (!trying) {
                finish(with);
            }
        }

        private void attempt() {
            if (over) {
                return;
            }
            if (trying) {
                told = true;
                return;
            }
            trying = true;
            told = false;
            Request request = new Request(
                    new Request.Origin(
                            session.client().id,
                            session.client().userName(),
                            session.door().settings().keys()),
                    List.of(plain.command()),
                    false,
                    List.of(),
                    Request.Consistency.LINEARIZABLE);
            var _ = session.door().backend().execute(request).whenComplete((reply, fault) -> {
                Reply got = fault == null ? reply : Faults.reply(fault);
                if (session.loop().inEventLoop()) {
                    tried(got);
                } else {
                    session.loop().execute(() -> tried(got));
                }
            });
        }

        private void tried(Reply reply) {
            trying = false;
            if (over) {
                return;
            }
            if (!(reply instanceof Reply.Nil) && !(reply instanceof Reply.NilListing)) {
                finish(plain.shape().apply(reply));
            } else if (ending != null) {
                finish(ending);
            } else if (session.ended()) {
                finish(Reply.NIL_LISTING);
            } else if (told) {
                attempt();
            }
        }

        /// The connection is gone. What a try under way pops is lost with it.
        void leave() {
            finish(Reply.NIL_LISTING);
        }

        private void finish(Reply reply) {
            if (over) {
                return;
            }
            over = true;
            if (timer != null) {
                timer.cancel(false);
            }
            session.waiting(null);
            boolean got = !(reply instanceof Reply.NilListing) && !(reply instanceof Reply.Failure);
            remove(this, got || told || trying);
            result.complete(reply);
        }
    }
}
