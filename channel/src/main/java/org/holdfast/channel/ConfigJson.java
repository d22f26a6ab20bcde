package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Configs, updates and blocks as the JSON that Fabric's `configtxlator` 2.5 writes and reads (`proto_decode`,
/// `proto_encode`): fields by their names in the .proto files, 64-bit numbers as strings, enums by name, bytes as
/// base64 or, where it is known what lies in them, opened.
///
/// Where configtxlator gives up (a type of message it does not know, an unknown config value, rubbish) or would drop
/// unknown fields silently, the bytes stay as base64, and are read back from it.
public final class ConfigJson {
    private static final JsonMapper JSON = JsonMapper.shared();

    private ConfigJson() {}

    /// The messages that can be written and read, by configtxlator's `--type`.
    public enum Type {
        BLOCK("common.Block", Block.getDefaultInstance()),
        ENVELOPE("common.Envelope", Envelope.getDefaultInstance()),
        CONFIG("common.Config", Config.getDefaultInstance()),
        CONFIG_ENVELOPE("common.ConfigEnvelope", ConfigEnvelope.getDefaultInstance()),
        CONFIG_UPDATE("common.ConfigUpdate", ConfigUpdate.getDefaultInstance()),
        CONFIG_UPDATE_ENVELOPE("common.ConfigUpdateEnvelope", ConfigUpdateEnvelope.getDefaultInstance()),
        CONFIG_GROUP("common.ConfigGroup", ConfigGroup.getDefaultInstance()),
        MSP_CONFIG("msp.FabricMSPConfig", FabricMSPConfig.getDefaultInstance());

        private final String wireName;
        private final Message prototype;

        Type(String wireName, Message prototype) {
            this.wireName = wireName;
            this.prototype = prototype;
        }

        /// As configtxlator names it, e.g. `common.Block`.
        public String wireName() {
            return wireName;
        }
    }

    /// Writes a message as JSON.
    ///
    /// @param bytes the serialized message
    /// @return tab-indented text with sorted keys and a line end
    /// @throws MalformedConfig when the bytes are no such message
    public static String write(Type type, ByteString bytes) {
        try {
            return write(type.prototype.getParserForType().parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw fault("it is no %s: %s".formatted(type.wireName, Decode.reason(e)));
        }
    }

    /// Writes a message as JSON.
    ///
    /// @throws MalformedConfig when it has fields nobody knows, which JSON would lose
    public static String write(Message message) {
        try {
            return GoJson.text(JsonOfMessage.of(message));
        } catch (JsonOfMessage.UnknownField e) {
            throw fault("a %s in it has fields this program does not know; JSON would lose them"
                    .formatted(Decode.reason(e)));
        }
    }

    /// Reads what [#write] or configtxlator wrote.
    ///
    /// @return the serialized message: fields in the order of their numbers, maps sorted by key
    /// @throws MalformedConfig naming the path of the first fault
    public static ByteString read(Type type, String json) {
        try {
            return MessageOfJson.bytes(MessageOfJson.read(type.prototype, JSON.readTree(json)));
        } catch (MessageOfJson.Unreadable e) {
            throw fault(Decode.reason(e));
        } catch (JacksonException e) {
            throw fault("it is no JSON: " + e.getOriginalMessage());
        }
    }

    /// Which message a JSON text is, by its keys; empty for none of them.
    public static Optional<Type> typeOf(String json) {
        JsonNode node;
        try {
            node = JSON.readTree(json);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        Set<String> keys = Set.copyOf(node.propertyNames());
        if (keys.contains("header") && keys.contains("data")) {
            return Optional.of(Type.BLOCK);
        }
        if (keys.contains("payload")) {
            return Optional.of(Type.ENVELOPE);
        }
        if (keys.contains("channel_group")) {
            return Optional.of(Type.CONFIG);
        }
        if (keys.contains("config_update")) {
            return Optional.of(Type.CONFIG_UPDATE_ENVELOPE);
        }
        if (keys.contains("write_set")) {
            return Optional.of(Type.CONFIG_UPDATE);
        }
        if (keys.contains("config")) {
            return Optional.of(Type.CONFIG_ENVELOPE);
        }
        if (keys.contains("mod_policy") || keys.contains("policies")) {
            return Optional.of(Type.CONFIG_GROUP);
        }
        return keys.contains("root_certs") ? Optional.of(Type.MSP_CONFIG) : Optional.empty();
    }

    private static MalformedConfig fault(String text) {
        return new MalformedConfig(List.of(text));
    }
}
