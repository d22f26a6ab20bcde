package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Messages as JSON with everything within their bytes opened. What no type is known for, or what would not come back
/// whole, stays base64.
final class JsonOfMessage {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

    private JsonOfMessage() {}

    /// A message has a field its type does not know: as JSON it would lose it.
    static final class UnknownField extends Exception {
        private static final long serialVersionUID = 1L;

        UnknownField(String type) {
            super(type, null, false, false);
        }
    }

    /// @throws UnknownField when a field outside the opened bytes is unknown
    static ObjectNode of(Message message) throws UnknownField {
        return object(message, TreePlace.ELSEWHERE, null);
    }

    /// @param place of a config group, or of the group a config value is in
    /// @param inside what lies in a config value's bytes
    private static ObjectNode object(Message message, TreePlace place, @Nullable Message inside) throws UnknownField {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw new UnknownField(message.getDescriptorForType().getFullName());
        }
        ObjectNode object = JSON.objectNode();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getRealContainingOneof() == null || message.hasField(field)) {
                object.set(field.getName(), field(message, field, place, inside));
            }
        }
        return object;
    }

    private static JsonNode field(Message message, FieldDescriptor field, TreePlace place, @Nullable Message inside)
            throws UnknownField {
        Message type = message instanceof ConfigValue && field.getName().equals("value")
                ? inside
                : OpaqueFields.within(message, field);
        if (field.isMapField()) {
            return map(message, field, place);
        }
        Object value = message.getField(field);
        if (field.isRepeated()) {
            ArrayNode items = JSON.arrayNode();
            for (Object item : (List<?>) value) {
                items.add(
                        item instanceof ByteString bytes && type != null
                                ? opened(field, bytes, type)
                                : scalar(field, item));
            }
            return items;
        }
        if (value instanceof Message below) {
            return message.hasField(field) ? nested(message, below) : JSON.nullNode();
        }
        if (value instanceof ByteString bytes) {
            if (bytes.isEmpty()) {
                return JSON.nullNode();
            }
            return type == null ? base64(bytes) : opened(field, bytes, type);
        }
        return scalar(field, value);
    }

    private static JsonNode nested(Message owner, Message below) throws UnknownField {
        boolean tree = below instanceof ConfigGroup && (owner instanceof Config || owner instanceof ConfigUpdate);
        return below instanceof Timestamp time
                ? JSON.stringNode(text(time))
                : object(below, tree ? TreePlace.CHANNEL : TreePlace.ELSEWHERE, null);
    }

    private static ObjectNode map(Message message, FieldDescriptor field, TreePlace place) throws UnknownField {
        ObjectNode entries = JSON.objectNode();
        FieldDescriptor keys = field.getMessageType().findFieldByName("key");
        FieldDescriptor values = field.getMessageType().findFieldByName("value");
        for (Object item : (List<?>) message.getField(field)) {
            Message entry = (Message) item;
            String key = String.valueOf(entry.getField(keys));
            Object value = entry.getField(values);
            entries.set(
                    key,
                    switch (value) {
                        case ConfigGroup group -> object(group, place.below(key), null);
                        case ConfigValue one -> object(one, place, place.value(key));
                        default -> scalar(values, value);
                    });
        }
        return entries;
    }

    /// What lies in the bytes, or the bytes when that is not sure.
    private static JsonNode opened(FieldDescriptor field, ByteString bytes, Message type) {
        try {
            Message inner = type.getParserForType().parseFrom(bytes);
            ByteString again = MessageOfJson.bytes(inner);
            // The order of a map's entries may change; anything else is not ours to change.
            if (OpaqueFields.doubtful(field, type) ? !again.equals(bytes) : again.size() != bytes.size()) {
                return base64(bytes);
            }
            return object(inner, TreePlace.ELSEWHERE, null);
        } catch (InvalidProtocolBufferException | UnknownField unreadable) {
            return base64(bytes);
        }
    }

    private static JsonNode scalar(FieldDescriptor field, Object value) throws UnknownField {
        return switch (value) {
            case Message message -> object(message, TreePlace.ELSEWHERE, null);
            case EnumValueDescriptor constant ->
                constant.getIndex() < 0 ? JSON.numberNode(constant.getNumber()) : JSON.stringNode(constant.getName());
            case ByteString bytes -> base64(bytes);
            case Integer number -> JSON.numberNode(unsigned(field) ? Integer.toUnsignedLong(number) : number);
            case Long number ->
                JSON.stringNode(unsigned(field) ? Long.toUnsignedString(number) : Long.toString(number));
            case Boolean flag -> JSON.booleanNode(flag);
            default -> JSON.stringNode(value.toString());
        };
    }

    private static boolean unsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32, UINT64, FIXED32, FIXED64 -> true;
            default -> false;
        };
    }

    private static JsonNode base64(ByteString bytes) {
        return JSON.stringNode(Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }

    /// RFC 3339 with no, three, six or nine digits behind the second, as protobuf's JSON mapping wants it.
    private static String text(Timestamp time) throws UnknownField {
        try {
            String seconds =
                    SECONDS.format(Instant.ofEpochSecond(time.getSeconds()).atOffset(ZoneOffset.UTC));
            int nanos = time.getNanos();
            if (nanos < 0 || nanos > 999_999_999) {
                throw new UnknownField("google.protobuf.Timestamp");
            }
            if (nanos == 0) {
                return seconds + "Z";
            }
            if (nanos % 1_000_000 == 0) {
                return "%s.%03dZ".formatted(seconds, nanos / 1_000_000);
            }
            return nanos % 1_000 == 0
                    ? "%s.%06dZ".formatted(seconds, nanos / 1_000)
                    : "%s.%09dZ".formatted(seconds, nanos);
        } catch (DateTimeException outOfRange) {
            throw new UnknownField("google.protobuf.Timestamp");
        }
    }
}
