package org.holdfast.drill;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.drill.Sent.Outcome;
import org.holdfast.env.World;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.Code;
import org.jspecify.annotations.Nullable;

/// One client of the load. It never sends an envelope twice: what an envelope's fate is after a broken stream is a
/// question for the ledger.
///
/// Its thread owns what was sent; answers come on callbacks of the network and touch their [Sent] alone.
final class LoadClient {
    /// Envelopes of one stream without an answer.
    private static final int WINDOW = 64;
    /// A node that has not answered for so long is left.
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(4);
    /// Before the next node is tried.
    private static final long MOVE_MILLIS = 50;
    /// For the last answers, when the load ends.
    private static final long LAST_ANSWERS_SECONDS = 15;
    /// What a refusal says that promises nothing (Gate).

    private final Wiring wiring;
    private final int client;
    private final long gapNanos;
    private final ByteString padding;
    private final List<Sent> sent = new ArrayList<>();
    private final AtomicLong lastServedSend = new AtomicLong(Long.MIN_VALUE / 2);
    private volatile @Nullable Session open;
    private int sessions;
    private long nextNanos;

    /// @param ending counted down when the load ends
    record Wiring(World world, List<SandboxNode> nodes, Author author, CountDownLatch ending) {}

    /// A stream in use.
    private static final class Session {
        private final OrdererClient link;
        private final BroadcastStream stream;
        private final Semaphore window = new Semaphore(WINDOW);
        private final int number;
        private volatile boolean broken;
        private volatile long lastNanos;
        private int count;

        Session(OrdererClient link, int number, long now) {
            this.link = link;
            this.stream = link.broadcast();
            this.number = number;
            this.lastNanos = now;
        }
    }

    LoadClient(Wiring wiring, int client, long gapNanos, int payloadBytes) {
        this.wiring = wiring;
        this.client = client;
        this.gapNanos = gapNanos;
        byte[] bytes = new byte[payloadBytes];
        wiring.world.chance().nextBytes(bytes);
        this.padding = ByteString.copyFrom(bytes);
    }

    void run() {
        try {
            nextNanos = now();
            while (wiring.ending.getCount() > 0) {
                SandboxNode node = wiring.nodes.get((client + sessions) % wiring.nodes.size());
                Session session = new Session(wiring.author.connect(node), sessions++, now());
                open = session;
                try {
                    send(session);
                } finally {
                    session.link.close();
                    open = null;
                }
                wiring.ending.await(MOVE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What was sent, in order. After the client has ended.
    List<Sent> sent() {
        return sent;
    }

    /// When the youngest of the acknowledged envelopes was sent. Any thread.
    long lastServedSend() {
        return lastServedSend.get();
    }

    /// Ends the stream when its node has not answered for a while. Called by the load's watch.
    void leaveSilentNode() {
        Session session = open;
        if (session != null
                && session.window.availablePermits() < WINDOW
                && now() - session.lastNanos > SILENCE_NANOS) {
            session.broken = true;
            session.link.close();
        }
    }

    private void send(Session session) throws InterruptedException {
        while (!session.broken) {
            if (pace()) {
                break;
            }
            if (!session.window.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                continue;
            }
            if (session.window.availablePermits() == WINDOW - 1) {
                session.lastNanos = now();
            }
            try {
                sendOne(session);
            } catch (LinkBroken e) {
                return; // what was sent and not answered stays unknown
            }
        }
        if (!session.broken && !session.window.tryAcquire(WINDOW, LAST_ANSWERS_SECONDS, TimeUnit.SECONDS)) {
            session.broken = true;
        }
    }

    private static final long LOOK_MILLIS = 100;

    private void sendOne(Session session) throws LinkBroken {
        Sent.Place place = new Sent.Place(client, session.number, session.count++);
        ByteString envelope = wiring.author.message(place.id(), padding);
        Sent one = new Sent(place, fingerprint(envelope), now());
        sent.add(one);
        CompletableFuture<BroadcastAnswer> answer = session.stream.send(envelope);
        CompletableFuture<?> _ = answer.whenComplete((told, failure) -> {
            session.lastNanos = now();
            session.window.release();
            if (failure != null) {
                session.broken = true;
            } else {
                note(session, one, told);
            }
        });
    }

    private void note(Session session, Sent one, BroadcastAnswer told) {
        long now = now();
        if (told.isSuccess()) {
            one.answered(Outcome.ACKNOWLEDGED, now, "");
            lastServedSend.accumulateAndGet(one.sentNanos, (a, b) -> b - a > 0 ? b : a);
            return;
        }
        session.broken = true;
        boolean promises = !told.info().startsWith(Code.OUTCOME_UNKNOWN.number());
        one.answered(promises ? Outcome.REFUSED : Outcome.UNKNOWN, now, told.info());
    }

    /// Waits for this client's next turn. After a long stall it does not catch up.
    ///
    /// @return whether the load ends
    private boolean pace() throws InterruptedException {
        long now = now();
        nextNanos = Math.max(nextNanos + gapNanos, now - gapNanos);
        return wiring.ending.await(Math.max(nextNanos - now, 0), TimeUnit.NANOSECONDS);
    }

    private long now() {
        return wiring.world.clock().nanos();
    }

    /// First 8 bytes of an envelope's SHA-256.
    static long fingerprint(ByteString envelope) {
        var digest = BlockHeader.sha256();
        digest.update(envelope.asReadOnlyByteBuffer());
        return ByteString.copyFrom(digest.digest()).asReadOnlyByteBuffer().getLong();
    }
}
