package org.holdfast.order;

import com.google.protobuf.ByteString;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.wire.proto.SeatTakeover;

/// The channel config that is in force at a record, as the cutter sees it. Immutable, and the same on every node: it
/// follows from the config block before and the records since.
interface CutterConfig {
    /// Where blocks end.
    Cutter.Rules rules();

    /// The config itself.
    ChannelConfig config();

    /// The config that an ordered change puts in force.
    ///
    /// @param envelope of type CONFIG
    /// @param blockNumber of the block that the change would be alone in
    /// @param timeMillis time of its record
    /// @throws Refusal.Refused when it may not follow this config
    /// @throws org.holdfast.env.Invariant when it may, and this program cannot go by it
    CutterConfig after(ByteString envelope, long blockNumber, long timeMillis);

    /// Whether a takeover carries the signature of the seat's key.
    boolean signed(SeatTakeover takeover);
}
