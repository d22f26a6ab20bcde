package org.holdfast.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// JSON text as Go's `json.Encoder` with one tab of indentation writes it: keys sorted, `<`, `>` and `&` escaped, a
/// line end at the end.
final class GoJson {
    private final StringBuilder out = new StringBuilder();

    private GoJson() {}

    static String text(JsonNode node) {
        GoJson json = new GoJson();
        json.value(node, 0);
        return json.out.append('\n').toString();
    }

    private void value(JsonNode node, int depth) {
        if (node.isObject()) {
            object(node, depth);
        } else if (node.isArray()) {
            List<JsonNode> items = new ArrayList<>();
            node.forEach(items::add);
            array(items, depth);
        } else if (node.isString()) {
            string(node.asString());
        } else {
            out.append(node);
        }
    }

    private void object(JsonNode node, int depth) {
        Map<String, JsonNode> fields = new TreeMap<>();
        node.propertyStream().forEach(field -> fields.put(field.getKey(), field.getValue()));
        if (fields.isEmpty()) {
            out.append("{}");
            return;
        }
        char before = '{';
        for (Map.Entry<String, JsonNode> field : fields.entrySet()) {
            out.append(before);
            line(depth + 1);
            string(field.getKey());
            out.append(": ");
            value(field.getValue(), depth + 1);
            before = ',';
        }
        line(depth);
        out.append('}');
    }

    private void array(List<JsonNode> items, int depth) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        char before = '[';
        for (JsonNode item : items) {
            out.append(before);
            line(depth + 1);
            value(item, depth + 1);
            before = ',';
        }
        line(depth);
        out.append(']');
    }

    private void line(int depth) {
        out.append('\n').repeat('\t', depth);
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '<', '>', '&', '\u2028', '\u2029' -> out.append("\\u%04x".formatted((int) c));
                default -> {
                    if (c < ' ') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
