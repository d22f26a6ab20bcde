package org.holdfast.node;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Frame;
import org.holdfast.order.SeatFile;
import org.holdfast.wire.ChannelId;

/// The node's data directory: what lies where, and the few things a node remembers about itself.
///
/// ```
/// <FileLedger.Location>/node.lock          held while a process runs
///                      /node.epoch         frame EPOC: starts of the process, 8 bytes
///                      /node.life          frame LIFE: incarnation and engine port, 4 bytes each
///                      /seats/<channel>    frame SEAT: whether this member may have voted
///                      /chains/<channel>/  the ledger
///                      /leaving/, /left/   channels that were left, see [Departures]
///                      /state/<channel>/   a shard's state, made from the ledger's blocks
/// <Consensus.WALDir>/life-<incarnation>/   the engine's logs
/// ```
///
/// Used by the thread that starts the node, and by one join at a time.
final class NodeHome implements AutoCloseable {
    private static final Frame EPOCH = new Frame("EPOC", 1, 1);
    private static final Frame LIFE = new Frame("LIFE", 1, 1);

    private final Disk disk;
    private final NodeSettings.Paths paths;
    private final Disk.DiskLock lock;

    /// @param incarnation which life of its seats this node lives
    /// @param enginePort where its engine listens in this life; 0 = not chosen yet
    record Life(int incarnation, int enginePort) {}

    private NodeHome(Disk disk, NodeSettings.Paths paths, Disk.DiskLock lock) {
        this.disk = disk;
        this.paths = paths;
        this.lock = lock;
    }

    /// Takes the data directory for this process. Throws [DiskFault] when another process has it.
    static NodeHome take(Disk disk, NodeSettings.Paths paths) {
        disk.createDirectories(paths.ledger());
        disk.createDirectories(paths.engine());
        Disk.DiskLock lock = disk.lock(paths.ledger().resolve("node.lock"));
        disk.createDirectories(paths.ledger().resolve("seats"));
        disk.createDirectories(paths.ledger().resolve("chains"));
        return new NodeHome(disk, paths, lock);
    }

    /// Counts this start.
    long nextEpoch() {
        Path file = paths.ledger().resolve("node.epoch");
        long epoch = body(EPOCH, file, 8).getLong() + 1;
        EPOCH.write(disk, file, ByteBuffer.allocate(8).putLong(epoch).array());
        return epoch;
    }

    /// The life this node lives; the first one if none was noted.
    Life life() {
        ByteBuffer body = body(LIFE, paths.ledger().resolve("node.life"), 8);
        int incarnation = body.getInt();
        return incarnation == 0 ? new Life(1, 0) : new Life(incarnation, body.getInt());
    }

    void live(Life life) {
        LIFE.write(
                disk,
                paths.ledger().resolve("node.life"),
                ByteBuffer.allocate(8)
                        .putInt(life.incarnation())
                        .putInt(life.enginePort())
                        .array());
    }

    Path engineStorage(int incarnation) {
        return paths.engine().resolve("life-" + incarnation);
    }

    SeatFile seat(ChannelId channel) {
        return new SeatFile(disk, paths.ledger().resolve("seats").resolve(channel.name()));
    }

    Path chain(ChannelId channel) {
        return paths.ledger().resolve("chains").resolve(channel.name());
    }

    /// Where the state of a channel's shard lies. It can be deleted while the node is down: the blocks make it again.
    Path state(ChannelId channel) {
        return paths.ledger().resolve("state").resolve(channel.name());
    }

    /// Channels that were joined.
    List<ChannelId> channels() {
        List<ChannelId> found = new ArrayList<>();
        for (Path chain : disk.list(paths.ledger().resolve("chains"))) {
            String name = String.valueOf(chain.getFileName());
            if (ChannelId.isValid(name)) {
                found.add(new ChannelId(name));
            }
        }
        return found;
    }

    @Override
    public void close() {
        lock.close();
    }

    private ByteBuffer body(Frame frame, Path file, int size) {
        return switch (frame.read(disk, file)) {
            case Frame.Verdict.Absent absent -> ByteBuffer.allocate(size);
            case Frame.Verdict.Sound sound when sound.body().length == size -> ByteBuffer.wrap(sound.body());
            case Frame.Verdict.Sound sound -> throw unreadable(file, "body of " + sound.body().length + " bytes");
            case Frame.Verdict.Corrupt corrupt -> throw unreadable(file, corrupt.reason());
            case Frame.Verdict.TooOld old -> throw unreadable(file, "too old: version " + old.version());
            case Frame.Verdict.TooNew fresh -> throw unreadable(file, "too new: version " + fresh.version());
        };
    }

    private static DiskFault unreadable(Path file, String reason) {
        return new DiskFault("reading (" + reason + ")", file, null);
    }
}
