package org.holdfast.order.raft;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.grpc.server.GrpcServicesImpl;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.apache.ratis.util.ProtoUtils;
import org.holdfast.env.Disk;

/// Makes a vote durable before it leaves. Ratis syncs its vote file's content and renames it into place, but not the
/// directory: after a power cut the old vote could be back; and a full disk can leave the file empty. So the vote is
/// copied ([RatisMeta]) before it is granted in an answer (called by the listener guard) and before a candidate asks
/// for votes, which rests on the vote for itself.
///
/// A candidate asks all its peers at once, each on a thread of its own, and may grant a vote meanwhile: one copy is
/// made at a time, or they would take each other's file away and the election would be lost.
///
/// The second place is reached through Ratis' only hook before an outgoing request, meant for its tests but public
/// and called with every request by the release this room is pinned to.
final class VoteBarrier {
    private static final Map<String, VoteBarrier> BY_MEMBER = new ConcurrentHashMap<>();

    private final Disk disk;
    private final Path storage;
    /// By group.
    private final Map<String, ReentrantLock> copying = new ConcurrentHashMap<>();

    /// @param storage the engine's directory
    VoteBarrier(Disk disk, Path storage) {
        this.disk = disk;
        this.storage = storage;
    }

    /// Holds back this member's requests for votes until its own vote is durable, for the rest of the process or until
    /// replaced.
    void guardOutgoing(String member) {
        BY_MEMBER.put(member, this);
        CodeInjectionForTesting.put(GrpcServicesImpl.GRPC_SEND_SERVER_REQUEST, VoteBarrier::beforeSending);
    }

    /// Returns when the group's vote is durable. Throws [org.holdfast.env.DiskFault] otherwise.
    void sync(RaftRpcRequestProto request) {
        String group =
                ProtoUtils.toRaftGroupId(request.getRaftGroupId()).getUuid().toString();
        ReentrantLock lock = copying.computeIfAbsent(group, _ -> new ReentrantLock());
        lock.lock();
        try {
            new RatisMeta(disk, storage, group).keepVote();
        } finally {
            lock.unlock();
        }
    }

    private static boolean beforeSending(Object local, Object remote, Object... args) {
        if (args.length == 1 && args[0] instanceof RequestVoteRequestProto vote && !vote.getPreVote()) {
            VoteBarrier barrier = BY_MEMBER.get(local.toString());
            if (barrier != null) {
                barrier.sync(vote.getServerRequest());
            }
        }
        return true;
    }
}
