package org.holdfast.order.raft;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.exceptions.AlreadyClosedException;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.protocol.exceptions.LeaderNotReadyException;
import org.apache.ratis.protocol.exceptions.LeaderSteppingDownException;
import org.apache.ratis.protocol.exceptions.NotLeaderException;
import org.apache.ratis.protocol.exceptions.ResourceUnavailableException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.TransactionContext;
import org.holdfast.env.ForceDelay;
import org.holdfast.order.LogFigures;
import org.holdfast.order.OrderedLog;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One channel's log. Appends and queries come on any thread; what is supervised (told leadership, recovery, end)
/// belongs to the engine's loop; what the reader was given belongs to [Delivery].
final class ChannelLog implements OrderedLog {
    /// Appends that may be under way at once; more are refused.
    static final int APPENDS_MAX = 1024;

    /// Bytes of records that may be under way at once.
    static final int APPEND_BYTES_MAX = 32 << 20;

    /// Only whole files are given back, so it need not be asked for with every block.
    private static final Duration FORGET_PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ChannelLog.class);

    private final RaftEngine engine;
    private final OpenChannel open;
    private final Division division;
    private final List<Seated> initial;
    private final Delivery delivery;
    private final Recovery recovery;
    private final LogOnDisk onDisk;
    private final RatisMeta meta;
    private final Map<Long, Ticket> tickets = new ConcurrentHashMap<>();
    private final AtomicInteger ticketCount = new AtomicInteger();
    private final AtomicLong ticketBytes = new AtomicLong();
    private final AtomicBoolean forgetting = new AtomicBoolean();
    private final AtomicBoolean catchingUp = new AtomicBoolean();
    private volatile Position durable;
    private volatile Position caughtUpTo;
    private volatile List<Seated> members = List.of();
    private volatile @Nullable Refusal ended;
    /// Not copied yet; the log gives nothing back before it is.
    private final AtomicReference<@Nullable LogEntryProto> configuration = new AtomicReference<>();
    private Leadership told = new Leadership(Optional.empty(), 0, false);

    /// @param initial members of a log that has no configuration yet
    ChannelLog(RaftEngine engine, OpenChannel open, Division division, List<Seated> initial) {
        this.engine = engine;
        this.open = open;
        this.division = division;
        this.initial = initial;
        this.delivery = new Delivery(open.reader(), open.resumeFrom());
        this.durable = open.resumeFrom();
        this.caughtUpTo = open.resumeFrom();
        this.recovery = new Recovery(engine, this, division, open.reader());
        this.onDisk = engine.current(open.place());
        this.meta = engine.meta(open.place());
    }

    ChannelId channel() {
        return open.place().channel();
    }

    OpenChannel opened() {
        return open;
    }

    ForceDelay forceDelay() {
        return engine.world().forceDelay();
    }

    // ---- appending

    @Override
    public CompletableFuture<Position> append(ByteString record) {
        Refusal refusal = gate(record);
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal.asException());
        }
        Ticket ticket = new Ticket(engine.nextCall(), record, Packing.pack(record));
        ticketCount.incrementAndGet();
        ticketBytes.addAndGet(record.size());
        tickets.put(ticket.call(), ticket);
        try {
            CompletableFuture<RaftClientReply> reply = division.submit(ticket.call(), ticket.content());
            CompletableFuture<?> _ = reply.whenComplete((answer, fault) -> answered(ticket, answer, fault));
        } catch (IOException | RuntimeException fault) {
            answered(ticket, null, fault);
        }
        return ticket.outcome();
    }

    /// Appends that are not answered yet.
    int underWay() {
        return ticketCount.get();
    }

    private @Nullable Refusal gate(ByteString record) {
        Refusal over = ended;
        if (over != null) {
            return over;
        }
        int limit = engine.settings().sizes().record();
        if (engine.safeguards().sizeGate() && record.size() > limit) {
            return Refusal.of(Code.TOO_LARGE, "record has %d bytes, the log takes %d", record.size(), limit);
        }
        if (ticketCount.get() >= APPENDS_MAX || ticketBytes.get() + record.size() > APPEND_BYTES_MAX) {
            return Refusal.of(
                    Code.OVERLOADED,
                    "channel %s has %d appends of %d bytes under way: try again",
                    channel(),
                    ticketCount.get(),
                    ticketBytes.get());
        }
        return null;
    }

    /// Puts the stamp before the record. On the appending thread, on the leader only.
    TransactionContext stamp(RaftClientRequest request, TransactionContext.Builder transaction) {
        Ticket ticket = tickets.get(request.getCallId());
        if (ticket == null) {
            return transaction.build().setException(new IllegalStateException("no append waits for this request"));
        }
        try {
            boolean cutAfter = open.stamper().cutAfter(ticket.record());
            Stamp stamp = new Stamp(open.stamper().timeMillis(), cutAfter, ticket.isPacked());
            return transaction
                    .setLogData(stamp.before(request.getMessage().getContent()))
                    .setStateMachineContext(ticket)
                    .build();
        } catch (RuntimeException fault) {
            // Thrown on, Ratis would take it for its own; said this way the leader stays and the caller gets to see it.
            ticket.stampFailed(fault);
            return transaction.build().setException(fault);
        }
    }

    /// A record of ours is committed and read.
    void settle(Ticket ticket, Position position) {
        if (release(ticket)) {
            ticket.outcome().complete(position);
        }
    }

    private void answered(Ticket ticket, @Nullable RaftClientReply reply, @Nullable Throwable thrown) {
        if (thrown == null && reply != null && reply.isSuccess()) {
            return; // settled when it was applied
        }
        Throwable fault = thrown != null ? Decode.cause(thrown) : reply != null ? reply.getException() : null;
        if (release(ticket)) {
            RuntimeException stampFault = ticket.stampFault();
            ticket.outcome().completeExceptionally(stampFault != null ? stampFault : outcome(ticket, fault));
        }
    }

    private RuntimeException outcome(Ticket ticket, @Nullable Throwable fault) {
        Code code = ticket.isInLog() ? null : refusalCode(fault);
        return code == null
                ? new Ambiguous("channel " + channel() + ": " + fault)
                : Refusal.of(code, "channel %s: %s", channel(), String.valueOf(fault))
                        .asException();
    }

    /// Which refusal a failure is that came before the record reached the log; null when it is none we know.
    private static @Nullable Code refusalCode(@Nullable Throwable fault) {
        return switch (fault) {
            case NotLeaderException _, LeaderNotReadyException _, LeaderSteppingDownException _ -> Code.NOT_LEADER;
            case ServerNotReadyException _ -> Code.NOT_LEADER;
            case ResourceUnavailableException _ -> Code.OVERLOADED;
            case GroupMismatchException _, AlreadyClosedException _ -> Code.STOPPING;
            case null, default -> null;
        };
    }

    private boolean release(Ticket ticket) {
        if (tickets.remove(ticket.call()) == null) {
            return false;
        }
        ticketCount.decrementAndGet();
        ticketBytes.addAndGet(-ticket.bytes());
        return true;
    }

    // ---- reading

    /// The next committed record. If the reader throws, the channel stops here: the record is not behind it.
    void committed(Position position, org.apache.ratis.thirdparty.com.google.protobuf.ByteString content) {
        try {
            delivery.record(position, content);
        } catch (RuntimeException fault) {
            LOG.error("channel {}: record {} could not be read, the channel stops", channel(), position, fault);
            end(Refusal.of(Code.CHANNEL_HALTED, "channel %s stopped at record %s: %s", channel(), position, fault));
            throw fault;
        }
    }

    void skipped(Position position) {
        delivery.skip(position);
    }

    void members(List<Seated> now, Position position) {
        members = now;
        delivery.members(now, position);
    }

    /// The entry of the newest committed configuration, also of one that is only half of a change.
    void configured(LogEntryProto entry) {
        configuration.set(entry);
    }

    /// The leader has forgotten what this log lacks. Completes at once with the position that blocks fetched already
    /// give, or with null when this log can go on without. Else the reader fetches on a thread of its own, and this
    /// fails when it is done: until it is complete Ratis takes nothing in, and a position is only asked for by a leader
    /// that says again that it has forgotten. One that came into office meanwhile may have forgotten less, or nothing;
    /// a position kept for it would wait for ever.
    ///
    /// A log that ends just before the leader's begins cannot go on: the leader has forgotten the entry before its
    /// first one, and without that entry's term it sends nothing but this notification, again and again. Every change
    /// of leader makes such a boundary. The reader goes beyond it: the leader forgets only what stands in blocks.
    CompletableFuture<@Nullable TermIndex> catchUp(long firstAvailable) {
        long next = division.nextIndex();
        if (firstAvailable == 0 || firstAvailable < next) {
            return CompletableFuture.completedFuture(null);
        }
        Position held = durable;
        if (held.index() >= Math.max(next, firstAvailable - 1)) {
            caughtUpTo = held;
            return CompletableFuture.completedFuture(TermIndex.valueOf(held.term(), held.index()));
        }
        CompletableFuture<@Nullable TermIndex> done = new CompletableFuture<>();
        if (!catchingUp.compareAndSet(false, true)) {
            done.completeExceptionally(new IOException("channel " + channel() + " is catching up"));
            return done;
        }
        engine.world().start("raft-catch-up-" + channel(), () -> {
            try {
                advance(delivery.catchUp(firstAvailable));
            } catch (RuntimeException fault) { // boundary: the leader asks again
                LOG.warn("channel {}: catching up to {} failed, will be asked again", channel(), firstAvailable, fault);
            } finally {
                catchingUp.set(false);
                done.completeExceptionally(new IOException("channel " + channel() + " has fetched up to " + durable));
            }
        });
        return done;
    }

    /// Where the log goes on after catching up.
    Position caughtUpTo() {
        return caughtUpTo;
    }

    /// Everything up to here is in durable blocks.
    Position durable() {
        return durable;
    }

    @Override
    public void forgetUpTo(Position position) {
        advance(position);
        if (ended == null && forgetting.compareAndSet(false, true)) {
            engine.loop().after(FORGET_PAUSE, () -> engine.world().start("raft-forget-" + channel(), this::forget));
        }
    }

    private void forget() {
        forgetting.set(false);
        try {
            LogEntryProto newest = configuration.get();
            if (newest != null) {
                meta.keepMembers(newest);
                configuration.compareAndSet(newest, null);
            }
            division.snapshot();
        } catch (IOException | RuntimeException notNow) {
            // boundary: nothing is lost, the next call tries again, until then the log only keeps more than it must.
            LOG.debug("channel {}: cannot forget up to {} now: {}", channel(), durable, notNow.toString());
        }
    }

    private synchronized void advance(Position position) {
        if (position.index() > durable.index()) {
            durable = position;
        }
    }

    // ---- members and leadership

    @Override
    public Leadership leadership() {
        return ended != null
                ? new Leadership(Optional.empty(), 0, false)
                : division.leadership().orElse(new Leadership(Optional.empty(), 0, false));
    }

    @Override
    public Optional<LogFigures> figures() {
        return ended != null ? Optional.empty() : division.figures();
    }

    @Override
    public List<Seated> members() {
        List<Seated> committed = members;
        return committed.isEmpty() ? division.members() : committed;
    }

    @Override
    public CompletableFuture<Void> confirm() {
        return leadership().ready()
                ? new Confirmation(engine, channel(), division).ask().thenRun(this::requireOpen)
                : notLeading();
    }

    /// A log that ended hands nothing on, whatever Ratis applied.
    private void requireOpen() {
        Refusal over = ended;
        if (over != null) {
            throw over.asException();
        }
    }

    private CompletableFuture<Void> notLeading() {
        return CompletableFuture.failedFuture(
                Refusal.of(Code.NOT_LEADER, "channel %s: this member does not lead", channel())
                        .asException());
    }

    @Override
    public CompletableFuture<Void> changeMembers(List<Seated> current, List<Seated> next) {
        if (!leadership().ready()) {
            return notLeading();
        }
        return new Membership(engine, channel(), division).change(current, next);
    }

    @Override
    public CompletableFuture<Void> transferLeadership(Optional<MemberId> to) {
        return new Membership(engine, channel(), division).transfer(to);
    }

    /// Who leads may have changed. Any thread.
    void leadershipMoved() {
        engine.post(this::announce);
    }

    /// Tells the reader who leads, if that is news. On the loop.
    void announce() {
        Leadership now = leadership();
        if (!now.equals(told)) {
            told = now;
            open.reader().leadership(now);
        }
    }

    // ---- supervision

    /// The division cannot write. Any thread.
    void logFailed(String reason) {
        LOG.error("channel {}: the log cannot be written: {}", channel(), reason);
        if (engine.safeguards().logSupervisor()) {
            engine.post(() -> recovery.begin(reason));
        }
    }

    /// Looks after the division now and then. On the loop.
    void tick() {
        announce();
        if (ended == null && division.isClosed()) {
            boolean member = members().stream()
                    .anyMatch(m -> m.member().equals(engine.settings().self()));
            if (member) {
                recovery.begin("Ratis closed the group");
            }
        }
    }

    /// Puts Ratis' group up for the first time in this process. May block.
    ///
    /// @param anew there is no log yet
    void start(boolean anew) throws IOException {
        if (!anew && onDisk.dropIfBehind(durable.index())) {
            LOG.info("channel {}: its log ended before its blocks and begins anew", channel());
        }
        open(anew);
    }

    /// Takes Ratis' group up again, over the log on disk. May block.
    void reopen() throws IOException {
        division.remove(false);
        open(false);
    }

    private void open(boolean anew) throws IOException {
        if (anew) {
            meta.begin();
        } else {
            mend();
        }
        try {
            division.add(initial, anew);
        } catch (IOException | RuntimeException fault) {
            meta.unlock();
            throw fault;
        }
    }

    /// Clears away what a crash or a full disk has left of writes that nobody was told of.
    private void mend() {
        int cut = onDisk.cutUnfinishedWrite();
        if (cut > 0) {
            LOG.warn(
                    "channel {}: the log ended in a write that was never finished, as after a power cut; {} bytes"
                            + " that nobody was told of are cut off",
                    channel(),
                    cut);
        }
        if (meta.restore(() -> Math.max(onDisk.lastTerm(), durable.term()))) {
            LOG.warn("channel {}: term, vote or members were not written to their end and are restored", channel());
        }
    }

    boolean isEnded() {
        return ended != null;
    }

    @Override
    public void halt(String reason) {
        LOG.error("channel {} halts: {}", channel(), reason);
        stop(Refusal.of(Code.CHANNEL_HALTED, "channel %s halted: %s", channel(), reason), false);
    }

    @Override
    public void close() {
        stop(Refusal.of(Code.STOPPING, "channel %s is being closed", channel()), false);
        engine.forget(this);
    }

    /// Stops for good and, when `forget`, deletes the log.
    void stop(Refusal why, boolean forget) {
        end(why);
        try {
            division.remove(forget);
        } catch (IOException fault) {
            throw new IllegalStateException("channel " + channel() + ": Ratis' group did not stop", fault);
        }
        failTickets();
        leadershipMoved();
    }

    /// From here on nothing is taken in or handed on.
    void end(Refusal why) {
        if (ended == null) {
            ended = why;
        }
        delivery.end();
    }

    /// Appends that were under way when the group went: their fate is not known. Any thread.
    void failTickets() {
        for (Ticket ticket : tickets.values()) {
            if (release(ticket)) {
                ticket.outcome().completeExceptionally(new Ambiguous("channel " + channel() + " stopped"));
            }
        }
    }
}
