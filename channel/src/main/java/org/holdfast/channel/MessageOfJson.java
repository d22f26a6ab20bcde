package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The way back from [JsonOfMessage]: messages are encoded with their maps sorted, so the same JSON always gives
/// the same bytes. The first fault ends it. Used by one thread.
final class MessageOfJson {
    private MessageOfJson() {}

    /// The JSON is none of a message.
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String path, String text) {
            super((path.isEmpty() ? "the document" : path) + " " + text);
        }
    }

    /// Fields in the order of their numbers, maps sorted by key.
    static ByteString bytes(MessageLite message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getSerializedSize());
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    static Message read(Message type, JsonNode json) throws Unreadable {
        return object(type, json, TreePlace.ELSEWHERE, null, "");
    }

    /// @param place of a config group, or of the group a config value is in
    /// @param inside what lies in a config value's bytes
    private static Message object(Message type, JsonNode json, TreePlace place, @Nullable Message inside, String path)
            throws Unreadable {
        if (!json.isObject()) {
            throw new Unreadable(path, "must be an object");
        }
        Message.Builder message = type.newBuilderForType();
        List<FieldDescriptor> bytes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            FieldDescriptor field = named(message, entry.getKey(), path);
            if (entry.getValue().isNull()) {
                continue;
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING) {
                bytes.add(field);
            } else {
                set(message, field, entry.getValue(), new Where(place, below(path, entry.getKey())));
            }
        }
        // What lies in bytes is told by the other fields.
        for (FieldDescriptor field : bytes) {
            JsonNode value = json.has(field.getName()) ? json.get(field.getName()) : json.get(field.getJsonName());
            boolean ofTree = type instanceof ConfigValue && field.getName().equals("value");
            bytes(message, field, value, ofTree ? inside : OpaqueFields.within(message, field), path);
        }
        return message.build();
    }

    private record Where(TreePlace place, String path) {}

    private static FieldDescriptor named(Message.Builder message, String name, String path) throws Unreadable {
        List<String> known = new ArrayList<>();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getName().equals(name) || field.getJsonName().equals(name)) {
                return field;
            }
            known.add(field.getName());
        }
        throw new Unreadable(below(path, name), "is no field here; known are " + String.join(", ", known));
    }

    private static void bytes(
            Message.Builder message, FieldDescriptor field, JsonNode value, @Nullable Message type, String path)
            throws Unreadable {
        String at = below(path, field.getName());
        if (!field.isRepeated()) {
            message.setField(field, encoded(value, type, at));
            return;
        }
        int index = 0;
        for (JsonNode item : items(value, at)) {
            message.addRepeatedField(field, encoded(item, type, at + "[" + index++ + "]"));
        }
    }

    private static ByteString encoded(JsonNode value, @Nullable Message type, String path) throws Unreadable {
        if (value.isNull()) {
            return ByteString.EMPTY;
        }
        if (value.isObject() && type != null) {
            return bytes(object(type, value, TreePlace.ELSEWHERE, null, path));
        }
        if (!value.isString()) {
            throw new Unreadable(path, type == null ? "must be base64" : "must be an object or base64");
        }
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(value.asString()));
        } catch (IllegalArgumentException e) {
            throw new Unreadable(path, "is no base64: " + e.getMessage());
        }
    }

    private static void set(Message.Builder message, FieldDescriptor field, JsonNode value, Where where)
            throws Unreadable {
        if (field.isMapField()) {
            map(message, field, value, where);
        } else if (field.isRepeated()) {
            int index = 0;
            for (JsonNode item : items(value, where.path())) {
                String at = where.path() + "[" + index++ + "]";
                message.addRepeatedField(field, one(message, field, item, new Where(where.place(), at)));
            }
        } else {
            message.setField(field, one(message, field, value, where));
        }
    }

    private static JsonNode items(JsonNode value, String path) throws Unreadable {
        if (!value.isArray()) {
            throw new Unreadable(path, "must be an array");
        }
        return value;
    }

    private static void map(Message.Builder message, FieldDescriptor field, JsonNode value, Where where)
            throws Unreadable {
        if (!value.isObject()) {
            throw new Unreadable(where.path(), "must be an object");
        }
        FieldDescriptor keys = field.getMessageType().findFieldByName("key");
        FieldDescriptor values = field.getMessageType().findFieldByName("value");
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            String key = entry.getKey();
            String path = below(where.path(), key);
            Message.Builder one = message.newBuilderForField(field).setField(keys, key);
            JsonNode node = entry.getValue();
            if (values.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING) {
                one.setField(values, encoded(node, null, path));
            } else if (values.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                Message type = one.newBuilderForField(values).build();
                one.setField(
                        values,
                        switch (type) {
                            case ConfigGroup _ ->
                                object(type, node, where.place().below(key), null, path);
                            case ConfigValue _ ->
                                object(type, node, where.place(), where.place().value(key), path);
                            default -> object(type, node, TreePlace.ELSEWHERE, null, path);
                        });
            } else {
                one.setField(values, scalar(values, node, path));
            }
            message.addRepeatedField(field, one.build());
        }
    }

    private static Object one(Message.Builder owner, FieldDescriptor field, JsonNode value, Where where)
            throws Unreadable {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            return scalar(field, value, where.path());
        }
        Message type = owner.newBuilderForField(field).build();
        if (type instanceof Timestamp) {
            return time(value, where.path());
        }
        boolean tree = type instanceof ConfigGroup
                && (owner instanceof Config.Builder || owner instanceof ConfigUpdate.Builder);
        return object(type, value, tree ? TreePlace.CHANNEL : TreePlace.ELSEWHERE, null, where.path());
    }

    private static Timestamp time(JsonNode value, String path) throws Unreadable {
        try {
            Instant instant = Instant.parse(value.asString(""));
            return Timestamp.newBuilder()
                    .setSeconds(instant.getEpochSecond())
                    .setNanos(instant.getNano())
                    .build();
        } catch (DateTimeParseException e) {
            throw new Unreadable(path, "is '%s', a time such as 2026-11-22T00:55:00Z is wanted".formatted(value));
        }
    }

    private static Object scalar(FieldDescriptor field, JsonNode value, String path) throws Unreadable {
        return switch (field.getJavaType()) {
            case STRING -> {
                if (!value.isString()) {
                    throw new Unreadable(path, "must be a string");
                }
                yield value.asString();
            }
            case BOOLEAN -> {
                if (!value.isBoolean()) {
                    throw new Unreadable(path, "must be true or false");
                }
                yield value.booleanValue();
            }
            case INT -> number(field, value, 32, path).intValue();
            case LONG -> number(field, value, 64, path).longValue();
            case ENUM -> constant(field, value, path);
            case FLOAT, DOUBLE, BYTE_STRING, MESSAGE -> throw new Unreadable(path, "is of a kind no config has");
        };
    }

    private static BigInteger number(FieldDescriptor field, JsonNode value, int bits, String path) throws Unreadable {
        boolean unsigned = switch (field.getType()) {
            case UINT32, UINT64, FIXED32, FIXED64 -> true;
            default -> false;
        };
        BigInteger least =
                unsigned ? BigInteger.ZERO : BigInteger.TWO.pow(bits - 1).negate();
        BigInteger most = BigInteger.TWO.pow(unsigned ? bits : bits - 1).subtract(BigInteger.ONE);
        String text = value.isString() || value.isNumber() ? value.asString() : "";
        if (text.matches("-?[0-9]{1,20}")) {
            BigInteger number = new BigInteger(text);
            if (number.compareTo(least) >= 0 && number.compareTo(most) <= 0) {
                return number;
            }
        }
        throw new Unreadable(path, "is %s, a number from %s to %s is wanted".formatted(value, least, most));
    }

    private static EnumValueDescriptor constant(FieldDescriptor field, JsonNode value, String path) throws Unreadable {
        if (value.isIntegralNumber() && value.canConvertToInt()) {
            return field.getEnumType().findValueByNumberCreatingIfUnknown(value.intValue());
        }
        EnumValueDescriptor named = field.getEnumType().findValueByName(value.asString(""));
        if (named == null) {
            throw new Unreadable(
                    path,
                    "is %s; known are %s"
                            .formatted(
                                    value,
                                    String.join(
                                            ", ",
                                            field.getEnumType().getValues().stream()
                                                    .map(EnumValueDescriptor::getName)
                                                    .toList())));
        }
        return named;
    }

    private static String below(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
