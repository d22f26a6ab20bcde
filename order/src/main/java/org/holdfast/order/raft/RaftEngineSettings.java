package org.holdfast.order.raft;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.order.OrderedLog;
import org.holdfast.wire.MemberId;

/// How the node's Raft server runs. The options hold for all channels of the node: Ratis has none per group.
///
/// @param storage directory of the logs, ours alone; the votes are in it, so it must not be lost or restored from a
/// copy
/// @param self this node's member id
/// @param listener where peers reach us
/// @param electionMin a follower that hears nothing for this long, up to 1.3 times as long, starts an election; half of
/// it is the heartbeat
/// @param sizes limits in bytes
/// @param membershipDeadline a membership change that takes longer is given up
public record RaftEngineSettings(
        Path storage,
        MemberId self,
        Listener listener,
        Duration electionMin,
        Sizes sizes,
        Duration membershipDeadline) {
    /// One second: for members in one site.
    public static final Duration ELECTION_MIN = Duration.ofSeconds(1);

    /// The shortest that any member may be given.
    public static final Duration ELECTION_LEAST = Duration.ofMillis(100);

    /// A new member has to fetch what it lacks within this time.
    public static final Duration MEMBERSHIP_DEADLINE = Duration.ofMinutes(2);

    /// Throws [IllegalArgumentException] that names every fault.
    public RaftEngineSettings {
        List<String> faults = new ArrayList<>();
        if (electionMin.compareTo(ELECTION_LEAST) < 0 || electionMin.toMillis() > 60_000) {
            faults.add("electionMin is " + electionMin.toMillis() + " ms: 100 ms to 60 s");
        }
        if (listener.port() < 0 || listener.port() > 65_535) {
            faults.add("port is " + listener.port() + ": 0 (any) to 65535");
        }
        if (listener.bindHost().isBlank() || listener.advertisedHost().isBlank()) {
            faults.add("bind host and advertised host must be given");
        }
        if (sizes.record() < 1024 || sizes.record() > OrderedLog.RECORD_BYTES_MAX) {
            faults.add("record limit is %d bytes: 1024 to %d".formatted(sizes.record(), OrderedLog.RECORD_BYTES_MAX));
        }
        if (sizes.segment() < 2L * sizes.record() || sizes.segment() > 1 << 30) {
            faults.add("segment size is %d bytes: twice the record limit to 1 GiB".formatted(sizes.segment()));
        }
        if (sizes.freeSpace() < sizes.segment()) {
            faults.add("free space is %d bytes: at least one segment".formatted(sizes.freeSpace()));
        }
        if (membershipDeadline.toMillis() < 1_000) {
            faults.add("membershipDeadline is " + membershipDeadline.toMillis() + " ms: at least 1 s");
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("Raft engine settings: " + String.join("; ", faults));
        }
    }

    /// Settings for a few channels in one site.
    public static RaftEngineSettings of(Path storage, MemberId self, Listener listener) {
        return new RaftEngineSettings(storage, self, listener, ELECTION_MIN, Sizes.FEW_CHANNELS, MEMBERSHIP_DEADLINE);
    }

    /// Where peers reach this node.
    ///
    /// @param bindHost host or address to listen on
    /// @param advertisedHost host that peers are told
    /// @param port 0 takes any free one; [RaftEngine#address] tells
    public record Listener(String bindHost, String advertisedHost, int port) {}

    /// Limits in bytes.
    ///
    /// @param record largest record, at most [OrderedLog#RECORD_BYTES_MAX]
    /// @param segment a log file's size; what is forgotten is given back in whole files
    /// @param freeSpace a log that could not be written is tried again when the file system has this much left
    public record Sizes(int record, long segment, long freeSpace) {
        /// For up to about ten channels.
        public static final Sizes FEW_CHANNELS = new Sizes(OrderedLog.RECORD_BYTES_MAX, 64L << 20, 128L << 20);

        /// For hundreds of channels: smaller files.
        public static final Sizes MANY_CHANNELS = new Sizes(OrderedLog.RECORD_BYTES_MAX, 4L << 20, 64L << 20);
    }
}
