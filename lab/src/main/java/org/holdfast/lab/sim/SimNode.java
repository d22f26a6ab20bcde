package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Pool;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.ledger.UnreadableLedger;
import org.holdfast.order.ConfigBlocks;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.Orderer;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.jspecify.annotations.Nullable;

/// One node: a disk that stays, and processes that come and go on it, each with a real ledger and a real orderer.
final class SimNode {
    private static final Path HOME = Path.of("/node");
    private static final Path LEDGER = HOME.resolve("ledger");
    private static final int VERIFY_TASKS_MAX = 4096;

    private final Scene scene;
    private final int number;
    private final Dice dice;
    private final SimDisk disk;
    private long epoch;
    private @Nullable Life process;
    private boolean starting;

    /// One start of the node.
    private static final class Life {
        private final Host host;
        private @Nullable Ledger ledger;
        private @Nullable Orderer orderer;
        private @Nullable Cursor cursor;
        private boolean grown;

        private Life(Host host) {
            this.host = host;
        }
    }

    SimNode(Scene scene, int number, Dice dice) {
        this.scene = scene;
        this.number = number;
        this.dice = dice;
        this.disk = new SimDisk(dice.fork());
        if (scene.planted().lies(number)) {
            disk.lie();
        }
        Host founder = new Host("n" + number, scene.time(), dice.fork(), disk);
        founder.disk().createDirectories(HOME);
        founder.disk().forceDirectory(Path.of("/"));
    }

    int number() {
        return number;
    }

    MemberId member() {
        return scene.members().get(number);
    }

    long epoch() {
        return epoch;
    }

    SimDisk disk() {
        return disk;
    }

    boolean runs() {
        return process != null && process.orderer != null && !process.host.isDead();
    }

    /// The process it runs; null when there is none.
    @Nullable
    Host host() {
        return process == null || process.host.isDead() ? null : process.host;
    }

    Orderer orderer() {
        Life now = process;
        if (now == null || now.orderer == null) {
            throw new IllegalStateException("node " + number + " does not run");
        }
        return now.orderer;
    }

    Ledger ledger() {
        Life now = process;
        if (now == null || now.ledger == null) {
            throw new IllegalStateException("node " + number + " does not run");
        }
        return now.ledger;
    }

    long height() {
        return process == null || process.ledger == null ? 0 : process.ledger.height();
    }

    long durableHeight() {
        return process == null || process.ledger == null ? 0 : process.ledger.durableHeight();
    }

    /// Whether the channel says it does not serve now.
    boolean hasProblem() {
        return runs() && orderer().status().problem().isPresent();
    }

    // ---- start and end

    /// Starts a process, if none runs.
    void startIn(long nanos) {
        if (starting || host() != null) {
            return;
        }
        starting = true;
        Host host = new Host("n" + number, scene.time(), dice.fork(), disk);
        host.blockingAfter(nanos, "start", () -> {
            starting = false;
            start(host);
        });
        host.whenGone(() -> {
            starting = false;
            over(true);
        });
    }

    private void start(Host host) {
        epoch++;
        Life now = new Life(host);
        process = now;
        try {
            open(now, host);
        } catch (DiskFault fault) {
            scene.time().note("node %d does not start: %s", number, Decode.reason(fault));
            kill(false);
        } catch (UnreadableLedger broken) {
            throw new Violation(
                    "LedgerOpens", "node %d after a crash: %s".formatted(number, broken.getMessage()), broken);
        }
    }

    private void open(Life now, Host host) {
        Ledger ledger = Ledger.open(
                host, LEDGER, Charter.CHANNEL, scene.plan().ledger(), SimStore.engine(host, disk, dice.fork()));
        now.ledger = ledger;
        scene.opened(this, ledger);
        Charter.Channel channel = scene.channel();
        if (ledger.height() == 0) {
            ledger.append(stored(channel.genesis()));
            long _ = ledger.force();
        }
        Pool pool = host.pool("verify", 2, VERIFY_TASKS_MAX);
        now.cursor = ledger.cursor(0);
        now.grown = true;
        var _ = ledger.onHeight(height -> now.grown = true);
        Charter charter = Charter.one();
        now.orderer = Orderer.open(
                new Orderer.Parts(
                        host,
                        inForce(ledger),
                        ledger,
                        pool,
                        charter.crypto(),
                        new Orderer.Self(member(), epoch, charter.signer(number), message -> ByteString.EMPTY),
                        new SimPeers(scene, this, host),
                        scene.plan().orderer(),
                        config -> {}),
                new Engine(host));
    }

    private ChannelConfig inForce(Ledger ledger) {
        StoredBlock newest = ConfigBlocks.newest(ledger);
        return newest.number() == 0
                ? scene.channel().config()
                : ChannelConfig.fromBlock(newest.bytes(), Charter.one().crypto());
    }

    /// Opens the member's side of the log.
    private final class Engine implements Orderer.Engine {
        private final Host host;

        private Engine(Host host) {
            this.host = host;
        }

        @Override
        public void cut(MemberId member) {
            throw Violation.of(SimNode.class, "nobody loses a seat here");
        }

        @Override
        public void admit(MemberId member) {}

        @Override
        public OrderedLog open(Position resumeFrom, OrderedLog.Reader reader, OrderedLog.Stamper stamper) {
            scene.resumes(number, resumeFrom);
            Position from = scene.planted().resumes(number, resumeFrom);
            LogDoor door = new LogDoor(scene.log(), number, new LogDoor.Opened(host, from, reader, stamper));
            scene.log().attach(number, door);
            return door;
        }
    }

    /// The process ends here and now.
    ///
    /// @param power whether the machine loses power too
    void kill(boolean power) {
        Host host = host();
        if (host != null) {
            host.kill();
            over(power);
        }
    }

    private void over(boolean power) {
        scene.ended(this);
        process = null;
        LogDoor door = scene.log().door(number);
        if (door != null) {
            scene.log().detach(number, door);
        }
        if (power) {
            disk.crash();
        }
        scene.time().note("node %d is down%s", number, power ? ", its machine lost power" : "");
    }

    /// Stops in good order.
    void stop() {
        Life now = process;
        Host host = host();
        if (now == null || host == null || now.orderer == null) {
            return;
        }
        Orderer orderer = now.orderer;
        Ledger ledger = ledger();
        host.blockingAfter(0, "stop", () -> {
            try {
                orderer.close();
                ledger.close();
            } catch (DiskFault full) {
                scene.time().note("node %d stops without its last force: %s", number, Decode.reason(full));
            }
            kill(false);
        });
    }

    // ---- use

    /// Shows new blocks to the rules.
    void look() {
        Life now = process;
        if (now == null || !now.grown || now.cursor == null || now.host.isDead()) {
            return;
        }
        now.grown = false;
        try {
            for (StoredBlock block = now.cursor.poll(); block != null; block = now.cursor.poll()) {
                scene.appended(this, block, view(block));
            }
        } catch (ProcessGone gone) {
            gone.host().gone();
        }
    }

    void offer(Sent sent) {
        sent.offered(this);
        EnvelopeView envelope = sent.envelope();
        var _ = orderer().offer(envelope).whenComplete((done, failure) -> scene.answered(this, sent, failure));
    }

    /// The blocks as a fresh reader gets them.
    List<StoredBlock> chain() {
        List<StoredBlock> blocks = new ArrayList<>();
        try (Cursor fresh = ledger().cursor(0)) {
            for (StoredBlock block = fresh.poll(); block != null; block = fresh.poll()) {
                blocks.add(block);
            }
        }
        return blocks;
    }

    static StoredBlock stored(ByteString bytes) {
        try {
            return StoredBlock.of(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    static BlockView view(StoredBlock block) {
        try {
            return block.view();
        } catch (InvalidProtocolBufferException e) {
            throw new Violation("ChainHolds", "block %d does not decode".formatted(block.number()), e);
        }
    }

    @Override
    public String toString() {
        return "node " + number;
    }
}
