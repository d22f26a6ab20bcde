package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Several sorted sets at once: unions, intersections, differences. Sets take part, each member with the score 1.
/// Scores are added up in the order in which Redis does: the smallest input first.
final class ZsetSums {
    private ZsetSums() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("zunion", words -> shown(Sets.Combining.UNION, words, "zunion"));
        all.put("zinter", words -> shown(Sets.Combining.INTERSECTION, words, "zinter"));
        all.put("zdiff", words -> shown(Sets.Combining.DIFFERENCE, words, "zdiff"));
        all.put("zunionstore", words -> stored(Sets.Combining.UNION, words, "zunionstore"));
        all.put("zinterstore", words -> stored(Sets.Combining.INTERSECTION, words, "zinterstore"));
        all.put("zdiffstore", words -> stored(Sets.Combining.DIFFERENCE, words, "zdiffstore"));
        all.put("zintercard", ZsetSums::zintercard);
    }

    private static List<byte[]> keys(Words words, String name) {
        return words.keys(
                "at least 1 input key is needed for '%s' command".formatted(name),
                "value is not an integer or out of range",
                "syntax error");
    }

    private static Operation shown(Sets.Combining combining, Words words, String name) {
        List<byte[]> keys = keys(words, name);
        List<Double> weights = new ArrayList<>();
        Aggregate aggregate = Aggregate.SUM;
        boolean scored = false;
        while (words.hasNext()) {
            String option = words.option();
            if (option.equals("WITHSCORES")) {
                scored = true;
            } else {
                aggregate = option(combining, option, words, keys.size(), weights, aggregate);
            }
        }
        return new Combined(new Sum(combining, keys, List.copyOf(weights), aggregate), scored);
    }

    private static Operation stored(Sets.Combining combining, Words words, String name) {
        byte[] target = words.next();
        List<byte[]> keys = keys(words, name);
        List<Double> weights = new ArrayList<>();
        Aggregate aggregate = Aggregate.SUM;
        while (words.hasNext()) {
            aggregate = option(combining, words.option(), words, keys.size(), weights, aggregate);
        }
        return new CombinedInto(target, new Sum(combining, keys, List.copyOf(weights), aggregate));
    }

    /// Reads WEIGHTS or AGGREGATE.
    private static Aggregate option(
            Sets.Combining combining, String option, Words words, int keys, List<Double> weights, Aggregate aggregate) {
        boolean differs = combining == Sets.Combining.DIFFERENCE;
        if (option.equals("WEIGHTS") && !differs && words.left() >= keys) {
            weights.clear();
            for (int i = 0; i < keys; i++) {
                weights.add(words.real("weight value is not a float"));
            }
            return aggregate;
        }
        if (option.equals("AGGREGATE") && !differs && words.hasNext()) {
            return switch (words.option()) {
                case "SUM" -> Aggregate.SUM;
                case "MIN" -> Aggregate.MIN;
                case "MAX" -> Aggregate.MAX;
                default -> throw BadWords.syntax();
            };
        }
        throw BadWords.syntax();
    }

    private static Operation zintercard(Words words) {
        List<byte[]> keys = keys(words, "zintercard");
        long limit = 0;
        while (words.hasNext()) {
            if (!words.option().equals("LIMIT") || !words.hasNext()) {
                throw BadWords.syntax();
            }
            limit = words.atLeast(0, "LIMIT can't be negative");
        }
        return new Zintercard(new Sum(Sets.Combining.INTERSECTION, keys, List.of(), Aggregate.SUM), limit);
    }

    /// How scores of one member become one.
    enum Aggregate {
        SUM,
        MIN,
        MAX;

        double of(double target, double value) {
            return switch (this) {
                // Both infinities together are no number, which counts as 0.
                case SUM -> number(target + value);
                case MIN -> value < target ? value : target;
                case MAX -> value > target ? value : target;
            };
        }
    }

    private static double number(double value) {
        return Double.isNaN(value) ? 0 : value;
    }

    /// One of the sets that are combined; null for a key that is not there.
    private record Input(@Nullable Entry set, double weight) {
        long size() {
            return set == null ? 0 : set.size();
        }

        @Nullable
        Double score(Entries entries, byte[] name) {
            byte[] stored = Slotted.get(entries, set, name);
            return stored == null ? null : scoreOf(stored);
        }

        List<Slotted.Item> members(Entries entries) {
            return Slotted.all(entries, set);
        }

        /// What lies under a member of a set is nothing.
        static double scoreOf(byte[] stored) {
            return stored.length == 0 ? 1 : Scores.decode(stored);
        }
    }

    /// What is combined, and how.
    ///
    /// @param weights one for each key, or none
    record Sum(Sets.Combining combining, List<byte[]> keys, List<Double> weights, Aggregate aggregate) {
        /// The result in order.
        List<Scores.Scored> members(Entries entries) {
            List<Input> inputs = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                Entry set = entries.find(keys.get(i));
                if (set != null && set.type() != Type.ZSET && set.type() != Type.SET) {
                    throw new Entries.WrongType();
                }
                inputs.add(new Input(set, weights.isEmpty() ? 1 : weights.get(i)));
            }
            if (combining != Sets.Combining.DIFFERENCE) {
                inputs.sort(Comparator.comparingLong(Input::size));
            }
            Map<byte[], Double> scores = new TreeMap<>(Arrays::compareUnsigned);
            Input first = inputs.getFirst();
            List<Input> others = inputs.subList(1, inputs.size());
            switch (combining) {
                case UNION -> inputs.forEach(input -> unite(entries, input, scores));
                case INTERSECTION -> intersect(entries, first, others, scores);
                case DIFFERENCE -> {
                    for (Slotted.Item item : first.members(entries)) {
                        if (others.stream().allMatch(other -> other.score(entries, item.name()) == null)) {
                            scores.put(item.name(), Input.scoreOf(item.value()));
                        }
                    }
                }
            }
            return scores.entrySet().stream()
                    .map(entry -> new Scores.Scored(entry.getKey(), entry.getValue()))
                    .sorted(Scores.Scored.ORDER)
                    .toList();
        }

        private void unite(Entries entries, Input input, Map<byte[], Double> scores) {
            for (Slotted.Item item : input.members(entries)) {
                double score = number(input.weight() * Input.scoreOf(item.value()));
                scores.merge(item.name(), score, aggregate::of);
            }
        }

        private void intersect(Entries entries, Input first, List<Input> others, Map<byte[], Double> scores) {
            for (Slotted.Item item : first.members(entries)) {
                Double score = number(first.weight() * Input.scoreOf(item.value()));
                for (int i = 0; i < others.size() && score != null; i++) {
                    Double found = others.get(i).score(entries, item.name());
                    score = found == null
                            ? null
                            : (Double) aggregate.of(score, others.get(i).weight() * found);
                }
                if (score != null) {
                    scores.put(item.name(), score);
                }
            }
        }
    }

    /// ZUNION, ZINTER, ZDIFF.
    record Combined(Sum sum, boolean scored) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Zsets.shown(sum.members(entries), scored);
        }
    }

    /// ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE.
    record CombinedInto(byte[] target, Sum sum) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<Scores.Scored> members = sum.members(editor);
            Scores.replace(editor, target, members);
            return Reply.of(members.size());
        }
    }

    /// ZINTERCARD.
    ///
    /// @param limit where counting ends; 0 for nowhere
    record Zintercard(Sum sum, long limit) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            long count = sum.members(entries).size();
            return Reply.of(limit == 0 ? count : Math.min(limit, count));
        }
    }
}
