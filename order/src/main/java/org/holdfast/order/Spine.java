package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.holdfast.channel.AboveLevel;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.env.Loop;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.Cutter.Effect;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The channel's spine: records in, blocks and fates out. Owned by the channel's loop.
///
/// When the disk takes no block, the spine stops where it is, tries the same block again until it is written, and
/// reads no further record meanwhile; the engine is slowed down by the bounded queue before it.
final class Spine {
    private static final Logger LOG = LoggerFactory.getLogger(Spine.class);
    private static final Duration DISK_PAUSE = Duration.ofMillis(500);

    /// Who is told what the records did.
    interface Listener {
        void settled(Effect.Settled settled);

        void seated(Effect.Seated seated);

        /// The newest block carries a config: it is in force.
        void configured(ChannelConfig now);

        void wrote(StoredBlock block);

        /// The disk takes no blocks, or takes them again (empty).
        void disk(Optional<String> fault);

        /// A record was read to its end.
        void read();
    }

    private final Loop loop;
    private final Ledger ledger;
    private final BlockWriter writer;
    private final List<String> seatNames;
    private final Listener listener;
    private final OrderFigures figures;
    private final ArrayDeque<Task> queue = new ArrayDeque<>();
    private final ArrayDeque<Effect> effects = new ArrayDeque<>();
    private Cutter cutter;
    /// Behind the newest block of the ledger.
    private CutterConfig inForce;
    private boolean stalled;
    private boolean stopped;

    /// A record to read, and what to do once it is read or dropped.
    private record Task(Entry entry, Runnable done) {}

    /// @param seatNames seats of the config's consenters, in order
    Spine(Loop loop, Ledger ledger, BlockWriter writer, List<String> seatNames, Wiring wiring) {
        this.loop = loop;
        this.ledger = ledger;
        this.writer = writer;
        this.seatNames = seatNames;
        this.inForce = wiring.inForce();
        this.listener = wiring.listener();
        this.figures = wiring.figures();
        this.cutter = cutterAtTip();
    }

    /// What the spine calls.
    ///
    /// @param inForce behind the newest block of the ledger
    record Wiring(CutterConfig inForce, Listener listener, OrderFigures figures) {}

    /// Reads a record, now or when the disk takes blocks again.
    ///
    /// @param done run when the record is read or dropped
    void take(Entry entry, Runnable done) {
        if (stopped) {
            done.run();
            return;
        }
        queue.add(new Task(entry, done));
        if (!stalled) {
            run();
        }
    }

    /// The cutter as it stands.
    Cutter cutter() {
        return cutter;
    }

    /// Appends a block that came from elsewhere and goes on from it. Only while no record is half read: refused while a
    /// block waits for the disk.
    void adopt(StoredBlock block) {
        if (stopped) {
            throw Refusal.of(Code.STOPPING, "the channel stopped at this node at block %d", ledger.height())
                    .asException();
        }
        if (block.number() < ledger.height()) {
            return;
        }
        if (stalled) {
            throw Refusal.of(Code.DISK_FULL, "block %d still waits for the disk", ledger.height())
                    .asException();
        }
        Invariant.check(effects.isEmpty(), "a block came from elsewhere amid the effects of a record");
        Optional<CutterConfig> next = follow(block);
        ledger.append(block);
        next.ifPresent(config -> inForce = config);
        cutter = cutterAtTip();
        figures.adopted();
        next.ifPresent(config -> listener.configured(config.config()));
        listener.wrote(block);
    }

    /// Whether a block waits for the disk.
    boolean stalled() {
        return stalled;
    }

    /// Drops what is queued and reads nothing more.
    void stop() {
        stopped = true;
        queue.forEach(task -> task.done.run());
        queue.clear();
    }

    /// The resume state that a stored block carries.
    Resume resumeAt(long number) {
        return Resume.of(BlockWriter.consenterMetadata(ledger.block(number)), seatNames);
    }

    /// Sequence of the last record of a member's start that was applied; 0 if none.
    long appliedOf(MemberId member, long epoch) {
        return cutter.appliedOf(member, epoch);
    }

    /// Members as the newest block says.
    List<MemberId> members() {
        return cutter.members();
    }

    /// Fabric's number of the member in a seat; 0 if there is no such seat.
    long consenterId(String seat) {
        return cutter.consenterId(seat);
    }

    private Cutter cutterAtTip() {
        return new Cutter(resumeAt(ledger.height() - 1), ledger.height(), inForce);
    }

    private void run() {
        while (!stopped && carryOut() && !queue.isEmpty()) {
            Task task = queue.remove();
            try {
                List<Effect> taken = cutter.take(task.entry);
                figures.read(taken, cutter.pendingCount());
                effects.addAll(taken);
            } finally {
                task.done.run();
            }
        }
        if (!stopped && !stalled) {
            listener.read();
        }
    }

    /// Carries the effects out in order.
    ///
    /// @return false when a block waits for the disk
    private boolean carryOut() {
        for (Effect effect = effects.peek(); effect != null; effect = effects.peek()) {
            switch (effect) {
                case Effect.Cut cut -> {
                    if (!write(cut)) {
                        return false;
                    }
                }
                case Effect.Settled settled -> listener.settled(settled);
                case Effect.Seated seated -> listener.seated(seated);
            }
            effects.remove();
        }
        return true;
    }

    /// The config that a fetched block puts in force, if it carries one. A block that this node cannot follow stops the
    /// channel once; whoever fetched it would ask again for ever.
    private Optional<CutterConfig> follow(StoredBlock block) {
        try {
            Optional<ByteString> config = ConfigBlocks.config(block.view().data());
            return config.map(envelope -> {
                Resume resume = Resume.of(BlockWriter.consenterMetadata(block), seatNames);
                return inForce.after(envelope, block.number(), resume.timeMillis());
            });
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("a checked block does not decode: %s", Decode.reason(e));
        } catch (Refusal.Refused e) {
            throw halt(Invariant.broken(
                    "block %d, which other members have, carries a config that may not follow the one in force here:"
                            + " %s",
                    block.number(), e.refusal().text()));
        } catch (Invariant | AboveLevel unfollowable) {
            throw halt(unfollowable);
        }
    }

    private RuntimeException halt(RuntimeException reason) {
        boolean _ = loop.post(() -> {
            throw reason;
        });
        return Refusal.of(Code.CHANNEL_HALTED, "%s", Decode.reason(reason)).asException();
    }

    private boolean write(Effect.Cut cut) {
        Invariant.check(
                cut.next().isPresent() || ConfigBlocks.config(cut.envelopes()).isEmpty(),
                "block %d would carry a config that came as an ordinary envelope: a member let it in unchecked",
                ledger.height());
        CutterConfig behind = cut.next().orElse(inForce);
        try {
            StoredBlock block = writer.write(cut, behind.config().blockNumber());
            inForce = behind;
            if (stalled) {
                stalled = false;
                listener.disk(Optional.empty());
            }
            cut.next().ifPresent(config -> listener.configured(config.config()));
            listener.wrote(block);
            return true;
        } catch (DiskFault e) {
            if (!stalled) {
                LOG.error("Block {} waits for the disk: {}", ledger.height(), e.getMessage());
                listener.disk(Optional.of(String.valueOf(e.getMessage())));
            }
            stalled = true;
            loop.after(DISK_PAUSE, this::run);
            return false;
        }
    }
}
