package org.holdfast.cli;

import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// JSON as this room writes and reads it: objects without surprises, unknown fields ignored.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /// One line, no line end.
    static String line(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /// Indented text that ends with a line end.
    static String pretty(Object value) {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    }

    /// @throws JacksonException when the bytes are no JSON of that shape
    static <T> T read(byte[] bytes, Class<T> shape) {
        return MAPPER.readValue(bytes, shape);
    }

    /// @throws JacksonException when the text is no JSON of that shape
    static <T> T read(String text, Class<T> shape) {
        return MAPPER.readValue(text, shape);
    }
}
