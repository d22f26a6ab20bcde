package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Sorted sets, member by member ([Scores]); ranges of them are in [ZsetRanges], several at once in [ZsetSums].
final class Zsets {
    private static final int DRAWS_MAX = 1_000_000;
    private static final String NO_FLOAT = "value is not a valid float";

    private Zsets() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("zadd", Zsets::zadd);
        all.put("zincrby", words -> {
            byte[] key = words.next();
            double by = words.real(NO_FLOAT);
            List<Scores.Scored> one = List.of(new Scores.Scored(words.name("member"), by));
            return new Zadd(key, new AddRule(false, false, false, false), one, Answer.SCORE);
        });
        all.put("zcard", words -> new Zcard(words.next()));
        all.put("zscore", words -> new Zscore(words.next(), words.next()));
        all.put("zmscore", words -> new Zmscore(words.next(), List.copyOf(words.rest())));
        all.put("zrank", words -> zrank(words, "zrank", false));
        all.put("zrevrank", words -> zrank(words, "zrevrank", true));
        all.put("zrem", words -> new Zrem(words.next(), List.copyOf(words.rest())));
        all.put("zpopmin", words -> zpop(words, false));
        all.put("zpopmax", words -> zpop(words, true));
        all.put("zmpop", Zsets::zmpop);
        all.put("zrandmember", Zsets::zrandmember);
        all.put("zscan", words -> new Zscan(words.next(), Scans.cursor(words.next()), Scans.Filter.of(words, false)));
    }

    /// On what a score is set.
    record AddRule(boolean nx, boolean xx, boolean gt, boolean lt) {
        boolean allowsNew() {
            return !xx;
        }

        boolean allows(double old, double score) {
            return !nx && !(gt && score <= old) && !(lt && score >= old);
        }
    }

    /// What ZADD answers.
    enum Answer {
        ADDED,
        CHANGED,
        SCORE
    }

    private static Operation zadd(Words words) {
        byte[] key = words.next();
        Set<String> options = new HashSet<>();
        while (words.hasNext() && Set.of("NX", "XX", "GT", "LT", "CH", "INCR").contains(words.peekOption())) {
            options.add(words.option());
        }
        if (words.left() == 0 || words.left() % 2 != 0) {
            throw BadWords.syntax();
        }
        AddRule rule = new AddRule(
                options.contains("NX"), options.contains("XX"), options.contains("GT"), options.contains("LT"));
        if (rule.nx && rule.xx) {
            throw BadWords.of("XX and NX options at the same time are not compatible");
        }
        if ((rule.gt && rule.nx) || (rule.lt && rule.nx) || (rule.gt && rule.lt)) {
            throw BadWords.of("GT, LT, and/or NX options at the same time are not compatible");
        }
        boolean adds = options.contains("INCR");
        if (adds && words.left() > 2) {
            throw BadWords.of("INCR option supports a single increment-element pair");
        }
        List<Scores.Scored> members = new ArrayList<>();
        while (words.hasNext()) {
            double score = words.real(NO_FLOAT);
            members.add(new Scores.Scored(words.name("member"), score));
        }
        Answer answer = adds ? Answer.SCORE : options.contains("CH") ? Answer.CHANGED : Answer.ADDED;
        return new Zadd(key, rule, List.copyOf(members), answer);
    }

    private static Operation zrank(Words words, String name, boolean backwards) {
        byte[] key = words.next();
        byte[] member = words.next();
        boolean scored = words.hasNext();
        if (words.left() > 1) {
            throw BadWords.of("wrong number of arguments for '%s' command".formatted(name));
        }
        if (scored && !words.option().equals("WITHSCORE")) {
            throw BadWords.syntax();
        }
        return new Zrank(key, member, backwards, scored);
    }

    private static Operation zpop(Words words, boolean backwards) {
        byte[] key = words.next();
        if (words.left() > 1) {
            throw BadWords.syntax();
        }
        boolean counted = words.hasNext();
        long count = counted ? words.atLeast(0, "value is out of range, must be positive") : 1;
        return new Zpop(key, count, backwards, counted);
    }

    private static Operation zmpop(Words words) {
        String few = "numkeys should be greater than 0";
        List<byte[]> keys = words.keys(few, few, "syntax error");
        String end = words.option();
        if (!end.equals("MIN") && !end.equals("MAX")) {
            throw BadWords.syntax();
        }
        long count = 1;
        if (words.hasNext()) {
            if (!words.option().equals("COUNT") || words.left() != 1) {
                throw BadWords.syntax();
            }
            count = words.atLeast(1, "count should be greater than 0");
        }
        return new Zmpop(keys, count, end.equals("MAX"));
    }

    private static Operation zrandmember(Words words) {
        byte[] key = words.next();
        if (!words.hasNext()) {
            return new Zrandmember(key, 1, false, false);
        }
        long count = words.whole();
        boolean scored = words.hasNext();
        if (words.left() > 1 || (scored && !words.option().equals("WITHSCORES"))) {
            throw BadWords.syntax();
        }
        if (count < -DRAWS_MAX) {
            throw BadWords.of("value is out of range");
        }
        return new Zrandmember(key, count, true, scored);
    }

    /// Members as most commands answer them.
    static Reply shown(List<Scores.Scored> members, boolean scored) {
        if (scored) {
            return new Reply.Rows(members.stream().map(Zsets::row).toList());
        }
        return new Reply.Listing(
                members.stream().map(member -> Reply.of(member.name())).toList());
    }

    private static Reply.Listing row(Scores.Scored member) {
        return new Reply.Listing(List.of(Reply.of(member.name()), new Reply.Real(member.score())));
    }

    private static Reply score(@Nullable Double score) {
        return score == null ? Reply.NIL : new Reply.Real(score);
    }

    /// Takes members away from one end.
    private static List<Scores.Scored> pop(Editor editor, byte[] key, Entry set, long count, boolean backwards) {
        List<Scores.Scored> popped = Scores.ranks(editor, set, 0, Math.min(count, set.size()) - 1, backwards);
        Scores.remove(editor, key, set, popped);
        return popped;
    }

    /// ZADD, ZINCRBY.
    record Zadd(byte[] key, AddRule rule, List<Scores.Scored> members, Answer answer) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry found = Scores.find(editor, key);
            if (answer == Answer.SCORE) {
                return increase(editor, found, members.getFirst());
            }
            Entry set = Scores.orNew(editor, found);
            long added = 0;
            long changed = 0;
            for (Scores.Scored member : members) {
                Double old = Scores.of(editor, set, member.name());
                boolean allowed = old == null ? rule.allowsNew() : rule.allows(old, member.score());
                if (allowed && (old == null || old != member.score())) {
                    set = Scores.put(editor, set, member.name(), old, member.score());
                    added += old == null ? 1 : 0;
                    changed++;
                }
            }
            if (changed > 0) {
                editor.put(key, set);
            }
            return Reply.of(answer == Answer.CHANGED ? changed : added);
        }

        private Reply increase(Editor editor, @Nullable Entry found, Scores.Scored by) {
            Double old = Scores.of(editor, found, by.name());
            double sum = old == null ? by.score() : old + by.score();
            if (old != null && rule.nx) {
                return Reply.NIL;
            }
            if (Double.isNaN(sum)) {
                throw Refused.of("resulting score is not a number (NaN)");
            }
            if (old == null ? !rule.allowsNew() : !rule.allows(old, sum)) {
                return Reply.NIL;
            }
            if (old == null || old != sum) {
                editor.put(key, Scores.put(editor, Scores.orNew(editor, found), by.name(), old, sum));
            }
            return new Reply.Real(sum);
        }
    }

    /// ZCARD.
    record Zcard(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            return Reply.of(set == null ? 0 : set.size());
        }
    }

    /// ZSCORE.
    record Zscore(byte[] key, byte[] member) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return score(Scores.of(entries, Scores.find(entries, key), member));
        }
    }

    /// ZMSCORE.
    record Zmscore(byte[] key, List<byte[]> members) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            return new Reply.Listing(members.stream()
                    .map(member -> score(Scores.of(entries, set, member)))
                    .toList());
        }
    }

    /// ZRANK, ZREVRANK.
    record Zrank(byte[] key, byte[] member, boolean backwards, boolean scored) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            Double score = Scores.of(entries, set, member);
            if (set == null || score == null) {
                return scored ? Reply.NIL_LISTING : Reply.NIL;
            }
            Reply rank = Reply.of(Scores.rank(entries, set, new Scores.Scored(member, score), backwards));
            return scored ? new Reply.Listing(List.of(rank, new Reply.Real(score))) : rank;
        }
    }

    /// ZREM.
    record Zrem(byte[] key, List<byte[]> members) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry set = Scores.find(editor, key);
            if (set == null) {
                return Reply.of(0);
            }
            Set<ByteBuffer> names = new HashSet<>();
            List<Scores.Scored> removed = new ArrayList<>();
            for (byte[] name : members) {
                Double score = Scores.of(editor, set, name);
                if (score != null && names.add(ByteBuffer.wrap(name))) {
                    removed.add(new Scores.Scored(name, score));
                }
            }
            Scores.remove(editor, key, set, removed);
            return Reply.of(removed.size());
        }
    }

    /// ZPOPMIN, ZPOPMAX.
    ///
    /// @param counted whether a count was named: the answer is a table then
    record Zpop(byte[] key, long count, boolean backwards, boolean counted) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry set = Scores.find(editor, key);
            if (set == null || count == 0) {
                return Reply.EMPTY;
            }
            List<Scores.Scored> popped = pop(editor, key, set, count, backwards);
            return counted ? shown(popped, true) : row(popped.getFirst());
        }
    }

    /// ZMPOP: from the first key that holds something.
    record Zmpop(List<byte[]> keys, long count, boolean backwards) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            for (byte[] key : keys) {
                Entry set = Scores.find(editor, key);
                if (set != null) {
                    List<Reply> rows = new ArrayList<>();
                    pop(editor, key, set, count, backwards).forEach(member -> rows.add(row(member)));
                    return new Reply.Listing(List.of(Reply.of(key), new Reply.Listing(rows)));
                }
            }
            return Reply.NIL_LISTING;
        }
    }

    /// ZRANDMEMBER.
    ///
    /// @param count so many different members, or for a negative number so many draws
    /// @param listed whether a count was named: the answer is a list then
    record Zrandmember(byte[] key, long count, boolean listed, boolean scored) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            if (set == null) {
                return listed ? Reply.EMPTY : Reply.NIL;
            }
            if (!listed) {
                return Reply.of(Slotted.random(entries, set).name());
            }
            List<Slotted.Item> drawn = count >= 0
                    ? Slotted.randomDistinct(entries, set, count)
                    : Slotted.draws(entries, set, (int) -count);
            return shown(
                    drawn.stream()
                            .map(item -> new Scores.Scored(item.name(), Scores.decode(item.value())))
                            .toList(),
                    scored);
        }
    }

    /// ZSCAN: scores are text in every protocol.
    record Zscan(byte[] key, long cursor, Scans.Filter filter) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Slotted.Page page = Slotted.page(entries, Scores.find(entries, key), cursor, filter.count());
            List<Reply> found = new ArrayList<>();
            for (Slotted.Item item : page.items()) {
                if (filter.matches(item.name())) {
                    found.add(Reply.of(item.name()));
                    found.add(Reply.bulk(Numbers.text(Scores.decode(item.value()))));
                }
            }
            return new Reply.Listing(List.of(Reply.bulk(Long.toString(page.next())), new Reply.Listing(found)));
        }
    }
}
