package org.holdfast.order.raft;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientAsynchronousProtocol;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.SnapshotManagementRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.protocol.exceptions.GroupMismatchException;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;
import org.holdfast.order.LogFigures;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.MemberId;
import org.jspecify.annotations.Nullable;

/// Ratis' part in one channel: the calls we make to its group, in our words. Stateless; any thread, and those that
/// answer with a plain value may block.
final class Division {
    private static final long TRANSFER_MILLIS = 3_000;
    private static final long SNAPSHOT_MILLIS = 10_000;

    private final RaftEngine engine;
    private final RaftGroupId group;

    Division(RaftEngine engine, RaftGroupId group) {
        this.engine = engine;
        this.group = group;
    }

    /// Starts the group, over what is on disk or anew.
    ///
    /// @param initial configuration of a log that has none yet
    void add(List<Seated> initial, boolean format) throws IOException {
        RaftGroup with =
                RaftGroup.valueOf(group, initial.stream().map(Division::peer).toList());
        check(server().groupManagement(
                        GroupManagementRequest.newAdd(client(), self(), engine.nextCall(), with, format)));
        engine.guard().started(group);
    }

    /// Stops the group and returns when it has stopped. Its log stays unless `forget`.
    void remove(boolean forget) throws IOException {
        engine.guard().stopped(group);
        try {
            check(server().groupManagement(GroupManagementRequest.newRemove(
                    client(), self(), engine.nextCall(), group, forget, false)));
        } catch (GroupMismatchException absent) {
            // Not running: there is nothing to stop.
        }
    }

    /// Closes the log under the running group, which ends the group by itself ([#isClosed]) as soon as it looks for a
    /// record.
    void closeLog() throws IOException {
        Optional<RaftServer.Division> division = find();
        if (division.isPresent()) {
            division.get().getRaftLog().close();
        }
    }

    /// Hands a record to the leader's log. The answer says nothing about where it failed; the ticket of the call does.
    CompletableFuture<RaftClientReply> submit(long call, com.google.protobuf.ByteString record) throws IOException {
        Message content = Message.valueOf(UnsafeByteOperations.unsafeWrap(record.asReadOnlyByteBuffer()));
        return local().submitClientRequestAsync(request(call, content, RaftClientRequest.writeRequestType()));
    }

    /// Reads nothing, after everything that is committed at some moment from now on at which this member leads.
    CompletableFuture<RaftClientReply> read(long call) throws IOException {
        return local().submitClientRequestAsync(request(call, Message.EMPTY, RaftClientRequest.readRequestType()));
    }

    private RaftClientRequest request(long call, Message content, RaftClientRequest.Type type) {
        return RaftClientRequest.newBuilder()
                .setClientId(client())
                .setServerId(self())
                .setGroupId(group)
                .setCallId(call)
                .setMessage(content)
                .setType(type)
                .build();
    }

    private RaftClientAsynchronousProtocol local() throws IOException {
        if (server().getDivision(group) instanceof RaftClientAsynchronousProtocol local) {
            return local;
        }
        throw new IOException("Ratis' division takes no requests");
    }

    /// Changes the members. Completes when committed.
    CompletableFuture<RaftClientReply> configure(List<Seated> current, List<Seated> next) throws IOException {
        SetConfigurationRequest.Arguments arguments = SetConfigurationRequest.Arguments.newBuilder()
                .setMode(SetConfigurationRequest.Mode.COMPARE_AND_SET)
                .setServersInCurrentConf(current.stream().map(Division::peer).toList())
                .setServersInNewConf(next.stream().map(Division::peer).toList())
                .build();
        return server().setConfigurationAsync(
                        new SetConfigurationRequest(client(), self(), group, engine.nextCall(), arguments));
    }

    /// Gives leadership up, to a certain member or to whoever is elected.
    CompletableFuture<RaftClientReply> transfer(@Nullable MemberId to) throws IOException {
        RaftPeerId target = to == null ? null : RaftPeerId.valueOf(to.toString());
        return server().transferLeadershipAsync(new TransferLeadershipRequest(
                client(), self(), group, engine.nextCall(), target, TRANSFER_MILLIS));
    }

    /// Has Ratis ask the state machine for its snapshot index and purge up to there.
    void snapshot() throws IOException {
        check(server().snapshotManagement(SnapshotManagementRequest.newCreate(
                client(), self(), group, engine.nextCall(), SNAPSHOT_MILLIS, 1)));
    }

    /// Who leads; empty when the group does not run.
    Optional<Leadership> leadership() {
        return find().map(division -> {
            var state = division.getInfo();
            Optional<MemberId> leader =
                    Optional.ofNullable(state.getLeaderId()).map(id -> MemberId.parse(id.toString()));
            boolean running = state.getLifeCycleState().isRunning();
            return new Leadership(
                    running ? leader : Optional.empty(),
                    state.getCurrentTerm(),
                    running && state.isLeader() && state.isLeaderReady());
        });
    }

    /// What Ratis tells of the group; empty when it does not run.
    Optional<LogFigures> figures() {
        return find().map(DivisionFigures::of);
    }

    /// Members by the newest configuration in the log.
    List<Seated> members() {
        return find().map(division -> division.getRaftConf().getAllPeers().stream()
                        .map(peer -> new Seated(MemberId.parse(peer.getId().toString()), peer.getAddress()))
                        .toList())
                .orElse(List.of());
    }

    /// The index after the last entry in the log.
    long nextIndex() {
        return find().map(division -> division.getRaftLog().getNextIndex()).orElse(0L);
    }

    /// Members that are heard of, itself among them: on the leader those that answered within an election time-out, on
    /// a follower itself and its leader. 0 when nobody leads.
    int active() {
        return find().map(division -> {
                    var state = division.getInfo();
                    if (state.getLeaderId() == null
                            || !state.getLifeCycleState().isRunning()) {
                        return 0;
                    }
                    long silent = engine.settings().electionMin().toMillis();
                    return state.isLeader()
                            ? 1
                                    + (int) state.getRoleInfoProto().getLeaderInfo().getFollowerInfoList().stream()
                                            .filter(follower -> follower.getLastRpcElapsedTimeMs() <= silent)
                                            .count()
                            : 2;
                })
                .orElse(0);
    }

    /// Records known to be committed that were not handed on yet.
    long behind() {
        return find().map(division -> Math.max(
                        0,
                        division.getRaftLog().getLastCommittedIndex()
                                - division.getInfo().getLastAppliedIndex()))
                .orElse(0L);
    }

    /// Whether Ratis closed the group by itself.
    boolean isClosed() {
        return find().map(division -> division.getInfo().getLifeCycleState())
                .map(state -> state == LifeCycle.State.CLOSED || state == LifeCycle.State.EXCEPTION)
                .orElse(false);
    }

    /// An unsuccessful answer as the exception it carries.
    static void check(RaftClientReply reply) throws IOException {
        if (!reply.isSuccess()) {
            throw reply.getException() == null ? new IOException(reply.toString()) : reply.getException();
        }
    }

    private Optional<RaftServer.Division> find() {
        try {
            return Optional.of(server().getDivision(group));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    private static RaftPeer peer(Seated seated) {
        return RaftPeer.newBuilder()
                .setId(seated.member().toString())
                .setAddress(seated.address())
                .build();
    }

    private RaftServer server() {
        return engine.server();
    }

    private RaftPeerId self() {
        return engine.peer();
    }

    private ClientId client() {
        return engine.client();
    }
}
