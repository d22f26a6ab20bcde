package org.holdfast.state.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.holdfast.state.Reply;
import org.holdfast.wire.Refusal;

/// Replies the door gives by itself, with Redis 7's texts.
final class Answers {
    static final Reply PONG = new Reply.Status("PONG");
    static final Reply QUEUED = new Reply.Status("QUEUED");
    static final Reply SYNTAX = Reply.Failure.err("syntax error");
    static final Reply NOT_WHOLE = Reply.Failure.err("value is not an integer or out of range");

    private static final int HTTP_FORBIDDEN = 403;
    private static final int HTTP_UNAVAILABLE = 503;

    private Answers() {}

    static Reply.Failure err(String text) {
        return Reply.Failure.err(text);
    }

    static Reply.Failure arity(String name) {
        return err("wrong number of arguments for '" + name + "' command");
    }

    static Reply.Failure unsupported(String what) {
        return err("not supported by this ledger: " + what);
    }

    /// A refusal: one that another attempt may overcome begins with TRYAGAIN, one of permission with NOPERM.
    static Reply.Failure refusal(Refusal refusal) {
        String code = switch (refusal.code().status()) {
            case HTTP_UNAVAILABLE -> "TRYAGAIN";
            case HTTP_FORBIDDEN -> "NOPERM";
            default -> "ERR";
        };
        return new Reply.Failure(code, refusal.toString());
    }

    static Reply texts(Iterable<String> texts) {
        List<Reply> items = new ArrayList<>();
        texts.forEach(text -> items.add(Reply.bulk(text)));
        return new Reply.Listing(items);
    }

    /// Keys with values; of a value that is text, its bytes.
    static Reply pairs(Object... keysAndValues) {
        List<Reply.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            Object value = keysAndValues[i + 1];
            Reply reply = value instanceof Reply known ? known : Reply.bulk(String.valueOf(value));
            pairs.add(new Reply.Pair(Reply.bulk(String.valueOf(keysAndValues[i])), reply));
        }
        return new Reply.Pairs(pairs);
    }

    /// A word as text, one character a byte.
    static String text(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1);
    }

    /// A word as text.
    static String utf8(byte[] word) {
        return new String(word, StandardCharsets.UTF_8);
    }

    static String lower(byte[] word) {
        return text(word).toLowerCase(Locale.ROOT);
    }
}
