package org.holdfast.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.holdfast.state.BlockDigest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `holdfast state`: whether the nodes' states are the same.
@Command(name = "state", description = "Shows and compares what the nodes' states of keyspaces hold.")
final class StateCommand extends CommandGroup {
    /// Digests asked for at once, as many as a node gives.
    private static final int PAGE = 2_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    StateCommand(Session session) {
        super(new Digest(session), new Compare(session));
    }

    /// The digest of a shard's state at a node.
    ///
    /// @param block after which; -1 before the first
    /// @param digest hexadecimal; null when the node keeps none or does not answer
    /// @param problem why there is none
    record Reading(
            String node,
            long block,
            @Nullable String digest,
            @Nullable String problem) {}

    /// A shard with a reading of each node.
    ///
    /// @param block at which the nodes are compared: the newest that all of them have
    /// @param equal whether they are the same there; null when fewer than two could be compared
    /// @param firstDifference the first block after which they differ, of those that all remember; null when equal
    record Shard(
            String keyspace,
            int shard,
            String channel,
            @Nullable Long block,
            @Nullable Boolean equal,
            @Nullable Long firstDifference,
            List<Reading> nodes) {}

    /// Asks the nodes of one network.
    private record Questions(Nodes nodes) {
        static Questions of(Session session, NetworkDir dir) {
            return new Questions(new Nodes(session, dir, dir.load()));
        }

        List<KeyspaceView> keyspaces(@Nullable String wanted) {
            List<KeyspaceView> all = KeyspaceView.all(nodes.network(), nodes.status());
            List<KeyspaceView> found = all.stream()
                    .filter(one -> wanted == null || one.name().equals(wanted))
                    .toList();
            if (wanted != null && found.isEmpty()) {
                throw CommandFault.failed(
                        "there is no keyspace '%s'; see the keyspaces with: holdfast keyspace list", wanted);
            }
            return found;
        }

        /// A node's digest after a block; after the newest when `block` is negative.
        Reading at(Network.Node node, String channel, long block) {
            if (nodes.process(node).running().isEmpty()) {
                return new Reading(node.name(), -1, null, "not running");
            }
            try {
                long from = block < 0
                        ? ask(node, channel, Long.MAX_VALUE, 1).path("applied").asLong(-1)
                        : block;
                JsonNode answer = ask(node, channel, from, 1);
                if (!answer.path("kept").asBoolean(false)) {
                    return new Reading(node.name(), -1, null, "it keeps no digest of this shard");
                }
                JsonNode first = answer.path("digests").path(0);
                long at = first.path("block").asLong(-1);
                return block >= 0 && at != block
                        ? new Reading(node.name(), -1, null, "it does not remember block " + block)
                        : new Reading(
                                node.name(),
                                at,
                                first.path("digest").asStringOpt().orElse(null),
                                null);
            } catch (CommandFault e) {
                return new Reading(node.name(), -1, null, e.text());
            }
        }

        /// Digests after each block from one on.
        List<BlockDigest> page(Network.Node node, String channel, long from) {
            List<BlockDigest> page = new ArrayList<>();
            ask(node, channel, from, PAGE)
                    .path("digests")
                    .forEach(one -> page.add(new BlockDigest(
                            one.path("block").asLong(),
                            HexFormat.of().parseHex(one.path("digest").asString("")))));
            return page;
        }

        private JsonNode ask(Network.Node node, String channel, long from, int max) {
            return nodes.ask(
                    node,
                    ControlClient.verb("digests")
                            .put("channel", channel)
                            .put("from", from)
                            .put("max", max),
                    PATIENCE);
        }
    }

    /// The digests that `digest` and `compare` show, in rows.
    private static void show(Session session, List<Shard> shards) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("KEYSPACE", "SHARD", "NODE", "BLOCK", "DIGEST"));
        for (Shard shard : shards) {
            for (Reading reading : shard.nodes()) {
                rows.add(List.of(
                        shard.keyspace(),
                        Integer.toString(shard.shard()),
                        reading.node(),
                        reading.digest() == null ? "-" : Long.toString(reading.block()),
                        reading.digest() == null
                                ? (reading.problem() == null ? "-" : reading.problem())
                                : reading.digest()));
            }
        }
        StatusCommand.aligned(rows).forEach(session.screen()::say);
    }

    /// The shape of `--json`.
    record Answer(List<Shard> shards) {}

    @Command(
            name = "digest",
            description = "Shows the digest of each shard's state on each node, and after which block.")
    static final class Digest implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "KEYSPACE", arity = "0..1", description = "One keyspace (default: all).")
        private @Nullable String keyspace;

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Digest(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Questions questions = Questions.of(session, dirOption.open(session));
            List<Shard> shards = new ArrayList<>();
            for (KeyspaceView view : questions.keyspaces(keyspace)) {
                for (KeyspaceView.Part part : view.parts()) {
                    List<Reading> readings = questions.nodes().onAll(node -> questions.at(node, part.channel(), -1));
                    shards.add(new Shard(view.name(), part.shard(), part.channel(), null, null, null, readings));
                }
            }
            if (json) {
                session.screen().print(Json.pretty(new Answer(shards)));
            } else {
                show(session, shards);
            }
            return 0;
        }
    }

    @Command(
            name = "compare",
            description = "Compares each shard's state on all nodes, at the newest block that all of them have.",
            footer = {
                "",
                "Where states differ it names the first block after which they do. The node whose digest the others do",
                "not have is the wrong one: stop it, delete data/ledger/state/CHANNEL in its directory and start it;",
                "it makes the state again from the blocks.",
                "Exit codes: 0 equal, 1 they differ, 2 wrong usage, 3 not every node could be compared."
            })
    static final class Compare implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "KEYSPACE", arity = "0..1", description = "One keyspace (default: all).")
        private @Nullable String keyspace;

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Compare(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Questions questions = Questions.of(session, dirOption.open(session));
            List<Shard> shards = new ArrayList<>();
            for (KeyspaceView view : questions.keyspaces(keyspace)) {
                if (view.digest()) {
                    view.parts().forEach(part -> shards.add(compare(questions, view, part)));
                } else {
                    session.screen().note("keyspace %s keeps no digest".formatted(view.name()));
                }
            }
            if (json) {
                session.screen().print(Json.pretty(new Answer(shards)));
            } else {
                show(session, shards);
                shards.forEach(this::judge);
            }
            boolean differs = shards.stream().anyMatch(shard -> Boolean.FALSE.equals(shard.equal()));
            boolean whole = shards.stream()
                    .allMatch(shard -> shard.nodes().stream().allMatch(reading -> reading.digest() != null));
            return differs ? CommandFault.FAILED : whole ? 0 : UpdateRun.NOT_EVERYWHERE;
        }

        private static Shard compare(Questions questions, KeyspaceView view, KeyspaceView.Part part) {
            List<Reading> newest = questions.nodes().onAll(node -> questions.at(node, part.channel(), -1));
            List<Reading> told =
                    newest.stream().filter(reading -> reading.digest() != null).toList();
            if (told.size() < 2) {
                return new Shard(view.name(), part.shard(), part.channel(), null, null, null, newest);
            }
            long block = told.stream().mapToLong(Reading::block).min().orElse(-1);
            Network network = questions.nodes().network();
            List<Reading> readings = newest.stream()
                    .map(reading -> reading.digest() == null || reading.block() == block
                            ? reading
                            : questions.at(network.node(reading.node()), part.channel(), block))
                    .toList();
            List<String> digests = readings.stream()
                    .flatMap(reading -> java.util.stream.Stream.ofNullable(reading.digest()))
                    .distinct()
                    .toList();
            Long first = digests.size() == 1 ? null : firstDifference(questions, part.channel(), readings);
            return new Shard(view.name(), part.shard(), part.channel(), block, digests.size() == 1, first, readings);
        }

        /// Of any two nodes that differ after a block one differs from the first node there.
        private static @Nullable Long firstDifference(Questions questions, String channel, List<Reading> readings) {
            List<Network.Node> nodes = readings.stream()
                    .filter(reading -> reading.digest() != null)
                    .map(reading -> questions.nodes().network().node(reading.node()))
                    .toList();
            OptionalLong first = nodes.stream()
                    .skip(1)
                    .flatMapToLong(other -> BlockDigest.firstDifference(
                            from -> questions.page(nodes.getFirst(), channel, from),
                            from -> questions.page(other, channel, from))
                            .stream())
                    .min();
            return first.isPresent() ? first.getAsLong() : null;
        }

        private void judge(Shard shard) {
            String name = "shard %d of keyspace %s".formatted(shard.shard(), shard.keyspace());
            if (shard.equal() == null) {
                session.screen().say("%s: fewer than two nodes could be compared".formatted(name));
            } else if (shard.equal()) {
                session.screen().say("%s: equal after block %d".formatted(name, shard.block()));
            } else {
                Map<String, List<String>> groups = new LinkedHashMap<>();
                for (Reading reading : shard.nodes()) {
                    if (reading.digest() != null) {
                        groups.computeIfAbsent(reading.digest(), _ -> new ArrayList<>())
                                .add(reading.node());
                    }
                }
                session.screen()
                        .say("%s: DIFFERENT after block %d: %s; first after block %s"
                                .formatted(
                                        name,
                                        shard.block(),
                                        String.join(
                                                " against ",
                                                groups.values().stream()
                                                        .map(group -> String.join(", ", group))
                                                        .toList()),
                                        shard.firstDifference() == null
                                                ? "one that is no longer remembered"
                                                : shard.firstDifference().toString()));
            }
        }
    }
}
