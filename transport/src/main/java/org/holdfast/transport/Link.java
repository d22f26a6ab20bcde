package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.netty.handler.ssl.SslContext;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.env.Clock;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.jspecify.annotations.Nullable;

/// A node's link to one member, over one connection that is made when first needed and made again after it
/// breaks. After a failed attempt the next one waits, 100 ms at first and at most 2 s; calls in between fail at
/// once. Thread-safe.
public final class Link implements AutoCloseable {
    private static final long BACKOFF_MIN_NANOS = Duration.ofMillis(100).toNanos();
    private static final long BACKOFF_MAX_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long PING_SECONDS = 10;

    private final NetThreads threads;
    private final Clock clock;
    private final Target target;
    private final SslContext tls;
    private final Duration connect;

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by the lock. A channel is used until it fails, then another is made: gRPC's own backoff grows to minutes.
    private @Nullable ManagedChannel channel;
    private @Nullable SubmitLane lane;
    private long backoffNanos;
    private long notBeforeNanos;
    private boolean closed;

    private Link(NetThreads threads, Target target, SslContext tls, Duration connect) {
        this.threads = threads;
        this.clock = threads.world().clock();
        this.target = target;
        this.tls = tls;
        this.connect = connect;
    }

    /// A link that gives up an attempt to connect after 2 s; nothing is connected yet.
    ///
    /// @param serverKey the member's TLS public key; no other server is spoken to
    public static Link to(NetThreads threads, Target target, TlsKeys keys, PublicKey serverKey) {
        return to(threads, target, keys, serverKey, Wire.CONNECT);
    }

    /// The same with another patience for connecting.
    public static Link to(NetThreads threads, Target target, TlsKeys keys, PublicKey serverKey, Duration connect) {
        return new Link(threads, target, TlsContexts.client(keys, PeerTrust.exactly(serverKey)), connect);
    }

    /// Asks who the member is and where its engine listens. Blocks a virtual thread up to the deadline.
    ///
    /// @throws LinkBroken when it cannot be reached in time; throws [org.holdfast.wire.Refusal.Refused] when it
    ///     refuses
    public RendezvousReply rendezvous(RendezvousRequest request, Duration deadline) throws LinkBroken {
        ManagedChannel used = channelOrThrow();
        var options = CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
        try {
            RendezvousReply reply = ClientCalls.blockingUnaryCall(used, Methods.RENDEZVOUS, options, request);
            reached();
            return reply;
        } catch (StatusRuntimeException e) {
            failed(used, e.getStatus());
            Optional<Refusal> refusal = Answers.refusal(e);
            if (refusal.isPresent()) {
                throw refusal.get().asException();
            }
            throw new LinkBroken("no answer from %s: %s".formatted(target, Answers.text(e.getStatus())), e);
        }
    }

    /// Hands a record to the member, over one stream shared by all callers. Never blocks, never completes
    /// exceptionally. The id is set by the link. Beside what the member answers, the outcome is
    /// - `AMBIGUOUS` when the stream broke after the request may have been sent,
    /// - `NOT_LEADER` when it was certainly not sent: the member cannot be reached,
    /// - `REFUSED` with code `OVERLOADED`'s number when too much is in flight on this link, or with the code of a
    ///   refusal of the whole stream (not a member).
    public CompletableFuture<SubmitReply> submit(SubmitRequest request) {
        lock.lock();
        try {
            SubmitLane open = lane;
            if (open == null) {
                ManagedChannel used = channelNow();
                if (used == null) {
                    return CompletableFuture.completedFuture(SubmitLane.notSent(unreachable()));
                }
                open = new SubmitLane(used, this::laneEnded, this::reached).start();
                lane = open;
            }
            return open.submit(request);
        } finally {
            lock.unlock();
        }
    }

    /// Asks for stored blocks. [BlockStream#next] throws [org.holdfast.wire.Refusal.Refused] when the member
    /// refuses.
    ///
    /// @throws LinkBroken at once while the member is known to be out of reach
    public BlockStream blocks(BlocksRequest request) throws LinkBroken {
        ManagedChannel used = channelOrThrow();
        PulledFlow flow = PulledFlow.start(used.newCall(Methods.BLOCKS, CallOptions.DEFAULT), request);
        return new BlockStream() {
            @Override
            public Optional<ByteString> next() throws LinkBroken {
                try {
                    Optional<ByteString> block = flow.next();
                    reached();
                    return block;
                } catch (LinkBroken e) {
                    failed(used, Status.UNAVAILABLE);
                    throw e;
                }
            }

            @Override
            public void close() {
                flow.cancel();
            }
        };
    }

    /// Asks for a checkpoint of a shard's state.
    ///
    /// @param most for the whole of it
    /// @param silence longest wait for its next part
    /// @throws LinkBroken at once while the member is known to be out of reach
    public PartStream checkpoint(CheckpointRequest request, Duration most, Duration silence) throws LinkBroken {
        ManagedChannel used = channelOrThrow();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(most.toMillis(), TimeUnit.MILLISECONDS);
        PulledFlow flow = PulledFlow.start(used.newCall(Methods.CHECKPOINT, options), request);
        return new PartStream() {
            @Override
            public Optional<ByteString> next() throws LinkBroken {
                return flow.next(silence.toNanos());
            }

            @Override
            public void close() {
                flow.cancel();
            }
        };
    }

    /// Asks the member something small. Never blocks. Completes exceptionally with
    /// [org.holdfast.wire.Refusal.Refused] when the member refuses, with [LinkBroken] when there is no answer by the
    /// deadline.
    public CompletableFuture<Answer> ask(Question question, Duration deadline) {
        ManagedChannel used;
        try {
            used = channelOrThrow();
        } catch (LinkBroken e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        ClientCall<Question, Answer> call = used.newCall(
                Methods.ASK, CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS));
        call.start(
                new Asking(answer, target, status -> {
                    if (status.isOk()) {
                        reached();
                    }
                    failed(used, status);
                }),
                new Metadata());
        call.request(2);
        call.sendMessage(question);
        call.halfClose();
        return answer;
    }

    /// Whether there is a connection to the member now.
    public boolean isConnected() {
        lock.lock();
        try {
            return channel != null && channel.getState(false) == ConnectivityState.READY;
        } finally {
            lock.unlock();
        }
    }

    /// Ends the link; what is waiting completes as when the stream breaks.
    @Override
    public void close() {
        ManagedChannel used;
        lock.lock();
        try {
            closed = true;
            used = channel;
            channel = null;
            lane = null;
        } finally {
            lock.unlock();
        }
        if (used != null) {
            used.shutdownNow();
        }
    }

    private ManagedChannel channelOrThrow() throws LinkBroken {
        lock.lock();
        try {
            ManagedChannel used = channelNow();
            if (used == null) {
                throw new LinkBroken(unreachable(), null);
            }
            return used;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ManagedChannel channelNow() {
        if (closed) {
            return null;
        }
        if (channel == null) {
            if (backoffNanos > 0 && clock.nanos() - notBeforeNanos < 0) {
                return null;
            }
            channel = Wire.open(threads, target, tls, PING_SECONDS, connect);
        }
        return channel;
    }

    private String unreachable() {
        return closed
                ? "the link to " + target + " is closed"
                : Refusal.of(Code.NO_LEADER, "%s cannot be reached; it is tried again shortly", target)
                        .text();
    }

    private void reached() {
        lock.lock();
        try {
            backoffNanos = 0;
        } finally {
            lock.unlock();
        }
    }

    private void laneEnded(SubmitLane ended, ManagedChannel used, Status status) {
        lock.lock();
        try {
            if (ended.equals(lane)) {
                lane = null;
            }
        } finally {
            lock.unlock();
        }
        failed(used, status);
    }

    /// Gives up a channel whose connection failed. Calls still on it go on; a refusal by the member is no failure
    /// of it.
    private void failed(ManagedChannel used, Status status) {
        if (status.getCode() != Status.Code.UNAVAILABLE && status.getCode() != Status.Code.DEADLINE_EXCEEDED) {
            return;
        }
        lock.lock();
        try {
            if (!used.equals(channel)) {
                return;
            }
            channel = null;
            lane = null;
            backoffNanos = Math.clamp(backoffNanos * 2, BACKOFF_MIN_NANOS, BACKOFF_MAX_NANOS);
            notBeforeNanos = clock.nanos() + backoffNanos;
        } finally {
            lock.unlock();
        }
        used.shutdown();
    }
}
