package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Frame;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.wire.ChannelId;

/// Leaving a channel, step by step on disk, so that a node which dies in the middle goes on where it was:
///
/// 1. the mark `leaving/<channel>` (a [Frame] of kind `LEAV`, version 1: the hash of block 0's header); from here on
///    the channel is not opened again;
/// 2. the seat's marker goes to `left/<hash of block 0>`: this member may have voted in that channel, and will have
///    forgotten it. A channel of the same name with another first block is another channel, and its log another log;
/// 3. log, state and blocks are deleted;
/// 4. the mark goes.
///
/// Used under the lock of [Channels].
final class Departures {
    private static final Frame MARK = new Frame("LEAV", 1, 1);

    private final Disk disk;
    private final Path home;

    /// @param home the node's data directory
    Departures(Disk disk, Path home) {
        this.disk = disk;
        this.home = home;
    }

    /// Where the rest of a channel lies.
    interface Remains {
        /// Deletes the log of a channel that is not open.
        void deleteLog(ChannelId channel, ByteString genesisHash);
    }

    /// Makes up the mind, durably.
    void begin(ChannelId channel, ByteString genesisHash) {
        disk.createDirectories(home.resolve("leaving"));
        MARK.write(disk, mark(channel), genesisHash.toByteArray());
    }

    /// Channels that are being left, with the hash of their first block.
    Map<ChannelId, ByteString> underWay() {
        Map<ChannelId, ByteString> found = new TreeMap<>();
        if (disk.exists(home.resolve("leaving"))) {
            for (Path file : disk.list(home.resolve("leaving"))) {
                String name = String.valueOf(file.getFileName());
                if (ChannelId.isValid(name)) {
                    found.put(new ChannelId(name), hash(file));
                }
            }
        }
        return found;
    }

    /// Goes on to the end. The channel is not open.
    void finish(ChannelId channel, ByteString genesisHash, Remains remains) {
        Path seat = seat(channel);
        if (disk.exists(seat)) {
            disk.createDirectories(home.resolve("left"));
            disk.move(seat, left(genesisHash));
            disk.forceDirectory(home.resolve("left"));
        }
        remains.deleteLog(channel, genesisHash);
        Keyspaces.forget(disk, home.resolve("state").resolve(channel.name()));
        disk.deleteTree(home.resolve("chains").resolve(channel.name()));
        disk.forceDirectory(home.resolve("chains"));
        disk.delete(mark(channel));
        disk.forceDirectory(home.resolve("leaving"));
    }

    /// Whether this node once left the channel with that first block.
    boolean hasLeft(ByteString genesisHash) {
        return disk.exists(left(genesisHash));
    }

    /// The seat's marker is the channel's again, for the seat to be taken over.
    void takeBack(ChannelId channel, ByteString genesisHash) {
        disk.move(left(genesisHash), seat(channel));
        disk.forceDirectory(home.resolve("seats"));
    }

    private Path mark(ChannelId channel) {
        return home.resolve("leaving").resolve(channel.name());
    }

    private Path seat(ChannelId channel) {
        return home.resolve("seats").resolve(channel.name());
    }

    private Path left(ByteString genesisHash) {
        return home.resolve("left").resolve(HexFormat.of().formatHex(genesisHash.toByteArray()));
    }

    private ByteString hash(Path file) {
        return switch (MARK.read(disk, file)) {
            case Frame.Verdict.Sound sound -> ByteString.copyFrom(sound.body());
            case Frame.Verdict.Absent _ -> throw unreadable(file, "it is gone");
            case Frame.Verdict.Corrupt corrupt -> throw unreadable(file, corrupt.reason());
            case Frame.Verdict.TooOld old -> throw unreadable(file, "too old: version " + old.version());
            case Frame.Verdict.TooNew fresh -> throw unreadable(file, "too new: version " + fresh.version());
        };
    }

    private static DiskFault unreadable(Path file, String reason) {
        return new DiskFault("reading (" + reason + ")", file, null);
    }
}
