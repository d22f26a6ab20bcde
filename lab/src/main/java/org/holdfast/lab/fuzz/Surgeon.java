package org.holdfast.lab.fuzz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.holdfast.drill.Seeded;

/// Changes messages. The same seed number makes the same changes. Used by one thread.
final class Surgeon {
    /// Bytes of an input at most: larger ones only cost time.
    static final int LARGEST = 256 << 10;

    private static final int MOST_CHANGES = 4;
    private static final int MOST_REPEATS = 200;
    private static final int DEEPEST_NEST = 150;
    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        4,
        5,
        7,
        9,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        1 << 20,
        Integer.MAX_VALUE,
        0x80000000L,
        0xffffffffL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1
    };

    private final Seeded chance;
    private final List<byte[]> seeds;
    private final List<Node> bodies = new ArrayList<>();

    /// @param seeds at least one
    Surgeon(Seeded chance, List<byte[]> seeds) {
        this.chance = chance;
        this.seeds = seeds;
        seeds.forEach(seed -> bodies.add(Anatomy.of(seed)));
    }

    /// The next input.
    byte[] next() {
        int pick = chance.below(seeds.size());
        byte[] made = chance.below(8) == 0
                ? seeds.get(pick).clone()
                : operate(bodies.get(pick).copy());
        if (chance.below(6) == 0) {
            made = scratch(made);
        }
        return made.length > LARGEST ? seeds.get(pick).clone() : made;
    }

    private byte[] operate(Node body) {
        int changes = 1 + chance.below(MOST_CHANGES);
        for (int i = 0; i < changes; i++) {
            List<Node> all = body.all();
            change(all.get(chance.below(all.size())));
        }
        return body.encode();
    }

    private void change(Node node) {
        switch (node.kind) {
            case RAW -> node.raw = chance.below(5) == 0 ? donor().encode() : scratch(node.raw);
            case NUMBER -> number(node);
            case FIXED -> node.raw = scratch(node.raw);
            case PARTS -> siblings(node);
            case BYTES, DER -> {
                switch (chance.below(6)) {
                    case 0 -> node.tag = retag(node);
                    case 1 -> lie(node);
                    case 2 -> node.parts = new ArrayList<>(List.of(donor()));
                    case 3 -> node.parts = new ArrayList<>();
                    case 4 -> nest(node);
                    default -> siblings(node.parts.isEmpty() ? node : node.parts.getFirst());
                }
            }
            case PEM -> {
                if (chance.below(3) == 0) {
                    node.label = chance.below(2) == 0 ? "X509 CRL" : "CERTIFICATE REQUEST";
                } else {
                    node.parts.set(
                            0,
                            chance.below(2) == 0
                                    ? donor()
                                    : Node.raw(scratch(node.parts.getFirst().encode())));
                }
            }
        }
    }

    private void number(Node node) {
        node.number = switch (chance.below(4)) {
            case 0 -> node.number + 1;
            case 1 -> node.number - 1;
            case 2 -> chance.nextLong();
            default -> NUMBERS[chance.below(NUMBERS.length)];
        };
    }

    private void siblings(Node node) {
        List<Node> parts = node.parts;
        if (parts.isEmpty()) {
            parts.add(donor());
            return;
        }
        int at = chance.below(parts.size());
        switch (chance.below(6)) {
            case 0 -> parts.remove(at);
            case 1 -> parts.add(at, parts.get(at).copy());
            case 2 -> Collections.swap(parts, at, chance.below(parts.size()));
            case 3 -> parts.add(chance.below(parts.size() + 1), donor());
            case 4 -> repeat(parts, at);
            default -> parts.set(at, donor());
        }
    }

    private void repeat(List<Node> parts, int at) {
        int size = Math.max(1, parts.get(at).encode().length);
        int times = Math.min(1 + chance.below(MOST_REPEATS), LARGEST / size);
        for (int i = 0; i < times; i++) {
            parts.add(at, parts.get(at).copy());
        }
    }

    /// A message within itself, many times over.
    private void nest(Node node) {
        int times = 1 + chance.below(DEEPEST_NEST);
        Node inside = Node.parts(node.parts);
        for (int i = 0; i < times; i++) {
            Node around = node.copy();
            around.parts = new ArrayList<>(List.of(inside));
            inside = around;
        }
        node.parts = new ArrayList<>(List.of(inside));
    }

    /// The content stays, its length says something else.
    private void lie(Node node) {
        byte[] whole = node.encode();
        int at = 1 + chance.below(Math.min(4, Math.max(1, whole.length - 1)));
        if (at < whole.length) {
            whole[at] += (byte) (chance.below(5) - 2);
        }
        node.kind = Node.Kind.RAW;
        node.raw = whole;
        node.parts = new ArrayList<>();
    }

    private long retag(Node node) {
        if (node.kind == Node.Kind.DER) {
            return chance.below(256);
        }
        return (long) (1 + chance.below(chance.below(4) == 0 ? 1100 : 12)) << 3 | 2;
    }

    /// A part of some seed, or a field out of nothing.
    private Node donor() {
        if (chance.below(5) == 0) {
            long field = 1L + chance.below(12);
            return chance.below(2) == 0
                    ? Node.number(field << 3, NUMBERS[chance.below(NUMBERS.length)])
                    : Node.bytes(field << 3 | 2, Node.raw(noise(chance.below(24))));
        }
        List<Node> all = bodies.get(chance.below(bodies.size())).all();
        return all.get(chance.below(all.size())).copy();
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        chance.nextBytes(bytes);
        return bytes;
    }

    /// Changes bytes without looking.
    private byte[] scratch(byte[] bytes) {
        if (bytes.length == 0) {
            return noise(1 + chance.below(8));
        }
        byte[] changed = bytes.clone();
        int at = chance.below(changed.length);
        switch (chance.below(6)) {
            case 0 -> changed[at] ^= (byte) (1 << chance.below(8));
            case 1 -> changed[at] = (byte) NUMBERS[chance.below(NUMBERS.length)];
            case 2 -> {
                byte[] cut = new byte[at];
                System.arraycopy(changed, 0, cut, 0, at);
                return cut;
            }
            case 3 -> {
                byte[] extra = noise(1 + chance.below(chance.below(10) == 0 ? 600 : 8));
                byte[] longer = new byte[changed.length + extra.length];
                System.arraycopy(changed, 0, longer, 0, at);
                System.arraycopy(extra, 0, longer, at, extra.length);
                System.arraycopy(changed, at, longer, at + extra.length, changed.length - at);
                return longer;
            }
            case 4 -> {
                int length = Math.min(1 + chance.below(16), changed.length - at);
                byte[] shorter = new byte[changed.length - length];
                System.arraycopy(changed, 0, shorter, 0, at);
                System.arraycopy(changed, at + length, shorter, at, shorter.length - at);
                return shorter;
            }
            default -> {
                int from = chance.below(changed.length);
                int length = Math.min(1 + chance.below(32), changed.length - Math.max(at, from));
                System.arraycopy(bytes, from, changed, at, length);
            }
        }
        return changed;
    }
}
