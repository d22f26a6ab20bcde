package org.holdfast.lab.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes bytes apart by what they look like: PEM text, a DER element, protobuf fields, else raw bytes; and what is
/// inside those again. A wrong guess does no harm: put together unchanged, the parts are the same bytes (PEM: the same
/// blocks).
final class Anatomy {
    /// Parts within parts at most.
    private static final int DEEPEST = 24;

    private static final int LARGEST_FIELD = 5000;
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int BIT_STRING = 0x03;
    private static final int CONSTRUCTED = 0x20;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*?)-----END \\1-----\n?");

    private Anatomy() {}

    static Node of(byte[] bytes) {
        return of(bytes, 0);
    }

    private static Node of(byte[] bytes, int depth) {
        if (bytes.length < 2 || depth > DEEPEST) {
            return Node.raw(bytes);
        }
        Node found = pem(bytes, depth);
        if (found == null && (bytes[0] & 0xff) == SEQUENCE) {
            found = elements(bytes, depth);
        }
        if (found == null) {
            found = fields(bytes, depth);
        }
        return found == null ? Node.raw(bytes) : found;
    }

    private static @Nullable Node pem(byte[] bytes, int depth) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (!text.startsWith("-----BEGIN ")) {
            return null;
        }
        List<Node> parts = new ArrayList<>();
        Matcher block = PEM.matcher(text);
        int at = 0;
        while (block.find()) {
            text(parts, text.substring(at, block.start()));
            parts.add(Node.pem(block.group(1), of(decoded(block.group(2)), depth + 1)));
            at = block.end();
        }
        text(parts, text.substring(at));
        return Node.parts(parts);
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException broken) {
            return new byte[0]; // a seed may be broken on purpose
        }
    }

    private static void text(List<Node> parts, String text) {
        if (!text.isEmpty()) {
            parts.add(Node.raw(text.getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    /// DER elements that fill the bytes exactly; null when they do not.
    private static @Nullable Node elements(byte[] bytes, int depth) {
        List<Node> found = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            if (at + 2 > bytes.length || (bytes[at] & 0x1f) == 0x1f) {
                return null;
            }
            int tag = bytes[at] & 0xff;
            int length = bytes[at + 1] & 0xff;
            int from = at + 2;
            if (length > 0x82 || length == 0x80) {
                return null;
            }
            if (length > 0x80) {
                int digits = length - 0x80;
                length = 0;
                for (int i = 0; i < digits && from < bytes.length; i++) {
                    length = length << 8 | (bytes[from++] & 0xff);
                }
            }
            if (from + length > bytes.length) {
                return null;
            }
            found.add(element(tag, Arrays.copyOfRange(bytes, from, from + length), depth));
            at = from + length;
        }
        return Node.parts(found);
    }

    private static Node element(int tag, byte[] content, int depth) {
        if (depth > DEEPEST || content.length < 2) {
            return Node.der(tag, List.of(Node.raw(content)));
        }
        Node inside = null;
        if ((tag & CONSTRUCTED) != 0) {
            inside = elements(content, depth + 1);
        } else if (tag == OCTET_STRING) {
            inside = elements(content, depth + 1);
        } else if (tag == BIT_STRING && content[0] == 0) {
            Node bits = elements(Arrays.copyOfRange(content, 1, content.length), depth + 1);
            inside = bits == null ? null : Node.parts(List.of(Node.raw(new byte[1]), bits));
        }
        return Node.der(tag, List.of(inside == null ? Node.raw(content) : inside));
    }

    /// Protobuf fields that fill the bytes exactly; null when they do not.
    private static @Nullable Node fields(byte[] bytes, int depth) {
        List<Node> found = new ArrayList<>();
        Reader in = new Reader(bytes);
        while (in.at < bytes.length) {
            long tag = in.varint();
            if (in.broken || tag >>> 3 == 0 || tag >>> 3 > LARGEST_FIELD) {
                return null;
            }
            Node field = switch ((int) tag & 7) {
                case 0 -> Node.number(tag, in.varint());
                case 1 -> Node.fixed(tag, in.take(8));
                case 2 -> {
                    byte[] content = in.take(in.varint());
                    yield in.broken ? Node.raw(content) : Node.bytes(tag, of(content, depth + 1));
                }
                case 5 -> Node.fixed(tag, in.take(4));
                default -> null;
            };
            if (field == null || in.broken) {
                return null;
            }
            found.add(field);
        }
        return Node.parts(found);
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;
        private boolean broken;

        private Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at >= bytes.length) {
                    break;
                }
                int piece = bytes[at++] & 0xff;
                value |= (long) (piece & 0x7f) << shift;
                if (piece < 0x80) {
                    return value;
                }
            }
            broken = true;
            return 0;
        }

        private byte[] take(long length) {
            if (broken || length < 0 || length > bytes.length - at) {
                broken = true;
                return new byte[0];
            }
            byte[] taken = Arrays.copyOfRange(bytes, at, at + (int) length);
            at += (int) length;
            return taken;
        }
    }
}
