package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.order.OrderedLog;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;

/// The simulated log as one process of a member has it: what it has heard, what it believes, what it is told.
final class LogDoor implements OrderedLog {
    /// Tasks of the process beyond which it gets nothing more: it would hold the engine's thread.
    private static final int TASKS_MAX = 16;
    /// Records given to a process whose disk takes no blocks.
    private static final int STALLED_MAX = 8;
    private static final long RETRY = 20 * Timeline.MILLI;

    private final SimLog log;
    private final int node;
    private final MemberId self;
    private final Host host;
    private final Reader reader;
    private final Stamper stamper;
    private final Dice dice;
    /// The member's own log goes so far, whatever others have forgotten.
    private final long ownUntil;

    private final long lag;
    private long read;
    private Leadership told = new Leadership(Optional.empty(), 0, false);
    private boolean cutOff;
    private boolean failed;
    private boolean closed;
    private boolean deliveryComes;
    private boolean hearingComes;
    private boolean catchingUp;
    private int givenWhileStalled;

    /// What a process opened its log with.
    record Opened(Host host, Position resumeFrom, Reader reader, Stamper stamper) {}

    LogDoor(SimLog log, int node, Opened opened) {
        this.log = log;
        this.node = node;
        this.self = log.scene().members().get(node);
        this.host = opened.host;
        this.reader = opened.reader;
        this.stamper = opened.stamper;
        this.dice = log.dice();
        this.read = opened.resumeFrom.index();
        this.ownUntil = dice.coin() ? log.heard(node) : 0;
        this.lag = dice.one(200 * Timeline.MICRO, Timeline.MILLI, 15 * Timeline.MILLI);
    }

    /// The last entry that is behind the reader.
    long read() {
        return read;
    }

    boolean takesPart() {
        return !closed && !cutOff && !failed && !host.isDead();
    }

    boolean isFailed() {
        return failed;
    }

    // ---- faults

    void cutOff(boolean now) {
        cutOff = now;
        hearSoon();
        deliverSoon();
    }

    void fail() {
        if (!failed) {
            failed = true;
            reader.logFailed("No space left on device");
        }
    }

    void recover() {
        if (failed) {
            failed = false;
            reader.logRecovered();
            hearSoon();
            deliverSoon();
        }
    }

    // ---- leadership

    void hearSoon() {
        if (!hearingComes && !closed) {
            hearingComes = true;
            long most = log.scene().isCalm() || !dice.permille(150) ? 2 * Timeline.MILLI : 200 * Timeline.MILLI;
            Timeline.Event _ = host.after(dice.between(0, most), "hear of leader", this::hear);
        }
    }

    private void hear() {
        hearingComes = false;
        if (cutOff || closed) {
            return;
        }
        boolean leads = log.leader() == node && !failed;
        Leadership now = new Leadership(
                failed ? Optional.empty() : log.leaderMember(), log.term(), leads && read >= log.electedAt());
        if (!now.equals(told)) {
            told = now;
            reader.leadership(now);
        }
    }

    private boolean becomesReady() {
        return log.leader() == node && told.term() == log.term() && !told.ready() && read >= log.electedAt();
    }

    @Override
    public Leadership leadership() {
        return told;
    }

    @Override
    public List<Seated> members() {
        return log.members();
    }

    @Override
    public CompletableFuture<Void> changeMembers(List<Seated> current, List<Seated> next) {
        throw Violation.of(LogDoor.class, "nobody changes members here");
    }

    @Override
    public CompletableFuture<Void> transferLeadership(Optional<MemberId> to) {
        log.electSomebody();
        return CompletableFuture.completedFuture(null);
    }

    // ---- appending

    @Override
    public CompletableFuture<Position> append(ByteString record) {
        CompletableFuture<Position> answer = new CompletableFuture<>();
        boolean believes = told.ready() && told.leader().filter(self::equals).isPresent();
        if (closed || failed || !believes || dice.permille(log.scene().malice().refused())) {
            log.refuse(host, answer, "not the leader, or not now");
        } else if (record.size() > RECORD_BYTES_MAX) {
            log.refuse(host, answer, "too large");
        } else {
            Entry stamped = new Entry(Position.NONE, stamper.timeMillis(), stamper.cutAfter(record), record);
            if (log.leader() == node && log.term() == told.term()) {
                log.propose(host, stamped, answer);
            } else if (dice.coin()) {
                log.refuse(host, answer, "no longer the leader");
            } else {
                log.unknown(host, answer, 200 * Timeline.MILLI);
            }
        }
        return answer;
    }

    // ---- reading

    void deliverSoon() {
        deliverIn(dice.between(20 * Timeline.MICRO, lag));
    }

    private void deliverIn(long nanos) {
        if (!deliveryComes && !closed) {
            deliveryComes = true;
            Timeline.Event _ = host.after(nanos, "deliver", this::deliver);
        }
    }

    private void deliver() {
        deliveryComes = false;
        for (int i = dice.below(4); i >= 0 && mayDeliver(); i--) {
            if (!deliverNext()) {
                return;
            }
        }
        if (mayDeliver()) {
            deliverSoon();
        }
    }

    private boolean mayDeliver() {
        return takesPart() && !catchingUp && read < log.items().size();
    }

    /// @return false when it must come again later
    private boolean deliverNext() {
        long next = read + 1;
        if (next <= log.purged() && next > ownUntil) {
            catchingUp = true;
            host.blockingAfter(dice.between(0, 5 * Timeline.MILLI), "catch up", this::catchUp);
            return false;
        }
        boolean stalled = log.scene().node(node).hasProblem();
        givenWhileStalled = stalled ? givenWhileStalled : 0;
        if (host.depth() > TASKS_MAX || givenWhileStalled >= STALLED_MAX) {
            deliverIn(5 * Timeline.MILLI);
            return false;
        }
        givenWhileStalled++;
        SimLog.Item item = log.items().get((int) read);
        read = next;
        log.heard(node, read);
        Entry entry = item.entry() == null ? null : log.scene().planted().given(node, item.entry());
        if (entry != null) {
            host.time().note("node %d is given record %d", node, next);
            reader.entry(entry);
        } else if (item.membership()) {
            reader.members(log.members(), item.position());
        }
        if (becomesReady()) {
            hearSoon();
        }
        return true;
    }

    private void catchUp() {
        long first = log.purged() + 1;
        try {
            Position reached = reader.catchUp(first);
            host.time().note("node %d caught up from %d to %d", node, read, reached.index());
            log.scene().reached(node, reached, first);
            read = Math.max(read, reached.index());
            catchingUp = false;
            deliverSoon();
            hearSoon();
        } catch (RuntimeException notYet) { // boundary: an engine asks again, whatever it was
            host.time().note("node %d cannot catch up: %s", node, Decode.reason(notYet));
            Timeline.Event _ = host.after(RETRY, "try again", () -> {
                catchingUp = false;
                deliverSoon();
            });
        }
    }

    @Override
    public void forgetUpTo(Position durable) {
        host.time().note("node %d may forget up to %d", node, durable.index());
        log.forget(node, log.scene().planted().forgets(durable.index()), read);
    }

    @Override
    public void halt(String reason) {
        throw Violation.of(NobodyHalts.class, "node %d halts: %s", node, reason);
    }

    @Override
    public void close() {
        closed = true;
        log.detach(node, this);
    }
}
