package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.holdfast.env.Disk;
import org.holdfast.keyspace.ShardName;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast keyspace`: what Redis clients keep their keys in. A keyspace is its shards' channels, and nothing beside
/// their names says so.
@Command(name = "keyspace", description = "Makes, shows and drops keyspaces, in which Redis clients keep their keys.")
final class KeyspaceCommand extends CommandGroup {
    static final int SHARDS = 4;

    KeyspaceCommand(Session session) {
        super(new Create(session), new All(session), new One(session), new Drop(session));
    }

    /// The keyspaces that have a name, for people to tell apart; more than one only when channels were made by hand.
    private static List<KeyspaceView> named(List<KeyspaceView> all, String name) {
        return all.stream().filter(one -> one.name().equals(name)).toList();
    }

    private static List<KeyspaceView> now(Session session, NetworkDir dir, Network network) {
        return KeyspaceView.all(network, new Nodes(session, dir, network).status());
    }

    private static CommandFault unknown(String name, List<KeyspaceView> all) {
        return CommandFault.failed(
                "there is no keyspace '%s'; %s; make it with: holdfast keyspace create %s",
                name,
                all.isEmpty()
                        ? "there is none"
                        : "there are "
                                + String.join(
                                        ", ",
                                        all.stream().map(KeyspaceView::name).toList()),
                name);
    }

    @Command(
            name = "create",
            description = "Makes a keyspace on the running nodes: one channel for each of its shards. A second time it "
                    + "finishes what is missing.",
            footer = {
                "",
                "The number of shards is fixed for the keyspace's life. Commands of several keys need them in one",
                "shard; with one shard every command does. Nodes that are down join when they are started.",
                "Exit codes: 0 all nodes order it, 1 refused, 2 wrong usage, 3 made, but not all nodes order it.",
                "",
                "Examples:",
                "  holdfast keyspace create orders",
                "  holdfast keyspace create sessions --shards 1 --no-digest"
            })
    static final class Create implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "NAME", description = "Its name: letters, digits and '_', at most 64.")
        private String name = "";

        @Option(
                names = "--shards",
                paramLabel = "N",
                description = "Into how many shards its keys are divided (default: " + SHARDS + ").")
        private int shards = SHARDS;

        @Option(
                names = "--no-digest",
                description = "Keep no digest of the state: writes cost a little less, and nodes cannot be compared.")
        private boolean noDigest;

        Create(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            if (!ShardName.isKeyspace(name)) {
                throw CommandFault.usage(
                        "'%s' is no name of a keyspace: letters, digits and '_', at most %d",
                        name, ShardName.KEYSPACE_MAX);
            }
            if (shards < 1 || shards > ShardName.SHARDS_MAX) {
                throw CommandFault.usage("--shards is %d, allowed are 1 to %d", shards, ShardName.SHARDS_MAX);
            }
            NetworkDir dir = dirOption.open(session);
            ShardName first = new ShardName(name, shards, 0, !noDigest);
            requireNoOther(first, now(session, dir, Nodes.local(dir.load())));
            List<String> channels = IntStream.range(0, shards)
                    .mapToObj(index -> first.at(index).channel().name())
                    .toList();
            ChannelCreation creation = new ChannelCreation(session, dir);
            Network network = creation.enter(
                    channels.stream().map(ChannelCreation.Plan::plain).toList());
            ChannelCreation.Outcome outcome = creation.join(
                    new Nodes(session, dir, network),
                    channels.stream().map(network::channel).toList());
            session.screen()
                    .say("keyspace %s: %d shard%s%s, %d of %d nodes order all of them"
                            .formatted(
                                    name,
                                    shards,
                                    shards == 1 ? "" : "s",
                                    noDigest ? " without a digest" : "",
                                    outcome.ordering(),
                                    network.nodes().size()));
            outcome.missing().forEach(session.screen()::note);
            return outcome.missing().isEmpty() ? 0 : UpdateRun.NOT_EVERYWHERE;
        }

        private static void requireNoOther(ShardName wanted, List<KeyspaceView> all) {
            for (KeyspaceView there : named(all, wanted.keyspace())) {
                if (there.shards() != wanted.shards() || there.digest() != wanted.digest()) {
                    throw CommandFault.failed(
                            "keyspace %s is there already, with %d shard%s and %s digest; both are fixed for its life:"
                                    + " load its keys into another keyspace, or drop it",
                            wanted.keyspace(),
                            there.shards(),
                            there.shards() == 1 ? "" : "s",
                            there.digest() ? "a" : "no");
                }
            }
        }
    }

    @Command(name = "list", description = "Lists the keyspaces.")
    static final class All implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        /// The shape of `--json`.
        record Answer(List<KeyspaceView> keyspaces) {}

        All(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            List<KeyspaceView> all = now(session, dir, dir.load());
            if (json) {
                session.screen().print(Json.pretty(new Answer(all)));
                return 0;
            }
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("KEYSPACE", "SHARDS", "DIGEST", "KEYS"));
            for (KeyspaceView one : all) {
                rows.add(List.of(
                        one.name(),
                        one.whole()
                                ? Integer.toString(one.shards())
                                : one.parts().size() + " of " + one.shards(),
                        one.digest() ? "yes" : "no",
                        one.keys().map(keys -> Long.toString(keys)).orElse("-")));
            }
            StatusCommand.aligned(rows).forEach(session.screen()::say);
            return 0;
        }
    }

    @Command(
            name = "info",
            description = "Shows a keyspace: its shards, who leads them, and how far each node is.",
            footer = {"", "APPLIED is the last block whose commands are in the node's state, HEIGHT the next block."})
    static final class One implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "NAME", description = "A keyspace.")
        private String name = "";

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        One(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            List<KeyspaceView> all = now(session, dir, dir.load());
            List<KeyspaceView> found = named(all, name);
            if (found.isEmpty()) {
                throw unknown(name, all);
            }
            if (json) {
                session.screen().print(Json.pretty(found.getFirst()));
            } else {
                found.forEach(this::show);
            }
            return 0;
        }

        private void show(KeyspaceView view) {
            session.screen()
                    .say("keyspace %s: %d shards, %s digest%s"
                            .formatted(
                                    view.name(),
                                    view.shards(),
                                    view.digest() ? "with a" : "without a",
                                    view.whole() ? "" : "; only " + view.parts().size() + " of them are there"));
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("SHARD", "CHANNEL", "NODE", "ROLE", "LEADER", "HEIGHT", "APPLIED", "KEYS"));
            for (KeyspaceView.Part part : view.parts()) {
                for (KeyspaceView.Place place : part.nodes()) {
                    rows.add(List.of(
                            Integer.toString(part.shard()),
                            part.channel(),
                            place.node(),
                            place.role(),
                            part.leader() == null ? "none" : part.leader(),
                            Long.toString(place.height()),
                            place.applied() == null ? "-" : place.applied().toString(),
                            place.keys() == null ? "-" : place.keys().toString()));
                }
            }
            StatusCommand.aligned(rows).forEach(session.screen()::say);
        }
    }

    @Command(
            name = "drop",
            description = "Drops a keyspace: its shards' channels go from all nodes, with their blocks and all keys.",
            footer = {
                "",
                "Nodes that are down drop it when they are started. A keyspace of the same name can be made again.",
                "Exit codes: 0 gone from all nodes, 1 refused, 2 wrong usage, 3 dropped, but not yet from all nodes."
            })
    static final class Drop implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "NAME", description = "A keyspace.")
        private String name = "";

        @Option(names = "--yes", description = "Really: nothing brings it back.")
        private boolean yes;

        Drop(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            Network network;
            Optional<Long> keys;
            try (Disk.DiskLock _ = dir.change(session)) {
                Network before = Nodes.local(dir.load());
                List<KeyspaceView> all = now(session, dir, before);
                List<KeyspaceView> found = named(all, name);
                boolean begun = before.drops().stream().anyMatch(this::isShard);
                if (found.isEmpty() && !begun) {
                    throw unknown(name, all);
                }
                keys = found.isEmpty() ? Optional.empty() : found.getFirst().keys();
                if (!yes) {
                    throw CommandFault.usage(
                            "this deletes keyspace %s%s on every node, for good; say --yes",
                            name,
                            keys.map(count -> " with its " + count + " keys").orElse(""));
                }
                Drops drops = new Drops(session, dir);
                List<Network.Channel> shards = found.stream()
                        .flatMap(one -> one.parts().stream())
                        .map(part -> ChannelCreation.entry(part.channel()))
                        .filter(shard -> !begun || before.channels().contains(shard))
                        .toList();
                network = drops.finish(drops.drop(before, shards));
            }
            List<String> missing = network.drops().isEmpty() ? List.of() : down(new Nodes(session, dir, network));
            session.screen().say("keyspace %s is dropped".formatted(name));
            missing.forEach(session.screen()::note);
            return missing.isEmpty() ? 0 : UpdateRun.NOT_EVERYWHERE;
        }

        private boolean isShard(Network.Dropped dropped) {
            return KeyspaceView.shard(dropped.name())
                    .filter(shard -> shard.keyspace().equals(name))
                    .isPresent();
        }

        private static List<String> down(Nodes nodes) {
            List<Network.Node> running = nodes.running();
            return nodes.network().nodes().stream()
                    .filter(node -> !running.contains(node))
                    .map(node -> node.name() + " is not running; it drops the keyspace when it starts")
                    .toList();
        }
    }
}
