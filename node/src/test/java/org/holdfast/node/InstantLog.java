package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.Orderer;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// The log of a channel whose other members are always there and always agree: a record is committed when it is
/// appended. It can lose its leader and hold back what is committed.
final class InstantLog implements Orderer.Engine, OrderedLog {
    private final MemberId self;
    private final List<Seated> members;
    /// Calls the channel, one event after the other.
    private final ExecutorService events = Executors.newSingleThreadExecutor();
    // Guarded by this.
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private boolean holding;
    private boolean leads = true;
    private long term = 1;
    private long last;
    private @Nullable Reader reader;
    private @Nullable Stamper stamper;

    InstantLog(MemberId self, List<MemberId> members) {
        this.self = self;
        this.members = members.stream()
                .map(member -> new Seated(member, "127.0.0.1:1"))
                .toList();
    }

    /// This node leads, or nobody does.
    synchronized void lead(boolean now) {
        leads = now;
        term++;
        Leadership leadership = leadership();
        Reader told = Objects.requireNonNull(reader);
        events.execute(() -> told.leadership(leadership));
    }

    /// Whether what is appended stays uncommitted until let go.
    synchronized void hold(boolean now) {
        holding = now;
        while (!holding && !held.isEmpty()) {
            held.remove().run();
        }
    }

    @Override
    public void cut(MemberId member) {}

    @Override
    public void admit(MemberId member) {}

    @Override
    public synchronized OrderedLog open(Position resumeFrom, Reader toldOf, Stamper stampedBy) {
        reader = toldOf;
        stamper = stampedBy;
        last = resumeFrom.index();
        Leadership leadership = leadership();
        Position first = new Position(term, ++last);
        events.execute(() -> {
            toldOf.members(members, first);
            toldOf.leadership(leadership);
        });
        return this;
    }

    @Override
    public synchronized CompletableFuture<Position> append(ByteString record) {
        if (!leads) {
            return CompletableFuture.failedFuture(
                    Refusal.of(Code.NOT_LEADER, "no leader").asException());
        }
        CompletableFuture<Position> answer = new CompletableFuture<>();
        boolean cutAfter = Objects.requireNonNull(stamper).cutAfter(record);
        Runnable commit = () -> commit(record, cutAfter, answer);
        if (holding) {
            held.add(commit);
        } else {
            commit.run();
        }
        return answer;
    }

    private void commit(ByteString record, boolean cutAfter, CompletableFuture<Position> answer) {
        Position position = new Position(term, ++last);
        Reader told = Objects.requireNonNull(reader);
        Entry entry = new Entry(position, Objects.requireNonNull(stamper).timeMillis(), cutAfter, record);
        events.execute(() -> {
            told.entry(entry);
            answer.complete(position);
        });
    }

    @Override
    public synchronized Leadership leadership() {
        return new Leadership(leads ? Optional.of(self) : Optional.empty(), term, leads);
    }

    @Override
    public List<Seated> members() {
        return members;
    }

    @Override
    public CompletableFuture<Void> changeMembers(List<Seated> current, List<Seated> next) {
        return CompletableFuture.failedFuture(new Ambiguous("members do not change here"));
    }

    @Override
    public CompletableFuture<Void> transferLeadership(Optional<MemberId> to) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void forgetUpTo(Position durable) {}

    @Override
    public void halt(String reason) {}

    @Override
    public void close() {
        events.shutdown();
    }
}
