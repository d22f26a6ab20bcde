package org.holdfast.order.raft;

import com.google.protobuf.ByteString;
import java.util.List;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Reader;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.OrderedLog.Stamper;
import org.holdfast.order.SeatFile;
import org.holdfast.wire.ChannelId;

/// What the engine needs to open a channel's log.
///
/// @param place names the Raft group
/// @param seat the marker that tells whether this member id may still vote in the channel
/// @param initialMembers the members of a new log, the same list on each of them; empty when this node joins a log that
/// exists already
///     and waits to be told. Ignored when the log is on disk.
/// @param resumeFrom the last record the reader has durably consumed; entries after it are read. [Position#NONE] for
/// all
/// @param reader told what is committed
/// @param stamper asked when this node leads
public record OpenChannel(
        Place place, SeatFile seat, List<Seated> initialMembers, Position resumeFrom, Reader reader, Stamper stamper) {
    public OpenChannel {
        initialMembers = List.copyOf(initialMembers);
    }

    /// Names a log: the channel and the hash of its first block, so that a channel deleted and created anew is another
    /// log.
    ///
    /// @param genesisHash hash of block 0's header, any length
    public record Place(ChannelId channel, ByteString genesisHash) {}
}
