package org.holdfast.channel;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Writes a readable config as YAML that [org.holdfast.env.YamlTree] reads back to the same.
final class DocWriter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+@][A-Za-z0-9_./+@=:,'()\\[\\]* -]*");
    private static final Pattern LINE = Pattern.compile("\\S([^\\p{Cntrl}]*\\S)?");

    private final StringBuilder out = new StringBuilder();

    private DocWriter() {}

    /// @param header lines of comment at the top
    static String yaml(Doc.Fields document, List<String> header) {
        DocWriter writer = new DocWriter();
        header.forEach(line -> writer.comment(line, 0));
        if (document.fields().isEmpty()) {
            writer.out.append("{}\n");
        }
        writer.fields(document, 0);
        return writer.out.toString();
    }

    /// A piece in one line, for differences: `10`, `[a, b]`.
    static String line(Doc doc) {
        return switch (doc) {
            case Doc.Text text -> text.note().isEmpty() ? oneLine(text.text()) : text.note();
            case Doc.Items items ->
                "["
                        + String.join(
                                ", ",
                                items.items().stream().map(DocWriter::line).toList()) + "]";
            case Doc.Fields fields ->
                "{"
                        + String.join(
                                ", ",
                                fields.fields().entrySet().stream()
                                        .map(field -> field.getKey() + ": " + line(field.getValue()))
                                        .toList())
                        + "}";
        };
    }

    private static String oneLine(String text) {
        return text.isEmpty() ? "''" : Doc.plain(text).replace('\n', ' ');
    }

    private void fields(Doc.Fields fields, int depth) {
        for (Map.Entry<String, Doc> field : fields.fields().entrySet()) {
            note(field.getValue(), depth);
            indent(depth);
            out.append(scalar(field.getKey())).append(':');
            value(field.getValue(), depth);
        }
    }

    private void value(Doc value, int depth) {
        switch (value) {
            case Doc.Text text -> text(text.text(), depth + 1);
            case Doc.Items items -> {
                out.append(items.items().isEmpty() ? " []\n" : "\n");
                items.items().forEach(item -> item(item, depth + 1));
            }
            case Doc.Fields fields -> {
                out.append(fields.fields().isEmpty() ? " {}\n" : "\n");
                fields(fields, depth + 1);
            }
        }
    }

    private void item(Doc item, int depth) {
        note(item, depth);
        int start = out.length();
        switch (item) {
            case Doc.Fields fields
            when !fields.fields().isEmpty() -> {
                fields(fields, depth + 1);
                out.replace(start, start + 2 * (depth + 1), "  ".repeat(depth) + "- ");
            }
            case Doc.Fields _ -> out.repeat("  ", depth).append("- {}\n");
            case Doc.Text text -> {
                out.repeat("  ", depth).append('-');
                text(text.text(), depth + 1);
            }
            // No config has lists of lists; a reader refuses them where they stand.
            case Doc.Items _ -> out.repeat("  ", depth).append("- []\n");
        }
    }

    private void note(Doc value, int depth) {
        if (value instanceof Doc.Text text && !text.note().isEmpty()) {
            comment(text.note(), depth);
        }
    }

    private void comment(String text, int depth) {
        indent(depth);
        out.append("# ").append(text.replaceAll("\\p{Cntrl}", " ")).append('\n');
    }

    private void text(String text, int depth) {
        String plain = Doc.plain(text);
        if (plain.indexOf('\n') < 0
                || !plain.lines().allMatch(line -> LINE.matcher(line).matches())) {
            out.append(' ').append(scalar(plain)).append('\n');
            return;
        }
        out.append(" |\n");
        plain.lines().forEach(line -> {
            indent(depth);
            out.append(line).append('\n');
        });
    }

    private void indent(int depth) {
        out.repeat("  ", depth);
    }

    /// A text as YAML takes it for the same text.
    static String scalar(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.contains(": ")
                && !text.endsWith(":")
                && !text.endsWith(" ")
                && !text.equals("null");
        if (plain) {
            return text;
        }
        StringBuilder quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (c < ' ' || (c > '~' && c <= 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff) {
                quoted.append("\\u%04x".formatted(c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append('"').toString();
    }
}
