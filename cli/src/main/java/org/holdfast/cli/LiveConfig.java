package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.LastConfig;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;

/// A channel's config as its nodes deliver it.
///
/// @param config in force behind the block that was asked for
/// @param update the envelope it came with; empty for a channel's first
record LiveConfig(ChannelConfig config, ByteString update) {
    private static final long PATIENCE_SECONDS = 20;
    private static final long LOOK_AGAIN_MILLIS = 250;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final Set<Integer> FINAL = Set.of(FORBIDDEN, NOT_FOUND);
    private static final int SIGNATURES = 0;
    private static final int LAST_CONFIG = 1;

    /// The config in force now.
    ///
    /// @throws CommandFault when no node delivers it
    static LiveConfig now(Session session, Client client) {
        return at(session, client, OptionalLong.empty());
    }

    /// The config in force at a block: the one it carries, or the last one before it.
    ///
    /// @param number empty for the newest block any node has
    static LiveConfig at(Session session, Client client, OptionalLong number) {
        long began = session.world().clock().nanos();
        while (true) {
            Set<Integer> statuses = new TreeSet<>();
            Optional<Found> found = find(client, number, statuses);
            if (found.isPresent()) {
                return of(client, found.get());
            }
            // Refused by all who answer: waiting changes nothing.
            boolean refused = !statuses.isEmpty() && FINAL.containsAll(statuses);
            if (refused || session.secondsSince(began) > PATIENCE_SECONDS || !Session.pause(LOOK_AGAIN_MILLIS)) {
                throw CommandFault.failed(
                        "no node delivers %s of the channel%s; see: holdfast status",
                        number.isPresent() ? "block " + number.getAsLong() : "the newest block", why(statuses));
            }
        }
    }

    private static String why(Set<Integer> statuses) {
        if (statuses.contains(FORBIDDEN)) {
            return ": its Readers policy (in maintenance the orderers') does not let the user of this directory read";
        }
        return statuses.contains(NOT_FOUND) ? ": there is no such channel or block on them" : "";
    }

    private record Found(Network.Node node, BlockView block) {}

    /// @param statuses gets those of the nodes that answered without a block
    private static Optional<Found> find(Client client, OptionalLong number, Set<Integer> statuses) {
        Found best = null;
        for (Network.Node node : client.nodes()) {
            Tip.Answer answer = number.isPresent() ? Tip.at(client, node, number.getAsLong()) : Tip.of(client, node);
            if (answer.block().isEmpty()) {
                if (answer.status() != Tip.SILENT) {
                    statuses.add(answer.status());
                }
            } else {
                BlockView block = answer.block().get();
                if (best == null
                        || best.block().header().number() < block.header().number()) {
                    best = new Found(node, block);
                }
                if (number.isPresent()) {
                    break;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    private static LiveConfig of(Client client, Found found) {
        try {
            long last = lastConfig(found.block());
            BlockView block = last == found.block().header().number()
                    ? found.block()
                    : Tip.at(client, found.node(), last)
                            .block()
                            .orElseThrow(() -> CommandFault.failed(
                                    "%s does not deliver config block %d; see: holdfast status",
                                    found.node().name(), last));
            return of(block);
        } catch (InvalidProtocolBufferException | MalformedConfig e) {
            throw CommandFault.failed("the channel's config cannot be read: %s", Decode.reason(e));
        }
    }

    /// The number of the config block at or before a block.
    ///
    /// Source: Fabric writes it into the signed value of slot 0; Fabric before 1.4.1 into slot 1 only.
    static long lastConfig(BlockView block) throws InvalidProtocolBufferException {
        ByteString signed = Metadata.parseFrom(block.slot(SIGNATURES)).getValue();
        OrdererBlockMetadata orderer = OrdererBlockMetadata.parseFrom(signed);
        if (orderer.hasLastConfig()) {
            return orderer.getLastConfig().getIndex();
        }
        return LastConfig.parseFrom(Metadata.parseFrom(block.slot(LAST_CONFIG)).getValue())
                .getIndex();
    }

    private static LiveConfig of(BlockView block) throws InvalidProtocolBufferException {
        EnvelopeView envelope = EnvelopeView.of(block.data().getFirst());
        ConfigEnvelope config = ConfigEnvelope.parseFrom(envelope.data());
        ChannelId id = new ChannelId(envelope.channelHeader().getChannelId());
        return new LiveConfig(
                ChannelConfig.of(id, block.header().number(), config.getConfig(), Crypto.choose()),
                config.getLastUpdate().toByteString());
    }
}
