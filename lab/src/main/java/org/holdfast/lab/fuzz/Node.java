package org.holdfast.lab.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A part of a message that can be changed and put together again. Used by one thread.
///
/// Formats: protobuf wire format; DER (X.690) with one-byte tags; PEM (RFC 7468).
final class Node {
    /// What surrounds the content when it is put together.
    enum Kind {
        /// Bytes as they are.
        RAW,
        /// The parts one after the other.
        PARTS,
        /// A varint, tagged.
        NUMBER,
        /// A 32-bit or 64-bit value, tagged.
        FIXED,
        /// The parts with their length, tagged.
        BYTES,
        /// The parts with their length, behind a DER tag.
        DER,
        /// The parts in base64 between two lines.
        PEM
    }

    Kind kind;
    /// Protobuf: field number and wire type. DER: the tag byte.
    long tag;
    long number;
    byte[] raw;
    /// PEM: the label.
    String label = "";
    List<Node> parts = new ArrayList<>();

    private Node(Kind kind, long tag, byte[] raw) {
        this.kind = kind;
        this.tag = tag;
        this.raw = raw;
    }

    static Node raw(byte[] bytes) {
        return new Node(Kind.RAW, 0, bytes);
    }

    static Node parts(List<Node> parts) {
        Node node = new Node(Kind.PARTS, 0, new byte[0]);
        node.parts.addAll(parts);
        return node;
    }

    static Node number(long tag, long value) {
        Node node = new Node(Kind.NUMBER, tag, new byte[0]);
        node.number = value;
        return node;
    }

    static Node fixed(long tag, byte[] value) {
        return new Node(Kind.FIXED, tag, value);
    }

    static Node bytes(long tag, Node content) {
        Node node = new Node(Kind.BYTES, tag, new byte[0]);
        node.parts.add(content);
        return node;
    }

    static Node der(int tag, List<Node> content) {
        Node node = new Node(Kind.DER, tag, new byte[0]);
        node.parts.addAll(content);
        return node;
    }

    static Node pem(String label, Node content) {
        Node node = new Node(Kind.PEM, 0, new byte[0]);
        node.label = label;
        node.parts.add(content);
        return node;
    }

    Node copy() {
        Node copy = new Node(kind, tag, raw.clone());
        copy.number = number;
        copy.label = label;
        parts.forEach(part -> copy.parts.add(part.copy()));
        return copy;
    }

    /// This node and all below it.
    List<Node> all() {
        List<Node> found = new ArrayList<>();
        gather(found);
        return found;
    }

    private void gather(List<Node> found) {
        found.add(this);
        parts.forEach(part -> part.gather(found));
    }

    byte[] encode() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out);
        return out.toByteArray();
    }

    private void write(ByteArrayOutputStream out) {
        switch (kind) {
            case RAW -> out.writeBytes(raw);
            case PARTS -> parts.forEach(part -> part.write(out));
            case NUMBER -> {
                varint(out, tag);
                varint(out, number);
            }
            case FIXED -> {
                varint(out, tag);
                out.writeBytes(raw);
            }
            case BYTES -> {
                byte[] content = content();
                varint(out, tag);
                varint(out, content.length);
                out.writeBytes(content);
            }
            case DER -> {
                byte[] content = content();
                out.write((int) tag);
                derLength(out, content.length);
                out.writeBytes(content);
            }
            case PEM -> {
                String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content());
                String text = "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
                out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
    }

    private byte[] content() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        parts.forEach(part -> part.write(out));
        return out.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private static void derLength(ByteArrayOutputStream out, int length) {
        if (length < 0x80) {
            out.write(length);
            return;
        }
        int digits = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
        out.write(0x80 | digits);
        for (int i = digits - 1; i >= 0; i--) {
            out.write(length >>> (8 * i));
        }
    }
}
