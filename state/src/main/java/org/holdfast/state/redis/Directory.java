package org.holdfast.state.redis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.env.Invariant;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandSpec.Home;
import org.holdfast.state.CommandTable;
import org.jspecify.annotations.Nullable;

/// Who answers a command. Finds it by the bytes a client sent, without making text of them. Immutable.
final class Directory {
    /// Stands before a command that is to be carried out once.
    static final String ONCE = "once";

    private static final String STALE = "stale.";
    private static final int SLOTS = 2048;
    private static final int NAME_MAX = 64;

    // What 7.0 lacks and clients of today send, and what is ours.
    private static final List<CommandSpec> ADDED = List.of(
            added("client|setinfo", 4), added("client|stale", 3), added("readonly", 1), added("readwrite", 1), once());

    private final Entry[] slots = new Entry[SLOTS];
    private final byte[][] names = new byte[SLOTS][];
    private final Map<String, CommandSpec> served = new TreeMap<>();

    /// A command with all that is asked of it at every request.
    ///
    /// @param run null when the backend answers, or nobody
    /// @param subs its subcommands by name, empty when it has none
    /// @param stale a read that names itself one of this node's state as it is
    record Entry(CommandSpec spec, @Nullable DoorCommand run, Map<String, Entry> subs, boolean stale) {
        boolean absent() {
            return run == null && spec.home() != Home.STATE;
        }

        boolean open() {
            return spec.flags().contains("no_auth");
        }
    }

    /// @param handlers by name, of subcommands `parent|sub`
    Directory(Map<String, DoorCommand> handlers) {
        Map<String, CommandSpec> all = new TreeMap<>();
        CommandTable.all().forEach(spec -> all.put(spec.name(), spec));
        ADDED.forEach(spec -> all.put(spec.name(), spec));
        Map<String, Map<String, Entry>> subs = new HashMap<>();
        for (CommandSpec spec : all.values()) {
            int bar = spec.name().indexOf('|');
            if (bar > 0) {
                subs.computeIfAbsent(spec.name().substring(0, bar), _ -> new HashMap<>())
                        .put(
                                spec.name().substring(bar + 1),
                                new Entry(spec, handlers.get(spec.name()), Map.of(), false));
            }
        }
        for (CommandSpec spec : all.values()) {
            if (spec.name().indexOf('|') > 0) {
                continue;
            }
            Entry entry = new Entry(spec, handlers.get(spec.name()), subs.getOrDefault(spec.name(), Map.of()), false);
            put(spec.name(), entry);
            if (spec.home() == Home.STATE && spec.flags().contains("readonly")) {
                put(STALE + spec.name(), new Entry(spec, null, Map.of(), true));
            }
        }
        for (CommandSpec spec : all.values()) {
            int bar = spec.name().indexOf('|');
            if (handlers.containsKey(spec.name()) || spec.home() == Home.STATE) {
                served.put(spec.name(), spec);
                CommandSpec parent = bar < 0 ? null : all.get(spec.name().substring(0, bar));
                if (parent != null) {
                    served.put(parent.name(), parent);
                }
            }
        }
        handlers.keySet()
                .forEach(name -> Invariant.check(all.containsKey(name), "the door's command '%s' is unknown", name));
    }

    private static CommandSpec added(String name, int arity) {
        return new CommandSpec(
                name,
                Home.DOOR,
                arity,
                new CommandSpec.KeyRule(0, 0, 0, 0, 0),
                Set.of("noscript", "loading", "stale", "fast"),
                Set.of("fast", "connection"));
    }

    /// Open to everybody by itself: who may do what it stands before decides.
    private static CommandSpec once() {
        return new CommandSpec(
                ONCE,
                Home.DOOR,
                -3,
                new CommandSpec.KeyRule(0, 0, 0, 0, 0),
                Set.of("write", "denyoom", "movablekeys", "no_auth"),
                Set.of("write", "slow"));
    }

    /// What `ONCE id command ...` stands before; other commands as they are.
    static Command withoutOnce(Command command) {
        boolean once = command.argv().size() > 2 && command.name().equals(ONCE);
        return once ? new Command(command.argv().subList(2, command.argv().size())) : command;
    }

    /// The command these words name; null when nobody knows it. A subcommand is found by [#sub].
    @Nullable
    Entry find(byte[] name) {
        for (int i = hash(name); ; i = (i + 1) & (SLOTS - 1)) {
            byte[] there = names[i];
            if (there == null) {
                return null;
            }
            if (same(name, there)) {
                return slots[i];
            }
        }
    }

    /// The subcommand these words name, the command itself when it has none; null when it has, but not this one.
    static @Nullable Entry sub(Entry entry, Command command) {
        if (entry.subs().isEmpty() || command.argv().size() < 2) {
            return entry;
        }
        return entry.subs().get(Answers.lower(command.argv().get(1)));
    }

    /// What these words name, a subcommand where there is one, and what is to be done once; null when nobody knows it.
    @Nullable
    CommandSpec spec(Command command) {
        Entry parent = find(command.argv().getFirst());
        Entry entry = parent == null ? null : sub(parent, command);
        if (entry == null) {
            return null;
        }
        Command meant = entry.spec().name().equals(ONCE) ? withoutOnce(command) : command;
        return meant.argv().size() < command.argv().size() ? spec(meant) : entry.spec();
    }

    /// Every command that is answered here, and subcommands.
    Collection<CommandSpec> served() {
        return served.values();
    }

    @Nullable
    CommandSpec served(String name) {
        return served.get(name);
    }

    /// Every command and its categories, for the rules of users.
    static Map<String, Set<String>> categories() {
        Map<String, Set<String>> all = new TreeMap<>();
        CommandTable.all().forEach(spec -> all.put(spec.name(), spec.categories()));
        ADDED.forEach(spec -> all.put(spec.name(), spec.categories()));
        return all;
    }

    /// The words without the prefix that says a read may be stale.
    static Command withoutPrefix(Command command) {
        List<byte[]> words = new ArrayList<>(command.argv());
        byte[] name = words.getFirst();
        words.set(0, Arrays.copyOfRange(name, STALE.length(), name.length));
        return new Command(words);
    }

    private void put(String name, Entry entry) {
        byte[] bytes = AclUser.bytes(name);
        int i = hash(bytes);
        while (names[i] != null) {
            i = (i + 1) & (SLOTS - 1);
        }
        names[i] = bytes;
        slots[i] = entry;
    }

    private static int hash(byte[] name) {
        int hash = name.length;
        for (int i = 0; i < Math.min(name.length, NAME_MAX); i++) {
            // Letters differ from their capitals in this bit alone.
            hash = 31 * hash + (name[i] | 0x20);
        }
        return (hash ^ (hash >>> 15)) & (SLOTS - 1);
    }

    private static boolean same(byte[] sent, byte[] name) {
        if (sent.length != name.length) {
            return false;
        }
        for (int i = 0; i < sent.length; i++) {
            byte c = sent[i];
            if (c != name[i] && (c < 'A' || c > 'Z' || (c | 0x20) != name[i])) {
                return false;
            }
        }
        return true;
    }
}
