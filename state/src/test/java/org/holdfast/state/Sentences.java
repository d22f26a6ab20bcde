package org.holdfast.state;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/// Makes random commands from patterns: a word in angle brackets stands for one of a list, every other word for itself.
/// The same seed makes the same commands.
final class Sentences {
    private final Random random;
    private final List<String> patterns;
    private final Map<String, List<String>> choices = new TreeMap<>(DEFAULTS);

    private static final Map<String, List<String>> DEFAULTS = Map.ofEntries(
            Map.entry("key", List.of("a", "b", "c", "d", "key:e", "other")),
            Map.entry(
                    "value",
                    List.of(
                            "",
                            "0",
                            "1",
                            "-1",
                            "10",
                            "hello",
                            "hello world, this is a longer text than fits an embedded string",
                            "9223372036854775807",
                            "-9223372036854775808",
                            "9223372036854775808",
                            "3.5",
                            "ohmytext",
                            "mynewtext",
                            "007",
                            " 12",
                            "1e3",
                            "aaaaaaaaaaaa")),
            Map.entry(
                    "whole",
                    List.of(
                            "0",
                            "1",
                            "-1",
                            "7",
                            "100",
                            "9223372036854775807",
                            "-9223372036854775808",
                            "9223372036854775808",
                            "x",
                            "1.0",
                            "",
                            "+1",
                            "01")),
            Map.entry("near", List.of("0", "1", "-1", "7", "100", "-129", "300", "70000", "9223372036854775807", "x")),
            Map.entry("field-name", List.of("f", "g", "field", "", "10", "another")),
            Map.entry("element", List.of("x", "y", "z", "", "1")),
            Map.entry("end", List.of("LEFT", "RIGHT", "left", "MIDDLE")),
            Map.entry("amount", List.of("0", "1", "2", "3", "-1", "-2", "8", "-8", "100")),
            Map.entry("place", List.of("0", "1", "-1", "2", "-3", "5", "12", "-12", "100", "-100", "x")),
            Map.entry(
                    "offset",
                    List.of(
                            "0",
                            "1",
                            "3",
                            "9",
                            "20",
                            "70",
                            "30000",
                            "70001",
                            "-1",
                            "9000000",
                            "9223372036854775807",
                            "x")),
            Map.entry(
                    "bitat",
                    List.of(
                            "0",
                            "1",
                            "7",
                            "8",
                            "30",
                            "100",
                            "270000",
                            "700001",
                            "-1",
                            "67108863",
                            "67108864",
                            "4294967296",
                            "x")),
            Map.entry("bit", List.of("0", "1", "1", "0", "2", "x")),
            Map.entry(
                    "float",
                    List.of(
                            "0",
                            "1",
                            "-1",
                            "0.1",
                            "3.14159",
                            "-2.5e3",
                            "1e17",
                            "5.0e-10",
                            "inf",
                            "nan",
                            "x",
                            "1e400",
                            "17.000000000000000017",
                            "  1",
                            ".5",
                            "5.",
                            "123456789012345678901234567890")),
            Map.entry(
                    "field", List.of("i8", "u8", "i16", "u4", "i5", "u63", "i64", "u1", "u64", "i65", "i0", "x", "i1")),
            Map.entry("at", List.of("262140", "#40000", "0", "1", "5", "#0", "#1", "#3", "100", "-1", "#-1", "x")),
            Map.entry("overflow", List.of("WRAP", "SAT", "FAIL", "wrap", "what")),
            Map.entry("second", List.of("4000000000", "4000000001", "5000000000", "9223372036854775807", "-5", "x")),
            Map.entry("milli", List.of("4000000000000", "4000000000001", "5000000000000", "9223372036854775807", "x")),
            Map.entry("period", List.of("100000", "200000", "300000000", "9223372036854775807", "x")),
            Map.entry("life", List.of("15", "100", "1000")),
            Map.entry("bad", List.of("0", "-1", "x", "9223372036854775807", "9223372036854775")),
            Map.entry("when", List.of("NX", "XX", "GT", "LT", "nx", "what")),
            Map.entry("unit", List.of("BYTE", "BIT", "bit", "BITS")),
            Map.entry("glob", List.of("*", "a", "?", "[a-c]", "key:*", "k?y:[^x]", "\\a", "[", "*e", "")));

    Sentences(long seed, List<String> patterns) {
        this.random = new Random(seed);
        this.patterns = patterns;
    }

    /// Changes what a word in brackets stands for.
    Sentences with(String name, List<String> words) {
        choices.put(name, words);
        return this;
    }

    Command next() {
        String[] words = pick(patterns).split(" ", -1);
        for (int i = 0; i < words.length; i++) {
            if (words[i].startsWith("<")) {
                words[i] = pick(Objects.requireNonNull(choices.get(words[i].substring(1, words[i].length() - 1))));
            }
        }
        return Command.of(words);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
