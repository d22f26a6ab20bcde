package org.holdfast.cli;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.holdfast.transport.OrdererClient;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekNewest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `holdfast bench`: what a running network carries.
@Command(name = "bench", description = "Measures a running network.")
final class BenchCommand extends CommandGroup {
    BenchCommand(Session session) {
        super(new Order(session));
    }

    /// `holdfast bench order`.
    @Command(
            name = "order",
            description = "Measures how fast signed envelopes are acknowledged, and read back in blocks.",
            footer = {
                "",
                "The envelopes are signed before the clock starts. This process is the generator: its CPU time is told",
                "apart from the nodes'. Without --rate a stream sends when its window has room; with it, latency",
                "counts from when an envelope was due.",
                "",
                "Examples:",
                "  holdfast bench order --payload 1024 --seconds 20",
                "  holdfast bench order --payload 200 --seconds 20 --rate 1000 --json"
            })
    static final class Order implements Callable<Integer> {
        private static final int LATENCY_DIGITS = 3;
        private static final long READ_ALL_SECONDS = 60;
        private static final String GENERATOR = "generator";

        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Option(names = "--channel", paramLabel = "NAME", description = "Default: the network's first.")
        private @Nullable String channel;

        @Option(names = "--payload", paramLabel = "BYTES", required = true, description = "Data of an envelope.")
        private int payload;

        @Option(names = "--seconds", paramLabel = "N", required = true, description = "How long is measured.")
        private int seconds;

        @Option(names = "--warm-up", paramLabel = "N", description = "Seconds before that (default: 5).")
        private int warmUp = 5;

        @Option(names = "--rate", paramLabel = "R", description = "Envelopes a second (default: a closed loop).")
        private @Nullable Integer rate;

        @Option(names = "--streams", paramLabel = "N", description = "Over all nodes (default: 18).")
        private int streams = 18;

        @Option(names = "--window", paramLabel = "N", description = "Unanswered on a stream (default: 64).")
        private int window = 64;

        @Option(
                names = "--disk-delay",
                paramLabel = "TIME",
                description = "Every force of the nodes' disks takes this much longer while it is measured, e.g. 2ms.")
        private @Nullable String diskDelay;

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Order(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            Network network = dir.load();
            BenchPlan plan = new BenchPlan(
                    channel == null ? network.channels().getFirst().name() : channel,
                    payload,
                    Duration.ofSeconds(seconds),
                    Duration.ofSeconds(warmUp),
                    rate == null ? OptionalInt.empty() : OptionalInt.of(rate),
                    streams,
                    window,
                    BenchPlan.diskDelay(diskDelay));
            Nodes nodes = new Nodes(session, dir, network);
            if (nodes.running().isEmpty()) {
                throw CommandFault.failed("no node of the network runs; start it with: holdfast up --detach");
            }
            BenchResult result;
            try (Client client = Client.open(session, dir, plan.channel(), Optional.empty())) {
                result = measure(plan, nodes, client);
            } finally {
                if (!plan.diskDelay().isZero()) {
                    nodes.delayForces(Duration.ZERO, Duration.ZERO);
                }
            }
            if (json) {
                session.screen().print(Json.pretty(result));
            } else {
                result.text().forEach(session.screen()::say);
            }
            return result.missing() == 0 ? 0 : CommandFault.FAILED;
        }

        private BenchResult measure(BenchPlan plan, Nodes nodes, Client client) {
            BenchPadding padding = new BenchPadding(session.world().chance());
            long run = session.world().chance().nextLong();
            session.screen().live("signing");
            List<ByteString> envelopes = BenchLoad.sign(plan, client, run, padding);
            Recorder acknowledgements = new Recorder(LATENCY_DIGITS);
            Recorder deliveries = new Recorder(LATENCY_DIGITS);
            BenchLoad load = new BenchLoad(session, plan, envelopes, acknowledgements);
            session.screen()
                    .live("measuring for %d s, after %d s of warm-up"
                            .formatted(plan.length().toSeconds(), plan.warmUp().toSeconds()));
            try (BenchReader reader = new BenchReader(session, run, load, deliveries, client.connect())) {
                reader.start(client.seek(follow()));
                List<OrdererClient> links = links(plan, client);
                if (!plan.diskDelay().isZero()) {
                    // Ends by itself should this process be killed.
                    nodes.delayForces(plan.diskDelay(), plan.whole().plusSeconds(READ_ALL_SECONDS));
                }
                Map<String, Duration> before = cpu(nodes);
                load.run(links);
                boolean all = reader.awaitAll(load.sent() - load.failed(), READ_ALL_SECONDS);
                Map<String, Duration> after = cpu(nodes);
                session.screen().endLive();
                if (!all) {
                    session.screen()
                            .note("the reader saw %d of %d envelopes (%s)"
                                    .formatted(reader.seen(), load.sent() - load.failed(), reader.fault()));
                }
                if (load.failed() > 0) {
                    session.screen().note("the last failure: " + load.lastFailure());
                }
                return result(
                        new Measured(
                                plan,
                                load,
                                reader,
                                envelopes.getFirst().size(),
                                nodes.running().size()),
                        acknowledgements.getIntervalHistogram(),
                        deliveries.getIntervalHistogram(),
                        perEnvelope(before, after, reader.seen()));
            }
        }

        private record Measured(BenchPlan plan, BenchLoad load, BenchReader reader, int envelopeBytes, int nodes) {}

        private static BenchResult result(
                Measured measured, Histogram acknowledged, Histogram delivered, Map<String, Double> cpu) {
            BenchPlan plan = measured.plan;
            double length = measured.load.measuredSeconds();
            return new BenchResult(
                    plan.payloadBytes(),
                    measured.envelopeBytes,
                    measured.nodes,
                    plan.streams(),
                    plan.window(),
                    plan.rate().orElse(0),
                    plan.diskDelay().toNanos() / 1e6,
                    length,
                    measured.reader.measured() / length,
                    measured.load.acknowledged() / length,
                    BenchResult.Latency.of(acknowledged),
                    BenchResult.Latency.of(delivered),
                    measured.reader.measured() / (double) Math.max(1, measured.reader.blocks()),
                    cpu,
                    measured.load.failed(),
                    Math.max(0, measured.load.sent() - measured.load.failed() - measured.reader.seen()));
        }

        private static List<OrdererClient> links(BenchPlan plan, Client client) {
            List<OrdererClient> links = new ArrayList<>();
            for (int i = 0; i < plan.streams(); i++) {
                links.add(client.connect());
                client.turn();
            }
            return links;
        }

        private static ByteString follow() {
            return SeekInfo.newBuilder()
                    .setStart(SeekPosition.newBuilder().setNewest(SeekNewest.getDefaultInstance()))
                    .setStop(SeekPosition.newBuilder()
                            .setSpecified(SeekSpecified.newBuilder().setNumber(Long.MAX_VALUE)))
                    .setBehavior(SeekInfo.SeekBehavior.BLOCK_UNTIL_READY)
                    .build()
                    .toByteString();
        }

        private static Map<String, Duration> cpu(Nodes nodes) {
            Map<String, Duration> spent = new LinkedHashMap<>();
            nodes.running()
                    .forEach(node -> nodes.process(node)
                            .running()
                            .flatMap(process -> process.info().totalCpuDuration())
                            .ifPresent(time -> spent.put(node.name(), time)));
            ProcessHandle.current().info().totalCpuDuration().ifPresent(time -> spent.put(GENERATOR, time));
            return spent;
        }

        private static Map<String, Double> perEnvelope(
                Map<String, Duration> before, Map<String, Duration> after, int envelopes) {
            Map<String, Double> micros = new LinkedHashMap<>();
            after.forEach((process, spent) -> micros.put(
                    process,
                    spent.minus(before.getOrDefault(process, spent)).toNanos() / 1000.0 / Math.max(1, envelopes)));
            return micros;
        }
    }
}
