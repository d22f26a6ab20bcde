package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Parts of strings, and what two of them have in common.
final class Ranges {
    /// Cells of the table that LCS fills: as many as Redis would allow with this limit of a value.
    private static final long LCS_CELLS_MAX = CommandTable.VALUE_BYTES_MAX / Integer.BYTES;

    private Ranges() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("append", words -> new Append(words.next(), words.value()));
        all.put("getrange", words -> new Getrange(words.next(), words.whole(), words.whole()));
        all.put("substr", words -> new Getrange(words.next(), words.whole(), words.whole()));
        all.put("setrange", Ranges::setrange);
        all.put("lcs", Ranges::lcs);
    }

    private static Operation setrange(Words words) {
        byte[] key = words.next();
        long offset = words.whole();
        if (offset < 0) {
            throw BadWords.of("offset is out of range");
        }
        return new Setrange(key, offset, words.value());
    }

    private static Operation lcs(Words words) {
        byte[] a = words.next();
        byte[] b = words.next();
        boolean length = false;
        boolean places = false;
        boolean withLength = false;
        long least = 0;
        while (words.hasNext()) {
            switch (words.option()) {
                case "LEN" -> length = true;
                case "IDX" -> places = true;
                case "WITHMATCHLEN" -> withLength = true;
                case "MINMATCHLEN" -> least = Math.max(0, words.whole());
                default -> throw BadWords.syntax();
            }
        }
        if (length && places) {
            throw BadWords.of("If you want both the length and indexes, please just use IDX.");
        }
        return new Lcs(a, b, length ? LcsAnswer.LENGTH : places ? LcsAnswer.PLACES : LcsAnswer.TEXT, least, withLength);
    }

    /// Refuses what would grow too long.
    static void checkLength(long length) {
        if (length > CommandTable.VALUE_BYTES_MAX) {
            throw Refused.of("string exceeds maximum allowed size (proto-max-bulk-len)");
        }
    }

    /// APPEND.
    record Append(byte[] key, byte[] tail) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            if (old == null) {
                editor.put(key, Entry.string(tail));
                return Reply.of(tail.length);
            }
            int length = Texts.length(old);
            checkLength((long) length + tail.length);
            Texts.write(editor, key, old, length, tail);
            return Reply.of((long) length + tail.length);
        }
    }

    /// GETRANGE, SUBSTR.
    record Getrange(byte[] key, long start, long end) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key, Type.STRING);
            Span span = entry == null ? null : Span.of(start, end, Texts.length(entry));
            if (entry == null || span == null) {
                return Reply.of(Layout.NOTHING);
            }
            entries.taken(span.length());
            return Reply.of(Texts.range(entries, entry, (int) span.first(), (int) span.last() + 1));
        }
    }

    /// SETRANGE.
    record Setrange(byte[] key, long offset, byte[] part) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            int length = Texts.length(old);
            if (part.length == 0) {
                return Reply.of(length);
            }
            // An offset near the largest number must not wrap.
            checkLength(Math.max(offset, offset + part.length));
            Texts.write(editor, key, old, (int) offset, part);
            return Reply.of(Math.max(length, offset + part.length));
        }
    }

    /// What LCS answers.
    enum LcsAnswer {
        TEXT,
        LENGTH,
        PLACES
    }

    /// LCS: the longest common subsequence.
    ///
    /// @param least matches shorter than this are not listed
    record Lcs(byte[] first, byte[] second, LcsAnswer answer, long least, boolean withLength)
            implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            byte[] a = text(entries, first);
            byte[] b = text(entries, second);
            if ((a.length + 1L) * (b.length + 1L) > LCS_CELLS_MAX) {
                throw Refused.of("Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
            }
            int[][] lengths = lengths(a, b);
            int whole = lengths[a.length][b.length];
            return switch (answer) {
                case LENGTH -> Reply.of(whole);
                case TEXT -> Reply.of(common(a, matches(a, b, lengths), whole));
                case PLACES ->
                    new Reply.Pairs(List.of(
                            new Reply.Pair(Reply.bulk("matches"), places(matches(a, b, lengths))),
                            new Reply.Pair(Reply.bulk("len"), Reply.of(whole))));
            };
        }

        private static byte[] text(Entries entries, byte[] key) {
            Entry entry = entries.find(key);
            if (entry != null && entry.type() != Type.STRING) {
                throw Refused.of("The specified keys must contain string values");
            }
            return Texts.all(entries, entry);
        }

        /// [i][j]: the length for the first i bytes of one and the first j of the other.
        private static int[][] lengths(byte[] a, byte[] b) {
            int[][] lengths = new int[a.length + 1][b.length + 1];
            for (int i = 1; i <= a.length; i++) {
                for (int j = 1; j <= b.length; j++) {
                    lengths[i][j] = a[i - 1] == b[j - 1]
                            ? lengths[i - 1][j - 1] + 1
                            : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
                }
            }
            return lengths;
        }

        /// Runs of equal bytes, from the last to the first. Where there is a choice the second text is shortened, as
        /// Redis chooses.
        private static List<Match> matches(byte[] a, byte[] b, int[][] lengths) {
            List<Match> found = new ArrayList<>();
            int i = a.length;
            int j = b.length;
            while (i > 0 && j > 0) {
                int run = 0;
                while (i > 0 && j > 0 && a[i - 1] == b[j - 1]) {
                    i--;
                    j--;
                    run++;
                }
                if (run > 0) {
                    found.add(new Match(i, j, run));
                } else if (lengths[i - 1][j] > lengths[i][j - 1]) {
                    i--;
                } else {
                    j--;
                }
            }
            return found;
        }

        private static byte[] common(byte[] a, List<Match> matches, int whole) {
            byte[] text = new byte[whole];
            int end = whole;
            for (Match match : matches) {
                end -= match.length();
                System.arraycopy(a, match.first(), text, end, match.length());
            }
            return text;
        }

        private Reply places(List<Match> matches) {
            List<Reply> listed = new ArrayList<>();
            for (Match match : matches) {
                if (match.length() >= least) {
                    List<Reply> place =
                            new ArrayList<>(List.of(range(match.first(), match), range(match.second(), match)));
                    if (withLength) {
                        place.add(Reply.of(match.length()));
                    }
                    listed.add(new Reply.Listing(place));
                }
            }
            return new Reply.Listing(listed);
        }

        private static Reply range(int from, Match match) {
            return new Reply.Listing(List.of(Reply.of(from), Reply.of(from + match.length() - 1)));
        }
    }

    /// Equal bytes at two places.
    private record Match(int first, int second, int length) {}
}
