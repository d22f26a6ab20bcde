package org.holdfast.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.FeatureLevel;
import org.holdfast.ledger.BlockView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `holdfast channel list` and `info`: where the channels' nodes are.
final class ChannelViews {
    private static final String UNKNOWN = "-";

    private ChannelViews() {}

    /// What is known of one node's place in a channel.
    ///
    /// @param state of the node: leader, follower, observer, down; `answers` when it is on another machine
    /// @param tip the newest block it delivers
    private record Place(String node, String state, Optional<BlockView> tip) {
        String height() {
            return tip.map(block -> Long.toString(block.header().number() + 1)).orElse(UNKNOWN);
        }

        String hash() {
            return tip.map(block ->
                            HexFormat.of().formatHex(block.header().hash().toByteArray()))
                    .orElse(UNKNOWN);
        }

        /// The number of the newest config block; negative when it is not known.
        long configBlock() {
            try {
                return tip.isEmpty() ? -1 : LiveConfig.lastConfig(tip.get());
            } catch (InvalidProtocolBufferException unreadable) {
                return -1;
            }
        }
    }

    /// A channel as its nodes show it.
    ///
    /// @param config empty when no node delivers
    private record Seen(List<Place> places, Optional<ChannelConfig> config) {
        static Seen of(Session session, NetworkDir dir, Network network, String channel) {
            Map<String, NodeStatus> status = new LinkedHashMap<>();
            if (network.nodes().stream().allMatch(Network.Node::local)) {
                new Nodes(session, dir, network).status().forEach(one -> status.put(one.name(), one));
            }
            try (Client client = Client.governing(session, dir, channel, Optional.empty())) {
                List<Place> places = new ArrayList<>();
                for (Network.Node node : client.nodes()) {
                    Optional<BlockView> tip = Tip.of(client, node).block();
                    places.add(new Place(node.name(), state(status.get(node.name()), channel, tip), tip));
                }
                boolean delivers = places.stream().anyMatch(place -> place.tip().isPresent());
                return new Seen(
                        places,
                        delivers ? Optional.of(LiveConfig.now(session, client).config()) : Optional.empty());
            }
        }

        private static String state(
                @org.jspecify.annotations.Nullable NodeStatus status, String channel, Optional<BlockView> tip) {
            if (status == null) {
                return tip.isPresent() ? "answers" : "no answer";
            }
            return status.pid() == null
                    ? "down"
                    : status.channel(channel).map(NodeStatus.Channel::role).orElse("not a member");
        }

        /// The config's number on a node: the newest, or older ones by their block.
        String sequence(Place place) {
            long block = place.configBlock();
            if (config.isEmpty() || block < 0) {
                return UNKNOWN;
            }
            return block == config.get().blockNumber()
                    ? Long.toString(config.get().sequence())
                    : "of block " + block;
        }

        String members() {
            return config.map(known -> String.join(
                            " ",
                            known.organizations().stream()
                                    .map(org -> org.name())
                                    .distinct()
                                    .toList()))
                    .orElse(UNKNOWN);
        }

        long height() {
            return places.stream()
                    .flatMap(place -> place.tip().stream())
                    .mapToLong(block -> block.header().number() + 1)
                    .max()
                    .orElse(-1);
        }
    }

    @Command(
            name = "list",
            description =
                    "Shows the network's channels: height, number of the config, nodes that deliver, organisations.")
    static final class All implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Option(names = "--json", description = "One JSON array.")
        private boolean json;

        All(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            Network network = dir.load();
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("CHANNEL", "HEIGHT", "CONFIG", "NODES", "ORGANISATIONS"));
            ArrayNode array = Json.array();
            for (Network.Channel channel : network.channels()) {
                Seen seen = Seen.of(session, dir, network, channel.name());
                long delivering = seen.places().stream()
                        .filter(place -> place.tip().isPresent())
                        .count();
                rows.add(List.of(
                        channel.name(),
                        seen.height() < 0 ? UNKNOWN : Long.toString(seen.height()),
                        seen.config()
                                .map(config -> Long.toString(config.sequence()))
                                .orElse(UNKNOWN),
                        "%d of %d".formatted(delivering, seen.places().size()),
                        seen.members()));
                ObjectNode one = array.addObject().put("name", channel.name());
                one.put("height", seen.height());
                one.put("config", seen.config().map(ChannelConfig::sequence).orElse(-1L));
                one.put("nodes", seen.places().size()).put("delivering", delivering);
                one.set(
                        "organizations",
                        Json.tree(seen.config()
                                .map(config -> config.organizations().stream()
                                        .map(org -> org.name())
                                        .toList())
                                .orElse(List.of())));
            }
            if (json) {
                session.screen().print(Json.pretty(array));
            } else {
                StatusCommand.aligned(rows).forEach(session.screen()::say);
            }
            return 0;
        }
    }

    @Command(
            name = "info",
            description =
                    "Shows one channel, node by node: state, height, hash of the newest block, number of the config; "
                            + "then its consenters and what it asks of them.")
    static final class One implements Callable<Integer> {
        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Parameters(paramLabel = "NAME", description = "The channel.")
        private String channel = "";

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        One(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            NetworkDir dir = dirOption.open(session);
            Seen seen = Seen.of(session, dir, dir.load(), channel);
            if (json) {
                session.screen().print(Json.pretty(object(seen)));
                return 0;
            }
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("NODE", "STATE", "HEIGHT", "CONFIG", "TIP"));
            seen.places()
                    .forEach(place -> rows.add(
                            List.of(place.node(), place.state(), place.height(), seen.sequence(place), place.hash())));
            StatusCommand.aligned(rows).forEach(session.screen()::say);
            seen.config().ifPresent(config -> {
                session.screen()
                        .say("config %d in block %d: type %s, state %s, feature level %s"
                                .formatted(
                                        config.sequence(),
                                        config.blockNumber(),
                                        config.consensusType(),
                                        config.state(),
                                        FeatureLevel.of(config)));
                session.screen()
                        .say("capabilities: channel %s, orderer %s, application %s"
                                .formatted(
                                        config.channelCapabilities(),
                                        config.ordererCapabilities(),
                                        config.applicationCapabilities()));
                config.consenters()
                        .forEach(consenter -> session.screen()
                                .say("consenter %s  seat %s".formatted(consenter.address(), consenter.seat())));
            });
            return 0;
        }

        private ObjectNode object(Seen seen) {
            ObjectNode object = Json.object().put("name", channel);
            ArrayNode nodes = object.putArray("nodes");
            for (Place place : seen.places()) {
                nodes.addObject()
                        .put("name", place.node())
                        .put("state", place.state())
                        .put(
                                "height",
                                place.tip()
                                        .map(block -> block.header().number() + 1)
                                        .orElse(-1L))
                        .put("configBlock", place.configBlock())
                        .put("tip", Objects.equals(place.hash(), UNKNOWN) ? null : place.hash());
            }
            seen.config().ifPresent(config -> {
                object.put("config", config.sequence()).put("configBlock", config.blockNumber());
                object.put("type", config.consensusType())
                        .put("state", config.state().name());
                object.put("featureLevel", FeatureLevel.of(config).name());
                object.set(
                        "consenters",
                        Json.tree(config.consenters().stream()
                                .map(consenter -> consenter.address())
                                .toList()));
            });
            return object;
        }
    }
}
