package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigJson;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;

/// Files with configs and updates in the forms people have them in: serialized messages as Fabric's tools write
/// them, or configtxlator's JSON of them.
final class ConfigFile {
    /// JSON takes about twice what it says; envelopes have 10 MB by default.
    private static final int BYTES_MAX = 256 << 20;

    private ConfigFile() {}

    /// An update.
    ///
    /// @param envelope what is signed, with the signatures so far
    /// @param whole the envelope around it when somebody has signed that too, else empty
    /// @param json whether the file is JSON
    record Update(ConfigUpdate update, ConfigUpdateEnvelope envelope, ByteString whole, boolean json) {
        String channel() {
            return update.getChannelId();
        }
    }

    /// What a file holds.
    ///
    /// Read once, from its beginning: a pipe will do.
    ///
    /// @throws CommandFault when it does not exist or is none
    static byte[] content(Disk disk, Path file) {
        if (!disk.exists(file)) {
            throw CommandFault.failed("%s does not exist", file);
        }
        if (file.toFile().isDirectory()) {
            throw CommandFault.failed("%s is a directory, a file is wanted", file);
        }
        try (InputStream in = disk.stream(file)) {
            byte[] content = in.readNBytes(BYTES_MAX + 1);
            if (content.length > BYTES_MAX) {
                throw CommandFault.failed("%s has more than %d bytes, which no config or update has", file, BYTES_MAX);
            }
            return content;
        } catch (IOException e) {
            throw CommandFault.failed("%s cannot be read: %s", file, Decode.reason(e));
        }
    }

    static boolean json(byte[] content) {
        return new String(content, StandardCharsets.UTF_8).stripLeading().startsWith("{");
    }

    /// The config in a config block, or in one as JSON.
    ///
    /// @throws MalformedConfig when it holds none
    static ChannelConfig config(byte[] content) {
        ByteString block = json(content) ? fromJson(content, ConfigJson.Type.BLOCK) : ByteString.copyFrom(content);
        return ChannelConfig.fromBlock(block, Crypto.choose());
    }

    private static ByteString fromJson(byte[] content, ConfigJson.Type type) {
        return ConfigJson.read(type, new String(content, StandardCharsets.UTF_8));
    }

    /// The group `/Channel` of a config block, a config or a config envelope.
    ///
    /// @throws MalformedConfig when the file holds none of them
    static ConfigGroup tree(byte[] content) {
        if (json(content)) {
            String text = new String(content, StandardCharsets.UTF_8);
            Optional<ConfigJson.Type> type = ConfigJson.typeOf(text);
            if (type.isPresent()
                    && (type.get() == ConfigJson.Type.CONFIG || type.get() == ConfigJson.Type.CONFIG_ENVELOPE)) {
                return parsed(ConfigJson.read(type.get(), text))
                        .orElseThrow(() -> CommandFault.failed("the JSON holds no config"));
            }
            return config(content).tree().getChannelGroup();
        }
        return parsed(ByteString.copyFrom(content))
                .orElseGet(() -> config(content).tree().getChannelGroup());
    }

    private static Optional<ConfigGroup> parsed(ByteString bytes) {
        try {
            Config config = Config.parseFrom(bytes);
            if (config.getChannelGroup().containsGroups("Orderer")) {
                return Optional.of(config.getChannelGroup());
            }
        } catch (InvalidProtocolBufferException other) {
            return envelope(bytes);
        }
        return envelope(bytes);
    }

    private static Optional<ConfigGroup> envelope(ByteString bytes) {
        try {
            ConfigGroup group = ConfigEnvelope.parseFrom(bytes).getConfig().getChannelGroup();
            return group.containsGroups("Orderer") ? Optional.of(group) : Optional.empty();
        } catch (InvalidProtocolBufferException other) {
            return Optional.empty();
        }
    }

    /// The update in a file: an envelope (`peer channel signconfigtx` and ours), a `ConfigUpdateEnvelope`, or a bare
    /// `ConfigUpdate` (`configtxlator compute_update`).
    ///
    /// @throws CommandFault when it holds none
    static Update update(Path file, byte[] content) {
        boolean json = json(content);
        ByteString bytes = ByteString.copyFrom(content);
        if (json) {
            ConfigJson.Type type = ConfigJson.typeOf(new String(content, StandardCharsets.UTF_8))
                    .orElseThrow(() -> noUpdate(file));
            bytes = fromJson(content, type);
        }
        ByteString whole = bytes;
        return inEnvelope(whole, json)
                .or(() -> signed(whole, ByteString.EMPTY, json))
                .or(() -> bare(whole, json))
                .orElseThrow(() -> noUpdate(file));
    }

    /// The envelope of an update that nobody has signed as a whole, as Fabric's tools pass it on.
    static ByteString unsigned(World world, String channel, ConfigUpdateEnvelope update) {
        ByteString header = ChannelHeader.newBuilder()
                .setType(HeaderType.CONFIG_UPDATE_VALUE)
                .setTimestamp(Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(world.clock().wallMillis(), 1000L)))
                .setChannelId(channel)
                .build()
                .toByteString();
        return Envelope.newBuilder()
                .setPayload(Payload.newBuilder()
                        .setHeader(Header.newBuilder().setChannelHeader(header))
                        .setData(update.toByteString())
                        .build()
                        .toByteString())
                .build()
                .toByteString();
    }

    private static CommandFault noUpdate(Path file) {
        return CommandFault.failed(
                "%s holds no config update: neither an envelope with one, nor a ConfigUpdateEnvelope or ConfigUpdate,"
                        + " serialized or as configtxlator's JSON",
                file);
    }

    private static Optional<Update> inEnvelope(ByteString bytes, boolean json) {
        try {
            EnvelopeView envelope = EnvelopeView.of(bytes);
            if (envelope.channelHeader().getType() != HeaderType.CONFIG_UPDATE_VALUE) {
                return Optional.empty();
            }
            return signed(envelope.data(), envelope.signature().isEmpty() ? ByteString.EMPTY : bytes, json);
        } catch (InvalidProtocolBufferException other) {
            return Optional.empty();
        }
    }

    private static Optional<Update> signed(ByteString bytes, ByteString whole, boolean json) {
        try {
            ConfigUpdateEnvelope envelope = ConfigUpdateEnvelope.parseFrom(bytes);
            ConfigUpdate update = ConfigUpdate.parseFrom(envelope.getConfigUpdate());
            return ChannelId.isValid(update.getChannelId()) && update.hasWriteSet()
                    ? Optional.of(new Update(update, envelope, whole, json))
                    : Optional.empty();
        } catch (InvalidProtocolBufferException other) {
            return Optional.empty();
        }
    }

    private static Optional<Update> bare(ByteString bytes, boolean json) {
        ByteString wrapped =
                ConfigUpdateEnvelope.newBuilder().setConfigUpdate(bytes).build().toByteString();
        return signed(wrapped, ByteString.EMPTY, json);
    }
}
