package org.holdfast.keyspace;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;
import org.holdfast.state.BlockDigest;
import org.holdfast.state.ShardState;
import org.holdfast.state.StateCopy;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.CheckpointHead;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a state from another member: the one that is furthest first, then the others. What comes is believed when its
/// content has the digest that further members have noted after the same block:
///
/// - of the members that tell a digest after that block, the sender among them, more than half tell the same one as
///   the sender, and at least two;
/// - the digest added up from the content that came is that one ([StateCopy#examine]).
///
/// So one member that lies, or whose state is broken, plants nothing. Where nobody can be compared with (a keyspace
/// without digests, a channel of two) a checkpoint is taken only when blocks are missing here, because there is no
/// other way then, and this is said loudly.
///
/// One round of it on one virtual thread; progress is read by any.
final class Taking {
    /// How long further members are waited for that have not come to the block yet.
    static final Duration WITNESSES = Duration.ofSeconds(15);

    private static final Duration ASK_AGAIN = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(Taking.class);

    private final World world;
    private final ShardChannel channel;
    private final ShardName name;
    private final StateDirs dirs;
    private final CountDownLatch stop;
    private volatile @Nullable Transfer progress;
    private volatile @Nullable String sender;

    /// @param stop ends it soon when it is at zero
    Taking(World world, ShardChannel channel, ShardName name, StateDirs dirs, CountDownLatch stop) {
        this.world = world;
        this.channel = channel;
        this.name = name;
        this.dirs = dirs;
        this.stop = stop;
    }

    /// What is wanted.
    ///
    /// @param applied the last block in the state
    /// @param least the least block that is worth the way
    /// @param missing whether the block behind the state is not in the ledger
    record Want(long applied, long least, boolean missing) {}

    /// How a round ended.
    ///
    /// @param answered whether any member told of its state, or there is none to ask
    /// @param taken empty when there was none worth taking, or none that could be believed
    record Outcome(boolean answered, Optional<Taken> taken) {}

    /// A checkpoint that is believed, and on the device.
    record Taken(Path directory, long block, String from) {}

    private record Standing(String member, long applied) {}

    Optional<Transfer> progress() {
        return Optional.ofNullable(progress);
    }

    /// Whether a member sends, or what it sent is looked at.
    boolean isTaking() {
        return sender != null;
    }

    /// Throws [org.holdfast.env.DiskFault] when this node's disk is at fault.
    Outcome take(Want want) {
        StatePeers peers = channel.peers();
        List<Standing> standings = new ArrayList<>();
        for (String member : peers.names()) {
            peers.told(member, Long.MAX_VALUE).ifPresent(told -> standings.add(new Standing(member, told.applied())));
        }
        boolean answered = !standings.isEmpty() || peers.names().isEmpty();
        standings.removeIf(one -> one.applied() < want.least());
        standings.sort(Comparator.comparingLong(Standing::applied).reversed());
        for (Standing one : standings) {
            Optional<Taken> taken = stop.getCount() == 0 ? Optional.empty() : take(peers, one.member(), want);
            if (taken.isPresent()) {
                return new Outcome(answered, taken);
            }
        }
        return new Outcome(answered, Optional.empty());
    }

    private Optional<Taken> take(StatePeers peers, String member, Want want) {
        Path directory = dirs.incoming();
        boolean whole = false;
        sender = member;
        try (StatePeers.Parts parts = peers.checkpoint(member, want.applied())) {
            Incoming incoming = new Incoming(world.disk(), parts);
            CheckpointHead head = incoming.head(want.applied());
            Incoming.require(head.getBlock() >= want.least(), "it is of block %d only", head.getBlock());
            Optional<BlockDigest> said = digest(head);
            requireBelieved(peers, member, said, want);
            LOG.info(
                    "channel={}: the checkpoint of {} at block {} is fetched: {} bytes",
                    channel.id(),
                    member,
                    head.getBlock(),
                    head.getBytes());
            progress = new Transfer(member, head.getBlock(), 0, head.getBytes());
            incoming.files(head, directory, bytes -> came(member, bytes));
            StateCopy.Seal found = StateCopy.examine(directory, new ShardState.Options(name.digest()));
            Incoming.require(
                    found.block() == head.getBlock() && found.digest().equals(said),
                    "its content is not what it says it is: look with 'holdfast state compare' and at %s",
                    member);
            whole = true;
            return Optional.of(new Taken(directory, found.block(), member));
        } catch (IOException e) {
            LOG.warn("channel={}: the checkpoint of {} is not taken: {}", channel.id(), member, Decode.reason(e));
            return Optional.empty();
        } catch (Refusal.Refused e) {
            LOG.warn("channel={}: {} gives no checkpoint: {}", channel.id(), member, Decode.reason(e));
            return Optional.empty();
        } finally {
            progress = null;
            sender = null;
            if (!whole) {
                world.disk().deleteTree(directory);
            }
        }
    }

    private void came(String member, int bytes) {
        Transfer before = progress;
        if (before != null) {
            progress = before.with(bytes);
        }
        if (stop.getCount() == 0) {
            throw Refusal.of(org.holdfast.wire.Code.STOPPING, "%s is not waited for any more", member)
                    .asException();
        }
    }

    private Optional<BlockDigest> digest(CheckpointHead head) throws IOException {
        Incoming.require(
                head.getDigest().isEmpty() != name.digest(),
                name.digest() ? "it has no digest" : "it has a digest, and the keyspace has none");
        return name.digest()
                ? Optional.of(new BlockDigest(head.getBlock(), head.getDigest().toByteArray()))
                : Optional.empty();
    }

    private void requireBelieved(StatePeers peers, String sender, Optional<BlockDigest> said, Want want)
            throws IOException {
        List<String> others =
                peers.names().stream().filter(other -> !other.equals(sender)).toList();
        if (said.isEmpty() || others.isEmpty()) {
            Incoming.require(want.missing(), "there is nobody to compare it with");
            LOG.warn(
                    "channel={}: the checkpoint of {} is taken without comparing it, because blocks are missing here",
                    channel.id(),
                    sender);
            return;
        }
        Voices voices = hear(peers, others, said.get());
        long until = world.clock().nanos() + WITNESSES.toNanos();
        while (!voices.believed() && voices.waiting() > 0 && world.clock().nanos() - until < 0 && !paused()) {
            voices = hear(peers, others, said.get());
        }
        Incoming.require(
                voices.believed(),
                "%d other members have its digest %s after block %d, %d have another one, %d do not say: see"
                        + " 'holdfast state compare'",
                voices.same() - 1,
                said.get().text(),
                said.get().block(),
                voices.other(),
                others.size() + 1 - voices.same() - voices.other());
    }

    /// @return whether it is to end
    private boolean paused() {
        try {
            return stop.await(ASK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /// What members say of a digest.
    ///
    /// @param same those that have it, the sender among them
    /// @param other those that have another one
    /// @param waiting those that have not come to the block yet
    private record Voices(int same, int other, int waiting) {
        boolean believed() {
            return same >= 2 && same > other;
        }
    }

    private static Voices hear(StatePeers peers, List<String> others, BlockDigest said) {
        int same = 1;
        int other = 0;
        int waiting = 0;
        for (String member : others) {
            Optional<StatePeers.Told> told = peers.told(member, said.block());
            Optional<BlockDigest> digest =
                    told.flatMap(StatePeers.Told::digest).filter(one -> one.block() == said.block());
            if (digest.isPresent()) {
                same += digest.get().equals(said) ? 1 : 0;
                other += digest.get().equals(said) ? 0 : 1;
            } else if (told.isPresent() && told.get().applied() < said.block()) {
                waiting++;
            }
        }
        return new Voices(same, other, waiting);
    }
}
