package org.holdfast.order.raft;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.holdfast.env.ForceDelay;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.MemberId;
import org.jspecify.annotations.Nullable;

/// Ratis' state machine of a channel: hands records on and keeps no state of its own. Its "snapshot" is a position:
/// everything up to it is in the channel's durable blocks. One instance per division, so a log that is opened again
/// gets a new one.
final class RecordMachine extends BaseStateMachine {
    private final ChannelLog channel;
    private final DataApi forced;
    private volatile @Nullable SnapshotInfo snapshot;

    RecordMachine(ChannelLog channel) {
        this.channel = channel;
        this.forced = new WithTheLog(channel.forceDelay());
        Position durable = channel.durable();
        if (!durable.equals(Position.NONE)) {
            snapshotAt(durable);
            setLastAppliedTermIndex(TermIndex.valueOf(durable.term(), durable.index()));
        }
    }

    @Override
    public DataApi data() {
        return forced;
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId group, RaftStorage storage) throws IOException {
        super.initialize(server, group, storage);
        getLifeCycle().startAndTransition(() -> {});
    }

    @Override
    public void pause() {
        if (getLifeCycleState().isRunning()) {
            getLifeCycle().transition(LifeCycle.State.PAUSING);
            getLifeCycle().transition(LifeCycle.State.PAUSED);
        }
    }

    @Override
    public void reinitialize() {
        Position reached = channel.caughtUpTo();
        snapshotAt(reached);
        setLastAppliedTermIndex(TermIndex.valueOf(reached.term(), reached.index()));
        getLifeCycle().startAndTransition(() -> {});
    }

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) {
        return channel.stamp(
                request, TransactionContext.newBuilder().setStateMachine(this).setClientRequest(request));
    }

    @Override
    public TransactionContext preAppendTransaction(TransactionContext transaction) {
        if (transaction.getStateMachineContext() instanceof Ticket ticket) {
            ticket.reachesLog();
        }
        return transaction;
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        Position position = new Position(entry.getTerm(), entry.getIndex());
        channel.committed(position, entry.getStateMachineLogEntry().getLogData());
        updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
        if (transaction.getStateMachineContext() instanceof Ticket ticket) {
            channel.settle(ticket, position);
        }
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    /// A read of nothing: that it was let through says it all ([Confirmation]).
    @Override
    public CompletableFuture<Message> query(Message request) {
        return CompletableFuture.completedFuture(Message.EMPTY);
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        channel.skipped(new Position(term, index));
        super.notifyTermIndexUpdated(term, index);
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        channel.configured(LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setConfigurationEntry(configuration)
                .build());
        boolean underWay = configuration.getOldPeersCount() > 0;
        if (!underWay) {
            List<Seated> members = configuration.getPeersList().stream()
                    .map(p -> new Seated(MemberId.parse(p.getId().toStringUtf8()), p.getAddress()))
                    .toList();
            channel.members(members, new Position(term, index));
        }
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        channel.leadershipMoved();
    }

    @Override
    public void notifyLeaderReady() {
        channel.leadershipMoved();
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        channel.leadershipMoved();
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto entry) {
        channel.logFailed(cause.toString());
    }

    @Override
    public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(RoleInfoProto role, TermIndex first) {
        return channel.catchUp(first.getIndex());
    }

    @Override
    public long takeSnapshot() {
        Position durable = channel.durable();
        if (durable.equals(Position.NONE)
                || durable.index() > getLastAppliedTermIndex().getIndex()) {
            return RaftLog.INVALID_LOG_INDEX;
        }
        snapshotAt(durable);
        return durable.index();
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        return snapshot;
    }

    private void snapshotAt(Position position) {
        snapshot = new Forgotten(TermIndex.valueOf(position.term(), position.index()));
    }

    /// A snapshot without files.
    private record Forgotten(TermIndex termIndex) implements SnapshotInfo {
        @Override
        public TermIndex getTermIndex() {
            return termIndex;
        }

        @Override
        public List<FileInfo> getFiles() {
            return List.of();
        }
    }

    /// Told by the log's own thread when it forces its file.
    private record WithTheLog(ForceDelay delay) implements DataApi {
        @Override
        public CompletableFuture<Void> flush(long index) {
            delay.pause();
            return CompletableFuture.completedFuture(null);
        }
    }
}
