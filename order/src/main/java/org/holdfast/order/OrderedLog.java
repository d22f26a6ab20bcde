package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;

/// A channel's replicated log: append a record, read the records back in one order on every node. The seam between the
/// cutter and the engine that orders.
///
/// Threads: every method may be called from any thread and none blocks, except [#close] and [#halt].
public interface OrderedLog extends AutoCloseable {
    /// The largest record an engine takes, in bytes.
    int RECORD_BYTES_MAX = 1 << 20;

    /// Appends a record, if this node leads. Completes when the record is committed: on the disks of a quorum.
    ///
    /// Completes exceptionally with
    /// - [org.holdfast.wire.Refusal.Refused] when the record was certainly not appended (not the leader, too large,
    ///   stopping),
    /// - [Ambiguous] when it may or may not be committed later; it may be appended again under the same origin.
    ///
    /// @param record serialized `Record`, at most [#RECORD_BYTES_MAX] bytes
    CompletableFuture<Position> append(ByteString record);

    /// Confirms that this node leads. Completes when it has led at some moment after this call, and every record that
    /// was committed by then has been handed to [Reader#entry]. Completes exceptionally with
    /// [org.holdfast.wire.Refusal.Refused] when that cannot be said; may be asked again.
    default CompletableFuture<Void> confirm() {
        return CompletableFuture.failedFuture(Refusal.of(Code.NOT_LEADER, "this log does not confirm who leads it")
                .asException());
    }

    /// Who leads, as this node knows it now.
    Leadership leadership();

    /// What the engine tells operators of this log; empty when it does not run, or has nothing to tell.
    default Optional<LogFigures> figures() {
        return Optional.empty();
    }

    /// Members of the log as its newest committed configuration says.
    List<Seated> members();

    /// Replaces the members, if this node leads and no change is under way. Completes when the new configuration is
    /// committed; a new member has caught up by then. Completes exceptionally after a deadline of the engine's own.
    CompletableFuture<Void> changeMembers(List<Seated> current, List<Seated> next);

    /// Hands leadership to another member, best effort within a few seconds.
    CompletableFuture<Void> transferLeadership(Optional<MemberId> to);

    /// Lets the engine forget records up to and including an index. Everything up to there is in durable blocks.
    void forgetUpTo(Position durable);

    /// Stops taking part without forgetting anything: the channel met a broken invariant or a full disk.
    void halt(String reason);

    @Override
    void close();

    /// A place in the log.
    record Position(long term, long index) {
        /// Before the first record.
        public static final Position NONE = new Position(0, 0);
    }

    /// A member and where its engine listens (`host:port`).
    record Seated(MemberId member, String address) {}

    /// @param leader empty during an election
    /// @param term the engine's current term
    /// @param ready whether this node leads and has applied everything of earlier terms, so it may accept records
    record Leadership(Optional<MemberId> leader, long term, boolean ready) {}

    /// A committed record with the stamp its leader gave it.
    ///
    /// @param timeMillis the leader's clock, not yet made monotonic
    /// @param cutAfter the leader had nothing more waiting: cut when this record is taken
    /// @param record serialized `Record`
    record Entry(Position position, long timeMillis, boolean cutAfter, ByteString record) {}

    /// What the engine tells the channel. Called on threads of the engine, entries one at a time and in order.
    interface Reader {
        /// The next committed record. May block to slow the engine down.
        void entry(Entry entry);

        /// Leadership changed. Called after entries of earlier terms when this node became ready to lead.
        void leadership(Leadership leadership);

        /// The members changed by a committed configuration, in order with the entries. Never blocks: called also while
        /// [#catchUp] fetches. A log that is opened may tell the newest first, and then, while it is read again, those
        /// before it once more.
        void members(List<Seated> members, Position position);

        /// The engine's log begins after what this node has: fetch blocks until the node's position is at least
        /// `firstAvailable - 1`. Called on a thread that may block; the answer is the new position, from which entries
        /// go on. Throws when nothing could be fetched yet; it is asked again then.
        Position catchUp(long firstAvailable);

        /// The engine cannot write its log (disk full or broken). It has stopped taking part and tries again by itself.
        void logFailed(String reason);

        /// The engine writes its log again.
        void logRecovered();
    }

    /// What the leader knows when it stamps a record. Called on an engine thread, must not block.
    interface Stamper {
        /// The leader's wall clock, milliseconds since the Unix epoch.
        long timeMillis();

        /// Whether the record about to be appended should be the last of its block.
        boolean cutAfter(ByteString record);
    }

    /// The fate of a record is not known.
    final class Ambiguous extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public Ambiguous(String reason) {
            super(reason, null, false, false);
        }
    }
}
