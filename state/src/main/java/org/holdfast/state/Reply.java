package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// What a command answers, before any protocol: the codec decides how each form looks in RESP2 and in RESP3. Values of
/// one form are equal when their contents are.
public sealed interface Reply {
    /// The one status most writes answer.
    Reply OK = new Status("OK");

    /// Nothing there. RESP2: a null bulk string.
    Reply NIL = new Nil();

    /// No list at all: a transaction that a WATCH stopped, a pop from nothing. RESP2: a null array.
    Reply NIL_LISTING = new NilListing();

    /// A list of nothing.
    Reply EMPTY = new Listing(List.of());

    /// No value.
    record Nil() implements Reply {}

    /// A short word such as `OK`, without line breaks.
    record Status(String text) implements Reply {}

    /// An expected no, as the protocol says it: `-code text`.
    ///
    /// @param code one word in capitals, such as `ERR` or `WRONGTYPE`
    /// @param text the rest of the line, without line breaks
    record Failure(String code, String text) implements Reply {
        /// With the general code `ERR`.
        public static Failure err(String text) {
            return new Failure("ERR", text);
        }

        /// The line as a client sees it, without the leading dash.
        public String line() {
            return code + " " + text;
        }
    }

    /// An integer.
    record Whole(long value) implements Reply {}

    /// A floating point number. RESP2: a bulk string of [Numbers#text].
    record Real(double value) implements Reply {}

    /// Bytes; not to be changed.
    record Bulk(byte[] bytes) implements Reply {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bulk that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Bulk[" + Command.readable(bytes) + "]";
        }
    }

    /// A list in order.
    record Listing(List<Reply> items) implements Reply {
        public Listing {
            items = List.copyOf(items);
        }
    }

    /// No list.
    record NilListing() implements Reply {}

    /// Keys with values, in order. RESP2: a list of keys and values in turn.
    record Pairs(List<Pair> entries) implements Reply {
        public Pairs {
            entries = List.copyOf(entries);
        }
    }

    /// One entry of [Pairs].
    record Pair(Reply key, Reply value) {}

    /// Items of which none comes twice, in no order that means anything. RESP2: a list.
    record Distinct(List<Reply> items) implements Reply {
        public Distinct {
            items = List.copyOf(items);
        }
    }

    /// Rows of a table, in order. RESP2: one list of what is in them.
    record Rows(List<Listing> rows) implements Reply {
        public Rows {
            rows = List.copyOf(rows);
        }

        /// What is in them.
        public List<Reply> cells() {
            return rows.stream().flatMap(row -> row.items().stream()).toList();
        }
    }

    /// A number in a notation of its own. RESP2: a bulk string.
    ///
    /// @param text decimal, in ASCII
    record Decimal(String text) implements Reply {}

    /// Yes or no. RESP2: 1 or 0.
    record Truth(boolean value) implements Reply {}

    /// Text for people to read. RESP2: a bulk string.
    ///
    /// @param format three characters, `txt` or `mkd`
    record Text(String format, String text) implements Reply {}

    /// An integer.
    static Reply of(long value) {
        return new Whole(value);
    }

    /// 1 or 0, as most predicates of Redis answer in both protocols.
    static Reply flag(boolean value) {
        return new Whole(value ? 1 : 0);
    }

    /// Bytes.
    static Reply of(byte[] bytes) {
        return new Bulk(bytes);
    }

    /// Text as UTF-8 bytes.
    static Reply bulk(String text) {
        return new Bulk(text.getBytes(StandardCharsets.UTF_8));
    }
}
