package org.holdfast.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Invariant;

/// Replies as bytes, to be kept: one byte for the form, then what it holds; texts and lists begin with their length in
/// four bytes, numbers are big-endian. Part of the receipts' format, version 1.
final class ReplyBytes {
    private static final int NIL = 0;
    private static final int STATUS = 1;
    private static final int FAILURE = 2;
    private static final int WHOLE = 3;
    private static final int REAL = 4;
    private static final int BULK = 5;
    private static final int LISTING = 6;
    private static final int NIL_LISTING = 7;
    private static final int PAIRS = 8;
    private static final int DISTINCT = 9;
    private static final int ROWS = 10;
    private static final int DECIMAL = 11;
    private static final int TRUTH = 12;
    private static final int TEXT = 13;

    private ReplyBytes() {}

    /// Empty when it takes more than so many bytes; the whole of a long one is not looked at.
    static Optional<byte[]> of(Reply reply, int max) {
        long size = size(reply, max);
        if (size > max) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) size);
        put(bytes, reply);
        return Optional.of(bytes.array());
    }

    /// What was written by [#of].
    static Reply read(ByteBuffer bytes) {
        return switch (bytes.get()) {
            case NIL -> Reply.NIL;
            case STATUS -> new Reply.Status(text(bytes));
            case FAILURE -> new Reply.Failure(text(bytes), text(bytes));
            case WHOLE -> new Reply.Whole(bytes.getLong());
            case REAL -> new Reply.Real(Double.longBitsToDouble(bytes.getLong()));
            case BULK -> new Reply.Bulk(word(bytes));
            case LISTING -> new Reply.Listing(list(bytes));
            case NIL_LISTING -> Reply.NIL_LISTING;
            case PAIRS -> new Reply.Pairs(pairs(list(bytes)));
            case DISTINCT -> new Reply.Distinct(list(bytes));
            case ROWS ->
                new Reply.Rows(list(bytes).stream().map(ReplyBytes::row).toList());
            case DECIMAL -> new Reply.Decimal(text(bytes));
            case TRUTH -> new Reply.Truth(bytes.get() != 0);
            case TEXT -> new Reply.Text(text(bytes), text(bytes));
            default -> throw Invariant.broken("a kept reply of no form known");
        };
    }

    private static long size(Reply reply, int max) {
        return 1
                + switch (reply) {
                    case Reply.Nil _, Reply.NilListing _ -> 0L;
                    case Reply.Status status -> size(status.text());
                    case Reply.Failure failure -> size(failure.code()) + size(failure.text());
                    case Reply.Whole _, Reply.Real _ -> Long.BYTES;
                    case Reply.Bulk bulk -> (long) Integer.BYTES + bulk.bytes().length;
                    case Reply.Listing listing -> size(listing.items(), max);
                    case Reply.Pairs pairs -> size(flat(pairs, max), max);
                    case Reply.Distinct distinct -> size(distinct.items(), max);
                    case Reply.Rows rows -> size(rows.rows(), max);
                    case Reply.Decimal decimal -> size(decimal.text());
                    case Reply.Truth _ -> 1L;
                    case Reply.Text text -> size(text.format()) + size(text.text());
                };
    }

    private static long size(String text) {
        return Integer.BYTES + (long) text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static long size(List<? extends Reply> items, int max) {
        long size = Integer.BYTES + (long) items.size();
        for (Reply item : items) {
            if (size > max) {
                return size;
            }
            size += size(item, max) - 1;
        }
        return size;
    }

    private static void put(ByteBuffer to, Reply reply) {
        switch (reply) {
            case Reply.Nil _ -> to.put((byte) NIL);
            case Reply.Status status -> put(to.put((byte) STATUS), status.text());
            case Reply.Failure failure -> {
                put(to.put((byte) FAILURE), failure.code());
                put(to, failure.text());
            }
            case Reply.Whole whole -> to.put((byte) WHOLE).putLong(whole.value());
            case Reply.Real real -> to.put((byte) REAL).putLong(Double.doubleToRawLongBits(real.value()));
            case Reply.Bulk bulk -> put(to.put((byte) BULK), bulk.bytes());
            case Reply.Listing listing -> put(to.put((byte) LISTING), listing.items());
            case Reply.NilListing _ -> to.put((byte) NIL_LISTING);
            case Reply.Pairs pairs -> put(to.put((byte) PAIRS), flat(pairs, Integer.MAX_VALUE));
            case Reply.Distinct distinct -> put(to.put((byte) DISTINCT), distinct.items());
            case Reply.Rows rows -> put(to.put((byte) ROWS), rows.rows());
            case Reply.Decimal decimal -> put(to.put((byte) DECIMAL), decimal.text());
            case Reply.Truth truth -> to.put((byte) TRUTH).put((byte) (truth.value() ? 1 : 0));
            case Reply.Text text -> {
                put(to.put((byte) TEXT), text.format());
                put(to, text.text());
            }
        }
    }

    private static void put(ByteBuffer to, byte[] word) {
        to.putInt(word.length).put(word);
    }

    private static void put(ByteBuffer to, String text) {
        put(to, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(ByteBuffer to, List<? extends Reply> items) {
        to.putInt(items.size());
        items.forEach(item -> put(to, item));
    }

    /// Keys and values in turn; of many only so many that their number alone is too much.
    private static List<Reply> flat(Reply.Pairs pairs, int max) {
        List<Reply> items = new ArrayList<>();
        for (Reply.Pair pair : pairs.entries()) {
            items.add(pair.key());
            items.add(pair.value());
            if (items.size() > max) {
                break;
            }
        }
        return items;
    }

    private static List<Reply.Pair> pairs(List<Reply> flat) {
        List<Reply.Pair> pairs = new ArrayList<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            pairs.add(new Reply.Pair(flat.get(i), flat.get(i + 1)));
        }
        return pairs;
    }

    private static byte[] word(ByteBuffer bytes) {
        int length = bytes.getInt();
        Invariant.check(length >= 0 && length <= bytes.remaining(), "a kept reply with a word of %d bytes", length);
        byte[] word = new byte[length];
        bytes.get(word);
        return word;
    }

    private static Reply.Listing row(Reply reply) {
        if (reply instanceof Reply.Listing row) {
            return row;
        }
        throw Invariant.broken("a kept reply with a row that is no list");
    }

    private static String text(ByteBuffer bytes) {
        return new String(word(bytes), StandardCharsets.UTF_8);
    }

    private static List<Reply> list(ByteBuffer bytes) {
        int count = bytes.getInt();
        List<Reply> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(read(bytes));
        }
        return items;
    }
}
