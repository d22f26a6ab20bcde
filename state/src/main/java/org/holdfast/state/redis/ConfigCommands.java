package org.holdfast.state.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.holdfast.state.Command;
import org.holdfast.state.Glob;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// CONFIG GET and SET of what clients and test suites ask for. What is set holds until the node ends; the settings file
/// is the operator's.
final class ConfigCommands {
    /// Parameters that shape how Redis keeps values in memory, or how it saves them: there is no such thing here. They
    /// can be set, so that programs which tune Redis run, and show what was set.
    private static final Map<String, String> WITHOUT_EFFECT = Map.ofEntries(
            Map.entry("save", ""),
            Map.entry("appendonly", "yes"),
            Map.entry("appendfsync", "always"),
            Map.entry("databases", "1"),
            Map.entry("maxmemory", "0"),
            Map.entry("maxmemory-policy", "noeviction"),
            Map.entry("hash-max-listpack-entries", "512"),
            Map.entry("hash-max-listpack-value", "64"),
            Map.entry("hash-max-ziplist-entries", "512"),
            Map.entry("hash-max-ziplist-value", "64"),
            Map.entry("list-max-listpack-size", "-2"),
            Map.entry("list-max-ziplist-size", "-2"),
            Map.entry("list-compress-depth", "0"),
            Map.entry("set-max-intset-entries", "512"),
            Map.entry("zset-max-listpack-entries", "128"),
            Map.entry("zset-max-listpack-value", "64"),
            Map.entry("zset-max-ziplist-entries", "128"),
            Map.entry("zset-max-ziplist-value", "64"),
            Map.entry("hll-sparse-max-bytes", "3000"),
            Map.entry("lazyfree-lazy-server-del", "yes"),
            Map.entry("lazyfree-lazy-user-del", "yes"),
            Map.entry("latency-monitor-threshold", "0"),
            Map.entry("notify-keyspace-events", ""),
            Map.entry("maxmemory-samples", "5"),
            Map.entry("hz", "10"),
            Map.entry("dynamic-hz", "yes"),
            Map.entry("activedefrag", "no"),
            Map.entry("lua-time-limit", "5000"),
            Map.entry("repl-backlog-size", "1048576"),
            Map.entry("rdb-key-save-delay", "0"),
            Map.entry("key-load-delay", "0"));

    /// Those that CONFIG GET tells only who names them.
    private static final Set<String> HIDDEN = Set.of("rdb-key-save-delay", "key-load-delay");

    private final Map<String, Parameter> parameters = new TreeMap<>();
    private final Map<String, String> remembered = new ConcurrentHashMap<>(WITHOUT_EFFECT);

    private record Parameter(LongSupplier get, @Nullable LongConsumer set, long min, long max) {}

    ConfigCommands(Tuning tuning, DoorSettings settings) {
        put(
                "maxclients",
                () -> tuning.clients,
                v -> tuning.clients = (int) v,
                1,
                settings.limits().clients());
        put("timeout", () -> tuning.idle.toSeconds(), v -> tuning.idle = Duration.ofSeconds(v), 0, Integer.MAX_VALUE);
        long bulk = settings.limits().bulkBytes();
        put("proto-max-bulk-len", () -> tuning.bulkBytes, v -> tuning.bulkBytes = (int) v, 1024, bulk);
        put("slowlog-log-slower-than", () -> tuning.slowMicros, v -> tuning.slowMicros = v, -1, Long.MAX_VALUE);
        put("slowlog-max-len", () -> tuning.slowKept, v -> tuning.slowKept = (int) v, 0, 10_000);
        put("port", settings::port, null, 0, 0);
    }

    private void put(String name, LongSupplier get, @Nullable LongConsumer set, long min, long max) {
        parameters.put(name, new Parameter(get, set, min, max));
    }

    void register(Map<String, DoorCommand> into) {
        into.put("config|get", (_, command) -> get(command));
        into.put("config|set", (_, command) -> set(command));
        into.put("config|resetstat", (session, _) -> {
            session.door().calls().clear();
            return Reply.OK;
        });
        into.put("config|rewrite", (_, _) -> Answers.err("The server is running without a config file"));
        into.put(
                "config|help",
                (_, _) -> Answers.texts(
                        List.of("CONFIG GET pattern [pattern ...] | SET name value [name value ...] | RESETSTAT")));
    }

    private Reply get(Command command) {
        Map<String, String> found = new TreeMap<>();
        for (byte[] pattern : command.argv().subList(2, command.argv().size())) {
            String exact = Answers.lower(pattern);
            if (parameters.containsKey(exact) || remembered.containsKey(exact)) {
                // A name comes back as it was asked for.
                Parameter parameter = parameters.get(exact);
                String value = parameter == null
                        ? remembered.getOrDefault(exact, "")
                        : Long.toString(parameter.get().getAsLong());
                found.put(Answers.utf8(pattern), value);
                continue;
            }
            Glob glob = new Glob(AclUser.bytes(Answers.lower(pattern)));
            parameters.forEach((name, parameter) -> {
                if (glob.matches(AclUser.bytes(name))) {
                    found.put(name, Long.toString(parameter.get().getAsLong()));
                }
            });
            remembered.forEach((name, value) -> {
                if (!HIDDEN.contains(name) && glob.matches(AclUser.bytes(name))) {
                    found.put(name, value);
                }
            });
        }
        List<Object> pairs = new ArrayList<>();
        found.forEach((name, value) -> {
            pairs.add(name);
            pairs.add(value);
        });
        return Answers.pairs(pairs.toArray());
    }

    /// Whether a value is of its default's kind: yes or no, a number, or a word.
    private static boolean isLike(String value, String byDefault) {
        if (byDefault.equals("yes") || byDefault.equals("no")) {
            return value.equals("yes") || value.equals("no");
        }
        boolean number = Numbers.whole(AclUser.bytes(byDefault)).isPresent();
        // Sizes have units.
        return !number || value.matches("-?[0-9]+([kmgKMG][bB]?)?");
    }

    private static Reply failed(String name, String why) {
        return Answers.err("CONFIG SET failed (possibly related to argument '%s') - %s".formatted(name, why));
    }

    // All or nothing: everything is judged before anything is set.
    private Reply set(Command command) {
        List<byte[]> argv = command.argv();
        if (argv.size() % 2 != 0) {
            return Answers.arity("config|set");
        }
        List<Runnable> changes = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (int i = 2; i < argv.size(); i += 2) {
            String name = Answers.lower(argv.get(i));
            if (!named.add(name)) {
                return failed(name, "duplicate parameter");
            }
            Parameter parameter = parameters.get(name);
            if (parameter == null && !WITHOUT_EFFECT.containsKey(name)) {
                return Answers.err("Unknown option or number of arguments for CONFIG SET - '" + name + "'");
            }
            if (parameter == null) {
                String value = Answers.utf8(argv.get(i + 1));
                if (!isLike(value, WITHOUT_EFFECT.getOrDefault(name, ""))) {
                    return failed(name, "'" + value + "' is no value for it");
                }
                changes.add(() -> remembered.put(name, value));
                continue;
            }
            LongConsumer set = parameter.set();
            OptionalLong value = Numbers.whole(argv.get(i + 1));
            String no = null;
            if (set == null) {
                no = "can't set immutable config";
            } else if (value.isEmpty()) {
                no = "argument couldn't be parsed into an integer";
            } else if (value.getAsLong() < parameter.min() || value.getAsLong() > parameter.max()) {
                no = "argument must be between %d and %d inclusive".formatted(parameter.min(), parameter.max());
            } else {
                changes.add(() -> set.accept(value.getAsLong()));
            }
            if (no != null) {
                return failed(name, no);
            }
        }
        changes.forEach(Runnable::run);
        return Reply.OK;
    }
}
