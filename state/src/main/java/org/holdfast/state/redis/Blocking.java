package org.holdfast.state.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.holdfast.state.Command;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// Blocking pops as what they are: a plain pop, tried again whenever one of the keys was written to, until there is an
/// element or the time is over.
sealed interface Blocking {
    /// What Redis refuses such a command with.
    record Wrong(Reply.Failure reply) implements Blocking {}

    /// A pop that does not wait: it answers nil when there is nothing.
    ///
    /// @param name its name; `LMOVE` is about one key, the others are told how many they are about
    /// @param keys where an element may come to be popped
    /// @param rest the words behind the keys
    /// @param shape from its reply to that of the blocking command
    /// @param nanos how long to wait, 0 for as long as it takes
    record Plain(String name, List<byte[]> keys, List<byte[]> rest, UnaryOperator<Reply> shape, long nanos)
            implements Blocking {
        /// The pop from some of the keys.
        Command command(List<byte[]> some) {
            List<byte[]> words = new ArrayList<>();
            words.add(bytes(name));
            if (!isMove()) {
                words.add(bytes(Integer.toString(some.size())));
            }
            words.addAll(some);
            words.addAll(rest);
            return new Command(words);
        }

        /// Whether it pops from lists, not from sorted sets.
        boolean isOfLists() {
            return !name.toUpperCase(Locale.ROOT).startsWith("Z");
        }

        boolean isMove() {
            return name.equals("LMOVE");
        }
    }

    /// Takes a blocking command that has a right number of words.
    static @Nullable Reply begin(Session session, Command command) {
        return switch (of(command)) {
            case Wrong wrong -> wrong.reply();
            case Plain plain -> session.door().waits().begin(session, command, plain);
        };
    }

    /// Reads a blocking command.
    static Blocking of(Command command) {
        List<byte[]> argv = command.argv();
        String name = Answers.lower(argv.getFirst());
        boolean counted = name.equals("blmpop") || name.equals("bzmpop");
        byte[] time = counted ? argv.get(1) : argv.getLast();
        Object nanos = nanos(time);
        if (nanos instanceof Reply.Failure no) {
            return new Wrong(no);
        }
        long wait = (Long) nanos;
        return switch (name) {
            case "blpop" -> firstOf(argv, "LMPOP", "LEFT", wait);
            case "brpop" -> firstOf(argv, "LMPOP", "RIGHT", wait);
            case "bzpopmin" -> firstOf(argv, "ZMPOP", "MIN", wait);
            case "bzpopmax" -> firstOf(argv, "ZMPOP", "MAX", wait);
            case "blmove" -> moved(argv.get(1), argv.subList(2, 5), wait);
            case "brpoplpush" -> moved(argv.get(1), List.of(argv.get(2), bytes("RIGHT"), bytes("LEFT")), wait);
            default -> counted(argv, name.substring(1), wait);
        };
    }

    private static Blocking firstOf(List<byte[]> argv, String pop, String end, long wait) {
        List<byte[]> keys = argv.subList(1, argv.size() - 1);
        return new Plain(pop, keys, List.of(bytes(end)), Blocking::flat, wait);
    }

    /// From `[key, [element]]` to `[key, element]`, and from `[key, [[member, score]]]` to `[key, member, score]`.
    private static Reply flat(Reply reply) {
        if (!(reply instanceof Reply.Listing outer)
                || outer.items().size() != 2
                || !(outer.items().get(1) instanceof Reply.Listing inner)
                || inner.items().isEmpty()) {
            return reply;
        }
        List<Reply> items = new ArrayList<>();
        items.add(outer.items().getFirst());
        if (inner.items().getFirst() instanceof Reply.Listing pair) {
            items.addAll(pair.items());
        } else {
            items.addAll(inner.items());
        }
        return new Reply.Listing(items);
    }

    private static Blocking moved(byte[] from, List<byte[]> rest, long wait) {
        return new Plain("LMOVE", List.of(from), rest, UnaryOperator.identity(), wait);
    }

    private static Blocking counted(List<byte[]> argv, String pop, long wait) {
        long count = Numbers.whole(argv.get(2)).orElse(-1);
        if (count <= 0) {
            return new Wrong(Answers.err("numkeys should be greater than 0"));
        }
        if (count > argv.size() - 4L) {
            return new Wrong(Reply.Failure.err("syntax error"));
        }
        int behind = 3 + (int) count;
        return new Plain(
                pop, argv.subList(3, behind), argv.subList(behind, argv.size()), UnaryOperator.identity(), wait);
    }

    /// Seconds with a fraction as nanoseconds, or the failure.
    private static Object nanos(byte[] word) {
        String text = new String(word, StandardCharsets.ISO_8859_1);
        double seconds;
        try {
            seconds = text.isEmpty() || text.charAt(0) <= ' ' ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException _) {
            return Answers.err("timeout is not a float or out of range");
        }
        if (Double.isNaN(seconds)) {
            return Answers.err("timeout is not a float or out of range");
        }
        if (seconds * 1000 > Long.MAX_VALUE) {
            return Answers.err("timeout is out of range");
        }
        if (seconds < 0) {
            return Answers.err("timeout is negative");
        }
        double most = (double) Duration.ofDays(3650).toNanos();
        // A little waiting is not waiting without end.
        return seconds == 0 ? 0L : Math.max(1, (long) Math.min(seconds * 1e9, most));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
