package org.holdfast.order.raft;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.rpc.SupportedRpcType;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/// Ratis' options as we run it. Each departs from its default for the reason given.
final class RatisOptions {
    /// Bytes of an entry beside our stamp and record: term, index, client and call id, field tags.
    private static final int ENTRY_MARGIN = 64 << 10;

    /// Length fields around an entry in the log file.
    private static final int WRITE_MARGIN = 1 << 10;

    private static final TimeDuration NEVER = TimeDuration.valueOf(365, TimeUnit.DAYS);

    private RatisOptions() {}

    static RaftProperties of(RaftEngineSettings settings, Path storage) {
        RaftProperties p = new RaftProperties();
        RaftConfigKeys.Rpc.setType(p, SupportedRpcType.GRPC);
        setStorage(p, storage);
        listener(p, settings);
        elections(p, settings);
        log(p, settings);
        sending(p, settings);
        // A write of ours is never sent twice under one call id, so answers need not be remembered for long.
        RaftServerConfigKeys.RetryCache.setExpiryTime(p, TimeDuration.valueOf(5, TimeUnit.SECONDS));
        RaftServerConfigKeys.Write.setElementLimit(p, 2 * ChannelLog.APPENDS_MAX);
        RaftServerConfigKeys.Write.setByteLimit(p, SizeInBytes.valueOf(2L * ChannelLog.APPEND_BYTES_MAX));
        reads(p, settings);
        return p;
    }

    /// Reads go through the leader's lease, or a round of heartbeats, which renews it.
    ///
    /// Ratis counts the lease in the leader's own election time-out; a member that was given a shorter one could elect
    /// another leader within it. So it lasts less than the shortest time-out that any member may have.
    private static void reads(RaftProperties p, RaftEngineSettings settings) {
        RaftServerConfigKeys.Read.setOption(p, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(p, true);
        double lease = 0.9 * RaftEngineSettings.ELECTION_LEAST.toMillis();
        RaftServerConfigKeys.Read.setLeaderLeaseTimeoutRatio(
                p, lease / settings.electionMin().toMillis());
    }

    static void setStorage(RaftProperties p, Path storage) {
        RaftServerConfigKeys.setStorageDir(p, List.of(new File(storage.toString())));
    }

    private static void listener(RaftProperties p, RaftEngineSettings settings) {
        GrpcConfigKeys.Server.setHost(p, settings.listener().bindHost());
        GrpcConfigKeys.Server.setPort(p, settings.listener().port());
        int entry = settings.sizes().record() + ENTRY_MARGIN;
        // Ratis refuses to start unless a message may be one megabyte larger than the batch of entries in it.
        GrpcConfigKeys.setMessageSizeMax(p, SizeInBytes.valueOf(entry + (2L << 20)));
    }

    private static void elections(RaftProperties p, RaftEngineSettings settings) {
        TimeDuration min = millis(settings.electionMin().toMillis());
        TimeDuration max = millis(settings.electionMin().toMillis() * 13 / 10);
        RaftServerConfigKeys.Rpc.setTimeoutMin(p, min);
        RaftServerConfigKeys.Rpc.setTimeoutMax(p, max);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(p, min);
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(p, max);
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(p, min);
        // A process that was stopped for a minute must go on, not close its server for good.
        RaftServerConfigKeys.setCloseThreshold(p, NEVER);
        RaftServerConfigKeys.setStagingTimeout(p, TimeDuration.valueOf(8, TimeUnit.SECONDS));
    }

    private static void log(RaftProperties p, RaftEngineSettings settings) {
        int entry = settings.sizes().record() + ENTRY_MARGIN;
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(p, SizeInBytes.valueOf(entry));
        RaftServerConfigKeys.Log.setWriteBufferSize(p, SizeInBytes.valueOf((long) entry + WRITE_MARGIN));
        RaftServerConfigKeys.Log.setSegmentSizeMax(
                p, SizeInBytes.valueOf(settings.sizes().segment()));
        RaftServerConfigKeys.Log.setPreallocatedSize(p, SizeInBytes.valueOf(64L << 10));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(p, 2);
        // The queue holds all appends in flight, so a caller never waits for the disk.
        RaftServerConfigKeys.Log.setQueueElementLimit(p, 4 * ChannelLog.APPENDS_MAX);
        RaftServerConfigKeys.Log.setQueueByteLimit(p, SizeInBytes.valueOf(3L * ChannelLog.APPEND_BYTES_MAX));
        // We say what may be forgotten; Ratis takes no snapshots by itself.
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(p, true);
        RaftServerConfigKeys.Log.setPurgeGap(p, 1);
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setCreationGap(p, 1);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(p, false);
        RaftServerConfigKeys.Snapshot.setTriggerWhenRemoveEnabled(p, false);
    }

    private static void sending(RaftProperties p, RaftEngineSettings settings) {
        // Members fetch blocks themselves; Ratis only tells them that they must.
        RaftServerConfigKeys.Log.Appender.setInstallSnapshotEnabled(p, false);
        RaftServerConfigKeys.Log.Appender.setWaitTimeMin(p, millis(1));
        // The default grows to 5 s: a member that comes back would hear of its leader that late.
        long pause = Math.min(200, settings.electionMin().toMillis() / 4);
        RaftServerConfigKeys.Log.Appender.setRetryPolicy(p, "1ms,10, " + pause + "ms,1000000");
    }

    private static TimeDuration millis(long count) {
        return TimeDuration.valueOf(count, TimeUnit.MILLISECONDS);
    }
}
