package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.HeaderType;
import tools.jackson.databind.node.ObjectNode;

/// One serialized `common.Block` in a file: a genesis block, or what `peer channel fetch` wrote.
///
/// @param envelopes type and channel of each, or why it cannot be read
/// @param bytes the file
record BlockFile(Path path, BlockView block, List<String> envelopes, ByteString bytes) {
    private static final List<String> SLOTS =
            List.of("SIGNATURES", "LAST_CONFIG", "TRANSACTIONS_FILTER", "ORDERER", "COMMIT_HASH");

    /// @throws CommandFault when the file holds no block
    static BlockFile read(Path path, byte[] content) {
        try {
            ByteString bytes = ByteString.copyFrom(content);
            BlockView block = BlockView.of(bytes);
            List<String> envelopes = new ArrayList<>();
            for (ByteString data : block.data()) {
                envelopes.add(envelope(data));
            }
            return new BlockFile(path, block, List.copyOf(envelopes), bytes);
        } catch (InvalidProtocolBufferException e) {
            throw CommandFault.failed("%s holds no serialized block: %s", path, Decode.reason(e));
        }
    }

    private static String envelope(ByteString bytes) {
        try {
            var header = EnvelopeView.of(bytes).channelHeader();
            HeaderType type = HeaderType.forNumber(header.getType());
            return "%s of channel %s"
                    .formatted(type == null ? "type " + header.getType() : type, header.getChannelId());
        } catch (InvalidProtocolBufferException e) {
            return "unreadable: " + Decode.reason(e);
        }
    }

    /// Whether its data are what its header says.
    boolean sound() {
        return block.dataHashHolds();
    }

    /// Lines of text.
    List<String> lines(Crypto crypto) {
        List<String> lines = new ArrayList<>();
        lines.add("%s: block %d, %d transactions, %d bytes, data hash %s"
                .formatted(
                        path,
                        block.header().number(),
                        block.data().size(),
                        bytes.size(),
                        sound() ? "holds" : "DOES NOT HOLD: the data are not what the header says"));
        lines.add("  hash          " + hex(block.header().hash()));
        lines.add("  previous hash " + hex(block.header().previousHash()));
        lines.add("  data hash     " + hex(block.header().dataHash()));
        for (int i = 0; i < block.metadata().size(); i++) {
            lines.add("  slot %d        %s, %d bytes"
                    .formatted(
                            i,
                            i < SLOTS.size() ? SLOTS.get(i) : "unknown",
                            block.slot(i).size()));
        }
        for (int i = 0; i < envelopes.size(); i++) {
            lines.add("  [%d]           %s".formatted(i, envelopes.get(i)));
        }
        config(crypto).ifPresent(words -> lines.add("  config        " + words));
        return lines;
    }

    /// The same as one object.
    ObjectNode json(Crypto crypto) {
        ObjectNode object = Json.object()
                .put("file", path.toString())
                .put("sound", sound())
                .put("block", block.header().number())
                .put("hash", hex(block.header().hash()))
                .put("previousHash", hex(block.header().previousHash()))
                .put("dataHash", hex(block.header().dataHash()))
                .put("transactions", block.data().size())
                .put("bytes", bytes.size());
        object.set(
                "slots",
                Json.tree(block.metadata().stream().map(ByteString::size).toList()));
        object.set("envelopes", Json.tree(envelopes));
        config(crypto).ifPresent(words -> object.put("config", words));
        return object;
    }

    private Optional<String> config(Crypto crypto) {
        if (envelopes.size() != 1 || !envelopes.getFirst().startsWith(HeaderType.CONFIG + " ")) {
            return Optional.empty();
        }
        try {
            ChannelConfig config = ChannelConfig.fromBlock(bytes, crypto);
            return Optional.of("%d, type %s, state %s, %d consenters; all of it: holdfast channel config"
                    .formatted(
                            config.sequence(),
                            config.consensusType(),
                            config.state(),
                            config.consenters().size()));
        } catch (MalformedConfig e) {
            return Optional.of("cannot be used: " + String.join("; ", e.faults()));
        }
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
