package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Ranges of sorted sets: by rank, by score, and of members of one score by their bytes.
final class ZsetRanges {
    private static final String NO_SCORES = "min or max is not a float";
    private static final String NO_TEXTS = "min or max not valid string range item";

    private ZsetRanges() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("zcount", words -> new Zcount(words.next(), byScore(words.next(), words.next())));
        all.put("zlexcount", words -> new Zcount(words.next(), byText(words.next(), words.next())));
        all.put("zrange", words -> new Zrange(words.next(), Query.of(words, null, null, true)));
        all.put("zrevrange", words -> new Zrange(words.next(), Query.of(words, Kind.RANK, true, true)));
        all.put("zrangebyscore", words -> new Zrange(words.next(), Query.of(words, Kind.SCORE, false, true)));
        all.put("zrevrangebyscore", words -> new Zrange(words.next(), Query.of(words, Kind.SCORE, true, true)));
        all.put("zrangebylex", words -> new Zrange(words.next(), Query.of(words, Kind.TEXT, false, true)));
        all.put("zrevrangebylex", words -> new Zrange(words.next(), Query.of(words, Kind.TEXT, true, true)));
        all.put(
                "zrangestore",
                words -> new Zrangestore(words.next(), words.next(), Query.of(words, null, null, false)));
        all.put("zremrangebyrank", words -> new Zremrange(words.next(), new Ranks(words.whole(), words.whole())));
        all.put("zremrangebyscore", words -> new Zremrange(words.next(), byScore(words.next(), words.next())));
        all.put("zremrangebylex", words -> new Zremrange(words.next(), byText(words.next(), words.next())));
    }

    /// By what a range is given.
    enum Kind {
        RANK,
        SCORE,
        TEXT
    }

    /// A range of a sorted set.
    sealed interface Range {
        /// Members, from the range's beginning or backwards from its end; for [Ranks] ranks then count from the end.
        List<Scores.Scored> list(Entries entries, Entry set, Scores.Slice slice);

        /// How many members.
        long count(Entries entries, Entry set);
    }

    /// By rank, with both ends; negative ones count from behind.
    record Ranks(long start, long end) implements Range {
        @Override
        public List<Scores.Scored> list(Entries entries, Entry set, Scores.Slice slice) {
            long first = Math.max(0, start < 0 ? start + set.size() : start);
            long last = Math.min(set.size() - 1, end < 0 ? end + set.size() : end);
            return first > last ? List.of() : Scores.ranks(entries, set, first, last, slice.backwards());
        }

        @Override
        public long count(Entries entries, Entry set) {
            return list(entries, set, Scores.Slice.WHOLE).size();
        }
    }

    /// By score.
    record Scored(Scores.Stretch stretch) implements Range {
        @Override
        public List<Scores.Scored> list(Entries entries, Entry set, Scores.Slice slice) {
            return Scores.list(entries, set, stretch, slice);
        }

        @Override
        public long count(Entries entries, Entry set) {
            return Scores.count(entries, set, stretch);
        }
    }

    private static Range byScore(byte[] min, byte[] max) {
        boolean minOpen = isOpen(min);
        boolean maxOpen = isOpen(max);
        double low = bound(min, minOpen);
        double high = bound(max, maxOpen);
        return new Scored(new Scores.Stretch(Scores.bound(low, minOpen), Scores.bound(high, !maxOpen)));
    }

    private static boolean isOpen(byte[] word) {
        return word.length > 0 && word[0] == '(';
    }

    private static double bound(byte[] word, boolean open) {
        return Numbers.bound(open ? Arrays.copyOfRange(word, 1, word.length) : word)
                .orElseThrow(() -> BadWords.of(NO_SCORES));
    }

    /// An end of a range by text.
    ///
    /// @param side -1 before all texts, 1 behind all, 0 at the text
    record End(int side, byte[] text, boolean open) {
        static End of(byte[] word) {
            char first = word.length == 0 ? ' ' : (char) word[0];
            if (first == '[' || first == '(') {
                return new End(0, Arrays.copyOfRange(word, 1, word.length), first == '(');
            }
            if (word.length == 1 && (first == '-' || first == '+')) {
                return new End(first == '-' ? -1 : 1, Layout.NOTHING, false);
            }
            throw BadWords.of(NO_TEXTS);
        }

        boolean isBefore(byte[] name) {
            int order = Arrays.compareUnsigned(text, name);
            return side < 0 || (side == 0 && (order < 0 || (order == 0 && !open)));
        }

        boolean isBehind(byte[] name) {
            int order = Arrays.compareUnsigned(text, name);
            return side > 0 || (side == 0 && (order > 0 || (order == 0 && !open)));
        }

        /// The place of this end among the members of a score.
        ///
        /// @param upper whether it is the upper end: what lies behind the range
        byte[] place(double score, boolean upper) {
            if (side != 0) {
                return Scores.bound(score, side > 0);
            }
            byte[] place = Scores.place(score, text);
            return open == upper ? place : Ranking.behind(place);
        }
    }

    private static Range byText(byte[] min, byte[] max) {
        return new Texts(End.of(min), End.of(max));
    }

    /// By text. It is meant for members of one score. Where scores differ, Redis looks at members in their order until
    /// the first one behind the lower end, and on until one is not before the upper one; so does this, member by
    /// member.
    record Texts(End min, End max) implements Range {
        @Override
        public List<Scores.Scored> list(Entries entries, Entry set, Scores.Slice slice) {
            Scores.Scored first = Scores.ranks(entries, set, 0, 0, false).getFirst();
            Scores.Scored last = Scores.ranks(entries, set, 0, 0, true).getFirst();
            if (first.score() == last.score()) {
                return Scores.list(entries, set, stretch(first.score()), slice);
            }
            boolean backwards = slice.backwards();
            int order = Integer.compare(min.side(), max.side());
            int texts = order == 0 && min.side() == 0 ? Arrays.compareUnsigned(min.text(), max.text()) : order;
            boolean nothing = texts > 0 || (texts == 0 && (min.side() != 0 || min.open() || max.open()));
            if (nothing || slice.skip() < 0 || !min.isBefore(last.name()) || !max.isBehind(first.name())) {
                return List.of();
            }
            List<Scores.Scored> all = new ArrayList<>(Scores.all(entries, set));
            if (backwards) {
                Collections.reverse(all);
            }
            List<Scores.Scored> found = all.stream()
                    .dropWhile(member -> !(backwards ? max.isBehind(member.name()) : min.isBefore(member.name())))
                    .takeWhile(member -> backwards ? min.isBefore(member.name()) : max.isBehind(member.name()))
                    .toList();
            int from = (int) Math.min(slice.skip(), found.size());
            int left = found.size() - from;
            int to = slice.most() < 0 ? found.size() : from + (int) Math.min(slice.most(), left);
            return found.subList(from, to);
        }

        @Override
        public long count(Entries entries, Entry set) {
            Scores.Scored first = Scores.ranks(entries, set, 0, 0, false).getFirst();
            Scores.Scored last = Scores.ranks(entries, set, 0, 0, true).getFirst();
            return first.score() == last.score()
                    ? Scores.count(entries, set, stretch(first.score()))
                    : list(entries, set, Scores.Slice.WHOLE).size();
        }

        private Scores.Stretch stretch(double score) {
            return new Scores.Stretch(min.place(score, false), max.place(score, true));
        }
    }

    /// What a range command asks for.
    ///
    /// @param scored whether scores are shown
    record Query(Range range, Scores.Slice slice, boolean scored) {
        /// Reads two ends and the options behind them.
        ///
        /// @param fixedKind null where the words may say it
        /// @param fixedDirection whether backwards; null where the words may say it
        /// @param shown whether scores may be asked for
        static Query of(Words words, @Nullable Kind fixedKind, @Nullable Boolean fixedDirection, boolean shown) {
            byte[] start = words.next();
            byte[] end = words.next();
            Kind kind = fixedKind;
            Boolean backwards = fixedDirection;
            boolean scored = false;
            long skip = 0;
            long most = -1;
            while (words.hasNext()) {
                String option = words.option();
                if (option.equals("WITHSCORES") && shown) {
                    scored = true;
                } else if (option.equals("LIMIT") && words.left() >= 2) {
                    skip = words.whole();
                    most = words.whole();
                } else if (option.equals("REV") && backwards == null) {
                    backwards = true;
                } else if (option.equals("BYLEX") && kind == null) {
                    kind = Kind.TEXT;
                } else if (option.equals("BYSCORE") && kind == null) {
                    kind = Kind.SCORE;
                } else {
                    throw BadWords.syntax();
                }
            }
            if (most != -1 && (kind == null || kind == Kind.RANK)) {
                throw BadWords.of("syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
            }
            if (scored && kind == Kind.TEXT) {
                throw BadWords.of("syntax error, WITHSCORES not supported in combination with BYLEX");
            }
            boolean down = backwards != null && backwards;
            Range range = switch (kind == null ? Kind.RANK : kind) {
                case RANK -> new Ranks(Words.whole(start), Words.whole(end));
                case SCORE -> down ? byScore(end, start) : byScore(start, end);
                case TEXT -> down ? byText(end, start) : byText(start, end);
            };
            return new Query(range, new Scores.Slice(down, skip, most), scored);
        }

        List<Scores.Scored> list(Entries entries, @Nullable Entry set) {
            return set == null ? List.of() : range.list(entries, set, slice);
        }
    }

    /// ZCOUNT, ZLEXCOUNT.
    record Zcount(byte[] key, Range range) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            return Reply.of(set == null ? 0 : range.count(entries, set));
        }
    }

    /// ZRANGE and its older forms.
    record Zrange(byte[] key, Query query) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Zsets.shown(query.list(entries, Scores.find(entries, key)), query.scored());
        }
    }

    /// ZRANGESTORE.
    record Zrangestore(byte[] target, byte[] source, Query query) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<Scores.Scored> members = query.list(editor, Scores.find(editor, source));
            Scores.replace(editor, target, members);
            return Reply.of(members.size());
        }
    }

    /// ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX.
    record Zremrange(byte[] key, Range range) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry set = Scores.find(editor, key);
            if (set == null) {
                return Reply.of(0);
            }
            List<Scores.Scored> members = range.list(editor, set, Scores.Slice.WHOLE);
            Scores.remove(editor, key, set, members);
            return Reply.of(members.size());
        }
    }
}
