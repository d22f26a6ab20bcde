package org.holdfast.order.raft;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.holdfast.order.LogFigures;
import org.holdfast.wire.MemberId;
import org.jspecify.annotations.Nullable;

/// What Ratis tells of a group, in our words. Any thread.
final class DivisionFigures {
    private DivisionFigures() {}

    static LogFigures of(RaftServer.Division division) {
        DivisionInfo state = division.getInfo();
        return new LogFigures(
                role(state.getCurrentRole()),
                state.getCurrentTerm(),
                division.getRaftLog().getLastCommittedIndex(),
                state.getLastAppliedIndex(),
                state.isLeader() ? progress(state) : Map.of());
    }

    /// Ratis gives members and their indexes in the same order, but not at once: where their numbers differ a member
    /// has just come or gone, and nothing is told.
    private static Map<MemberId, LogFigures.Progress> progress(DivisionInfo state) {
        List<ServerRpcProto> others = state.getRoleInfoProto().getLeaderInfo().getFollowerInfoList();
        long[] match = state.getFollowerMatchIndices();
        long[] next = state.getFollowerNextIndices();
        Map<MemberId, LogFigures.Progress> progress = new TreeMap<>();
        if (match.length == others.size() && next.length == others.size()) {
            for (int i = 0; i < match.length; i++) {
                MemberId member = MemberId.parse(others.get(i).getId().getId().toStringUtf8());
                progress.put(member, new LogFigures.Progress(match[i], next[i]));
            }
        }
        return progress;
    }

    private static LogFigures.Role role(@Nullable RaftPeerRole role) {
        if (role == null) {
            return LogFigures.Role.STARTING;
        }
        return switch (role) {
            case LEADER -> LogFigures.Role.LEADER;
            case FOLLOWER -> LogFigures.Role.FOLLOWER;
            case CANDIDATE -> LogFigures.Role.CANDIDATE;
            case LISTENER -> LogFigures.Role.LEARNER;
            case UNRECOGNIZED -> LogFigures.Role.STARTING;
        };
    }
}
