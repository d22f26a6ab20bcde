package org.holdfast.state.redis;

import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// Clients that wait for an element. Whoever came first for a key is told first when the key was written to; when it
/// has got something, the next one is told, since there may be more. Who comes while others wait for a key waits behind
/// them without a try of its own.
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
        }
        session.waiting(wait);
        session.submit(command, new Slot.Work(Slot.Kind.WRITE, true, wait::start, UnaryOperator.identity()));
        // Whoever sees this client counted sees it in the queues.
        figures.waiting.add(1);
        return null;
    }

    /// Keys were written to, by full name. Any thread.
    void written(List<byte[]> keys) {
        if (count == 0) {
            return;
        }
        // Who waits for several of them is told of all at once, to take from the one it named first.
        Map<Wait, List<ByteBuffer>> told = new LinkedHashMap<>();
        for (byte[] bytes : keys) {
            ByteBuffer key = ByteBuffer.wrap(bytes);
            Wait first = first(key);
            if (first != null) {
                told.computeIfAbsent(first, _ -> new ArrayList<>()).add(key);
            }
        }
        told.forEach(Wait::tell);
    }

    private void tellFirst(ByteBuffer key) {
        Wait first = first(key);
        if (first != null) {
            first.tell(List.of(key));
        }
    }

    /// Puts a client behind those that wait.
    ///
    /// @return the keys for which nobody waits who would take the same
    private synchronized List<ByteBuffer> add(Wait wait) {
        List<ByteBuffer> first = new ArrayList<>();
        wait.keys.keySet().forEach(key -> {
            Deque<Wait> queue = byKey.computeIfAbsent(key, _ -> new ArrayDeque<>());
            if (queue.stream().noneMatch(other -> other.plain.isOfLists() == wait.plain.isOfLists())) {
                first.add(key);
            }
            queue.add(wait);
        });
        return first;
    }

    /// Tells whoever is behind a client, for which what a key holds is nothing to pop from.
    private void passOn(ByteBuffer key, Wait from) {
        Wait next = behind(key, from);
        if (next != null) {
            next.tell(List.of(key));
        }
    }

    private synchronized @Nullable Wait behind(ByteBuffer key, Wait wait) {
        Iterator<Wait> queue = byKey.getOrDefault(key, new ArrayDeque<>()).iterator();
        while (queue.hasNext()) {
            if (queue.next() == wait) {
                return queue.hasNext() ? queue.next() : null;
            }
        }
        return null;
    }

    private synchronized @Nullable Wait first(ByteBuffer key) {
        Deque<Wait> queue = byKey.get(key);
        return queue == null ? null : queue.peek();
    }

    private void remove(Wait wait, boolean tellNext) {
        synchronized (this) {
            count--;
            for (ByteBuffer key : wait.keys.keySet()) {
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
        wait.keys.keySet().forEach(this::tellFirst);
    }

    /// One waiting client.
    final class Wait {
        private final Session session;
        private final Blocking.Plain plain;

        /// By their full names.
        private final Map<ByteBuffer, byte[]> keys = new LinkedHashMap<>();

        /// Keys that were written to and not looked at since.
        private final Set<ByteBuffer> told = new HashSet<>();

        private final CompletableFuture<Reply> result = new CompletableFuture<>();
        private boolean trying;
        private @Nullable Reply ending;
        private boolean over;
        private @Nullable Future<?> timer;

        Wait(Session session, Blocking.Plain plain) {
            this.session = session;
            this.plain = plain;
            KeyMapping mapping = session.door().settings().keys();
            plain.keys().forEach(key -> keys.put(ByteBuffer.wrap(mapping.full(key)), key));
        }

        CompletableFuture<Reply> start() {
            if (!over) {
                List<ByteBuffer> first = add(this);
                if (plain.nanos() > 0) {
                    timer = session.loop().schedule(this::expire, plain.nanos(), TimeUnit.NANOSECONDS);
                }
                if (!first.isEmpty()) {
                    attempt(first.stream().map(keys::get).toList(), this::triedFirst);
                }
            }
            return result;
        }

        /// Keys were written to: look again. Any thread.
        void tell(List<ByteBuffer> written) {
            session.loop().execute(() -> {
                if (over) {
                    // It was chosen while it left: whoever is first now has to know instead.
                    written.forEach(Waits.this::tellFirst);
                } else {
                    told.addAll(written);
                    attemptNext();
                }
            });
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

        /// Looks at the next key that was written to, in the order in which the client named them.
        private void attemptNext() {
            if (over || trying || told.isEmpty()) {
                return;
            }
            ByteBuffer key =
                    keys.keySet().stream().filter(told::contains).findFirst().orElseThrow();
            told.remove(key);
            attempt(List.of(Objects.requireNonNull(keys.get(key))), reply -> triedAgain(key, reply));
        }

        private void attempt(List<byte[]> from, Consumer<Reply> then) {
            trying = true;
            Request request = Request.of(
                    new Request.Origin(
                            session.client().id,
                            session.client().userName(),
                            session.door().settings().keys()),
                    List.of(plain.command(from)),
                    Request.Consistency.LINEARIZABLE);
            var _ = tried(request).whenComplete((reply, fault) -> {
                Reply got = fault == null ? reply : Faults.reply(fault);
                if (session.loop().inEventLoop()) {
                    then.accept(got);
                } else {
                    session.loop().execute(() -> then.accept(got));
                }
            });
        }

        /// What is refused at once ends the waiting like what is refused later: nobody may stay in the queues.
        private CompletionStage<Reply> tried(Request request) {
            try {
                return session.door().backend().execute(request);
            } catch (RuntimeException e) { // boundary: as for other commands, the client is told, and the log of a bug
                return CompletableFuture.failedStage(e);
            }
        }

        private void triedFirst(Reply reply) {
            trying = false;
            if (reply instanceof Reply.Nil || reply instanceof Reply.NilListing) {
                goOn();
            } else {
                finish(plain.shape().apply(reply));
            }
        }

        private void triedAgain(ByteBuffer key, Reply reply) {
            // A key that has become something else does not end the waiting for a list in it. Of a move the place to
            // move to may be wrong, which does.
            boolean other = reply instanceof Reply.Failure no && no.code().equals("WRONGTYPE") && !plain.isMove();
            if (other) {
                passOn(key, this);
            }
            triedFirst(other ? Reply.NIL : reply);
        }

        private void goOn() {
            if (ending != null) {
                finish(ending);
            } else if (session.ended()) {
                finish(Reply.NIL_LISTING);
            } else {
                attemptNext();
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
            boolean tried = !(reply instanceof Reply.NilListing);
            remove(this, tried || !told.isEmpty() || trying);
            result.complete(reply);
        }
    }
}
