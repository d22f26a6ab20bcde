package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Pool;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;
import org.jspecify.annotations.Nullable;

/// Three nodes of one channel over a hostile log: real ledgers on disk, real signatures, links that lose requests and
/// answers.
final class Town implements AutoCloseable {
    static final int NODES = 3;

    final Consortium consortium;
    final MemoryLog log;
    final List<Node> nodes = new ArrayList<>();
    private final Path root;
    private final OrdererSettings settings;
    private final Random links;
    private volatile int lossPercent;

    Town(Path root, Consortium consortium, OrdererSettings settings, long seed) {
        this(root, consortium, settings, seed, 1);
    }

    /// @param life incarnation of the last node, by which the log begins
    Town(Path root, Consortium consortium, OrdererSettings settings, long seed, int life) {
        this.root = root;
        this.consortium = consortium;
        this.settings = settings;
        this.links = new Random(seed);
        List<MemberId> first = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            first.add(new MemberId(consortium.seat(i), i == NODES - 1 ? life : 1));
        }
        this.log = new MemoryLog(seed, first);
        for (int i = 0; i < NODES; i++) {
            nodes.add(new Node(i, first.get(i)));
        }
    }

    /// Starts all nodes; the first one leads.
    Town open() {
        nodes.forEach(Node::start);
        lead(0);
        return this;
    }

    void lead(int number) {
        log.elect(nodes.get(number).member);
    }

    /// Links lose this share of requests and answers.
    void loss(int percent) {
        lossPercent = percent;
    }

    /// Ends all malice and waits until every node that runs has the same blocks, with these envelopes in them.
    void settle(int leader, List<String> wanted) {
        log.malice(MemoryLog.Malice.NONE);
        lossPercent = 0;
        nodes.forEach(node -> log.pause(node.member, false));
        lead(leader);
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            long height = nodes.get(leader).ledger().height();
            for (Node node : nodes) {
                assertThat(node.ledger().height()).as("height of %s", node).isEqualTo(height);
                assertThat(node.orderer().status().problem()).isEmpty();
            }
            assertThat(nodes.get(leader).names()).containsAll(wanted);
        });
    }

    /// Header and data of all blocks are the same everywhere.
    void assertSameBlocks() {
        Node first = nodes.getFirst();
        for (Node node : nodes) {
            assertThat(node.ledger().height()).isEqualTo(first.ledger().height());
            for (long number = 0; number < first.ledger().height(); number++) {
                BlockView here = view(node.ledger().block(number));
                BlockView there = view(first.ledger().block(number));
                assertThat(here.header()).as("block %d of %s", number, node).isEqualTo(there.header());
                assertThat(here.data()).isEqualTo(there.data());
                assertThat(BlockWriter.consenterMetadata(node.ledger().block(number)))
                        .isEqualTo(BlockWriter.consenterMetadata(first.ledger().block(number)));
            }
        }
    }

    static BlockView view(StoredBlock block) {
        try {
            return block.view();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        nodes.forEach(Node::stop);
        log.close();
    }

    private boolean lost() {
        synchronized (links) {
            return links.nextInt(100) < lossPercent;
        }
    }

    /// One node: its disk stays when it stops.
    final class Node {
        final int number;
        /// How far its wall clock is ahead of the right time.
        volatile long aheadMillis;

        final FaultyDisk disk = new FaultyDisk(Consortium.WORLD.disk());
        MemberId member;
        private long epoch;
        private @Nullable Ledger ledger;
        private @Nullable Orderer orderer;
        private @Nullable Pool pool;

        private Node(int number, MemberId member) {
            this.number = number;
            this.member = member;
        }

        void start() {
            FaultyWorld world = new FaultyWorld(disk);
            Ledger opened =
                    Ledger.open(world, root.resolve("node" + number), Consortium.CHANNEL, LedgerSettings.DEFAULT);
            if (opened.height() == 0) {
                opened.append(stored(consortium.genesis()));
                opened.force();
            }
            epoch++;
            ledger = opened;
            Pool signatures = world.pool("verify-" + number, 2, 200_000);
            pool = signatures;
            orderer = Orderer.open(
                    new Orderer.Parts(
                            world,
                            ChannelConfig.fromBlock(ConfigBlocks.newest(opened).bytes(), Consortium.CRYPTO),
                            opened,
                            signatures,
                            Consortium.CRYPTO,
                            new Orderer.Self(member, epoch, consortium.signer(number), consortium.seatKey(number)),
                            new Links(this),
                            settings,
                            config -> {}),
                    log.engine(member));
        }

        void stop() {
            Orderer running = orderer;
            if (running != null) {
                orderer = null;
                try {
                    running.close();
                } catch (DiskFault full) {
                    assertThat(disk.isFull()).as("%s: %s", this, full).isTrue();
                }
                closeLedger();
                if (pool != null) {
                    pool.close();
                }
            }
        }

        private void closeLedger() {
            try {
                ledger().close();
            } catch (DiskFault full) {
                assertThat(disk.isFull()).as("%s: %s", this, full).isTrue();
            }
        }

        void restart() {
            stop();
            start();
        }

        /// Comes back as the seat's next incarnation.
        void restartAs(int incarnation) {
            stop();
            member = new MemberId(member.seat(), incarnation);
            epoch = 0;
            start();
        }

        boolean runs() {
            return orderer != null;
        }

        Orderer orderer() {
            if (orderer == null) {
                throw new IllegalStateException(this + " does not run");
            }
            return orderer;
        }

        Ledger ledger() {
            if (ledger == null) {
                throw new IllegalStateException(this + " never ran");
            }
            return ledger;
        }

        /// The names of all envelopes in the blocks here, in order, without block 0.
        List<String> names() {
            List<String> names = new ArrayList<>();
            for (long block = 1; block < ledger().height(); block++) {
                names.addAll(Consortium.namesOf(view(ledger().block(block)).data()));
            }
            return names;
        }

        @Override
        public String toString() {
            return "node " + number + " (" + member + ")";
        }
    }

    private static StoredBlock stored(ByteString bytes) {
        try {
            return StoredBlock.of(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private Optional<Node> running(MemberId member) {
        return nodes.stream()
                .filter(Node::runs)
                .filter(node -> node.member.equals(member))
                .findFirst();
    }

    /// What a node's peers are in this town: the other nodes, by method call.
    private final class Links implements Peers {
        private final Node from;

        private Links(Node from) {
            this.from = from;
        }

        @Override
        public CompletableFuture<SubmitReply> submit(MemberId leader, ByteString record) {
            Optional<Node> to = running(leader);
            if (to.isEmpty() || lost()) {
                return CompletableFuture.completedFuture(reply(SubmitReply.Outcome.AMBIGUOUS, "no link"));
            }
            return to.get().orderer().submitFrom(from.member, record).handle((position, failure) -> {
                if (lost()) {
                    return reply(SubmitReply.Outcome.AMBIGUOUS, "the answer was lost");
                }
                return switch (failure) {
                    case null -> reply(SubmitReply.Outcome.COMMITTED, "");
                    case Refusal.Refused refused ->
                        reply(SubmitReply.Outcome.REFUSED, refused.refusal().text());
                    default -> reply(SubmitReply.Outcome.AMBIGUOUS, String.valueOf(failure.getMessage()));
                };
            });
        }

        @Override
        public CompletableFuture<ReadPoint> readPoint(MemberId leader, Duration most) {
            Optional<Node> to = running(leader);
            if (to.isEmpty() || lost()) {
                return CompletableFuture.failedFuture(new IllegalStateException("no link"));
            }
            return to.get().orderer().leaderReadPoint().thenApply(point -> {
                if (lost()) {
                    throw new IllegalStateException("the answer was lost");
                }
                return point;
            });
        }

        private SubmitReply reply(SubmitReply.Outcome outcome, String text) {
            return SubmitReply.newBuilder().setOutcome(outcome).setText(text).build();
        }

        @Override
        public Optional<OrderedLog.Seated> locate(String seat) {
            return nodes.stream()
                    .filter(Node::runs)
                    .filter(node -> node.member.seat().equals(seat))
                    .map(node -> MemoryLog.seated(node.member))
                    .findFirst();
        }

        @Override
        public Optional<View> view() {
            return log.leader().flatMap(Town.this::running).map(node -> {
                OrdererStatus status = node.orderer().status();
                return new View(status.leader(), status.members(), status.height());
            });
        }

        @Override
        public List<ClockReading> clocks() {
            return nodes.stream()
                    .filter(Node::runs)
                    .filter(node -> !node.equals(from))
                    .map(node -> new ClockReading(node.member.seat(), node.aheadMillis - from.aheadMillis))
                    .toList();
        }

        @Override
        public BlockSource blocks(long first) {
            Optional<Node> source = nodes.stream()
                    .filter(Node::runs)
                    .filter(node -> !node.equals(from))
                    .filter(node -> node.ledger().height() > first)
                    .findFirst();
            return new BlockSource() {
                private long next = first;

                @Override
                public @Nullable ByteString next() {
                    if (source.isEmpty() || next >= source.get().ledger().height()) {
                        return null;
                    }
                    return source.get().ledger().block(next++).bytes();
                }

                @Override
                public void close() {}
            };
        }
    }
}
