package org.holdfast.state;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// Every command this ledger knows of: what COMMAND shows, what routes by key, and what judges words before they are
/// proposed. Names, arities, flags and key positions of Redis' own commands are what a Redis 7.0 server reports.
/// Immutable; any thread.
public final class CommandTable {
    /// Longest key, bytes.
    public static final int KEY_BYTES_MAX = 10_240;

    /// Longest string value, member, field or element, bytes; it must fit into a transaction.
    public static final int VALUE_BYTES_MAX = 8 << 20;

    /// Longest command, bytes of all its words: it must fit into a transaction with what goes around it.
    public static final int COMMAND_BYTES_MAX = 9 << 20;

    private static final int COLUMNS = 10;
    private static final int SHOWN_ARGUMENTS_MAX = 128;
    private static final Map<String, CommandSpec> SPECS = read();
    private static final Set<String> CONTAINERS = containers();
    private static final Map<String, Parser> PARSERS = parsers();

    private CommandTable() {}

    /// Turns words into an operation; throws [BadWords].
    @FunctionalInterface
    interface Parser {
        Operation parse(Words words);
    }

    /// A command by its name in lower case (`get`, `object|encoding`); null when nobody knows it.
    public static @Nullable CommandSpec find(String name) {
        return SPECS.get(name);
    }

    /// The command that these words name: the subcommand where there is one. Null when nobody knows it.
    public static @Nullable CommandSpec find(Command command) {
        CommandSpec spec = SPECS.get(command.name());
        if (spec != null && command.argv().size() > 1 && CONTAINERS.contains(spec.name())) {
            CommandSpec sub =
                    SPECS.get(spec.name() + "|" + Command.lower(command.argv().get(1)));
            return sub == null ? spec : sub;
        }
        return spec;
    }

    /// All of them, by name.
    public static Collection<CommandSpec> all() {
        return SPECS.values();
    }

    /// Judges a command for the typed state. What is [Parsed.Ready] can be proposed or read; the texts of what is
    /// [Parsed.Wrong] are Redis 7's.
    public static Parsed parse(Command command) {
        CommandSpec spec = find(command);
        if (spec == null) {
            return wrong(unknown(command));
        }
        if (!spec.fits(command.argv().size())) {
            return wrong("wrong number of arguments for '%s' command".formatted(spec.name()));
        }
        Parser parser = PARSERS.get(spec.name());
        if (parser == null && CONTAINERS.contains(spec.name())) {
            return wrong("unknown subcommand '%s'. Try %s HELP."
                    .formatted(
                            shown(command.argv().get(1), SHOWN_ARGUMENTS_MAX),
                            spec.name().toUpperCase(Locale.ROOT)));
        }
        if (parser == null) {
            return wrong("not supported by this ledger: '%s'".formatted(spec.name()));
        }
        try {
            checkSizes(spec, command);
            return new Parsed.Ready(spec, command, parser.parse(new Words(command.argv())));
        } catch (BadWords e) {
            return new Parsed.Wrong(e.reply());
        }
    }

    private static void checkSizes(CommandSpec spec, Command command) {
        for (int i : spec.keyPositions(command)) {
            int length = command.argv().get(i).length;
            // A cursor holds a key, a little longer.
            int max = TableWord.leads(spec) ? 2 * KEY_BYTES_MAX : KEY_BYTES_MAX;
            if (length > max) {
                throw BadWords.of("key of %d bytes: %d at most".formatted(length, max));
            }
        }
        long bytes = 0;
        for (byte[] word : command.argv()) {
            bytes += word.length;
        }
        if (bytes > COMMAND_BYTES_MAX) {
            throw BadWords.of("command of %d bytes: %d at most".formatted(bytes, COMMAND_BYTES_MAX));
        }
    }

    private static Parsed wrong(String text) {
        return new Parsed.Wrong(Reply.Failure.err(text));
    }

    /// The text for a name that nobody knows, with the first arguments, as Redis 7 has it.
    public static String unknown(Command command) {
        StringBuilder arguments = new StringBuilder();
        for (int i = 1; i < command.argv().size() && arguments.length() < SHOWN_ARGUMENTS_MAX; i++) {
            arguments
                    .append('\'')
                    .append(shown(command.argv().get(i), SHOWN_ARGUMENTS_MAX - arguments.length()))
                    .append("' ");
        }
        return "unknown command '%s', with args beginning with: %s"
                .formatted(shown(command.argv().getFirst(), SHOWN_ARGUMENTS_MAX), arguments);
    }

    /// A word in a reply, cut.
    static String shown(byte[] word) {
        return shown(word, SHOWN_ARGUMENTS_MAX);
    }

    /// At most so many bytes, line breaks as spaces: a failure is one line.
    private static String shown(byte[] word, int max) {
        return new String(word, 0, Math.min(word.length, max), StandardCharsets.ISO_8859_1)
                .replace('\r', ' ')
                .replace('\n', ' ');
    }

    /// Each family brings its own; a parser without a line in the table is a bug.
    private static Map<String, Parser> parsers() {
        Map<String, Parser> all = new HashMap<>();
        Strings.register(all);
        Counters.register(all);
        Ranges.register(all);
        Bits.register(all);
        BitFields.register(all);
        Cardinalities.register(all);
        Hashes.register(all);
        Sets.register(all);
        Lists.register(all);
        Sorting.register(all);
        Documents.register(all);
        ListMoves.register(all);
        Zsets.register(all);
        ZsetRanges.register(all);
        ZsetSums.register(all);
        Geo.register(all);
        GeoSearches.register(all);
        Keys.register(all);
        KeyFacts.register(all);
        Expiries.register(all);
        Scans.register(all);
        Tables.register(all);
        RangeDeletes.register(all);
        TypedKeys.register(all);
        TableScans.register(all);
        all.keySet()
                .forEach(name -> Invariant.check(
                        SPECS.containsKey(name), "the command '%s' has a parser but no line in the table", name));
        return Map.copyOf(all);
    }

    /// Commands that have subcommands.
    private static Set<String> containers() {
        return SPECS.keySet().stream()
                .filter(name -> name.indexOf('|') > 0)
                .map(name -> name.substring(0, name.indexOf('|')))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Map<String, CommandSpec> read() {
        Map<String, CommandSpec> specs = new TreeMap<>();
        for (String line : lines()) {
            if (!line.startsWith("#")) {
                CommandSpec spec = spec(line.split("\t", -1));
                specs.put(spec.name(), spec);
            }
        }
        return Collections.unmodifiableMap(specs);
    }

    private static CommandSpec spec(String[] columns) {
        Invariant.check(columns.length == COLUMNS, "commands.tsv: %d columns: %s", columns.length, columns[0]);
        int count = columns[6].equals("-") ? 0 : Integer.parseInt(columns[6]);
        int store = columns[7].equals("-") ? 0 : Integer.parseInt(columns[7].substring("store:".length()));
        return new CommandSpec(
                columns[0],
                CommandSpec.Home.valueOf(columns[1].toUpperCase(Locale.ROOT)),
                Integer.parseInt(columns[2]),
                new CommandSpec.KeyRule(
                        Integer.parseInt(columns[3]),
                        Integer.parseInt(columns[4]),
                        Integer.parseInt(columns[5]),
                        count,
                        store),
                words(columns[8]),
                words(columns[9]));
    }

    private static Set<String> words(String column) {
        return column.equals("-") ? Set.of() : Set.of(column.split(" ", -1));
    }

    private static List<String> lines() {
        try (InputStream file = Objects.requireNonNull(CommandTable.class.getResourceAsStream("commands.tsv"))) {
            return new ArrayList<>(new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("commands.tsv", e);
        }
    }
}
