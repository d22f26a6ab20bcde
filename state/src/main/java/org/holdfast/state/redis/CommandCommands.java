package org.holdfast.state.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.Glob;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// COMMAND and its subcommands: what clients route and check by. Lists what this door answers, not what Redis has.
final class CommandCommands {
    private CommandCommands() {}

    static void register(Map<String, DoorCommand> into) {
        into.put(
                "command",
                (session, command) -> command.argv().size() == 1
                        ? new Reply.Listing(tops(session).stream()
                                .map(spec -> describe(session, spec))
                                .toList())
                        : Answers.arity("command"));
        into.put("command|count", (session, _) -> Reply.of(tops(session).size()));
        into.put("command|list", CommandCommands::list);
        into.put("command|info", (session, command) -> named(session, command, false));
        into.put("command|docs", (session, command) -> named(session, command, true));
        into.put("command|getkeys", (session, command) -> keys(session, command, false));
        into.put("command|getkeysandflags", (session, command) -> keys(session, command, true));
        into.put(
                "command|help",
                (_, _) -> Answers.texts(List.of(
                        "COMMAND | COUNT | LIST [FILTERBY ACLCAT|PATTERN x] | INFO [name ...] | DOCS [name ...]",
                        "COMMAND GETKEYS|GETKEYSANDFLAGS command [arg ...]")));
    }

    private static List<CommandSpec> tops(Session session) {
        Collection<CommandSpec> all = session.door().directory().served();
        return all.stream().filter(spec -> spec.name().indexOf('|') < 0).toList();
    }

    private static Reply list(Session session, Command command) {
        List<byte[]> argv = command.argv();
        Predicate<CommandSpec> wanted = _ -> true;
        if (argv.size() == 5 && Answers.lower(argv.get(2)).equals("filterby")) {
            String by = Answers.lower(argv.get(3));
            Glob glob = new Glob(argv.get(4));
            String category = Answers.lower(argv.get(4));
            switch (by) {
                case "pattern" -> wanted = spec -> glob.matches(AclUser.bytes(spec.name()));
                case "aclcat" -> wanted = spec -> spec.categories().contains(category);
                case "module" -> wanted = _ -> false;
                default -> {
                    return Answers.SYNTAX;
                }
            }
        } else if (argv.size() > 2) {
            return Answers.SYNTAX;
        }
        return Answers.texts(session.door().directory().served().stream()
                .filter(wanted)
                .map(CommandSpec::name)
                .toList());
    }

    private static Reply named(Session session, Command command, boolean docs) {
        List<byte[]> argv = command.argv();
        List<CommandSpec> specs = new ArrayList<>();
        if (argv.size() == 2) {
            specs.addAll(tops(session));
        }
        for (byte[] name : argv.subList(2, argv.size())) {
            specs.add(session.door().directory().served(Answers.lower(name)));
        }
        if (!docs) {
            return new Reply.Listing(specs.stream()
                    .map(spec -> spec == null ? Reply.NIL : describe(session, spec))
                    .toList());
        }
        return new Reply.Pairs(specs.stream()
                .filter(Objects::nonNull)
                .map(spec -> new Reply.Pair(Reply.bulk(spec.name()), document(spec)))
                .toList());
    }

    private static Reply document(CommandSpec spec) {
        List<String> groups = List.of("string", "hash", "list", "set", "sortedset", "bitmap", "hyperloglog", "geo");
        String group = groups.stream()
                .filter(spec.categories()::contains)
                .findFirst()
                .orElse(spec.categories().contains("connection") ? "connection" : "generic");
        return Answers.pairs("summary", "as in Redis 7", "since", "1.0.0", "group", group);
    }

    /// The ten fields of COMMAND INFO in Redis 7; tips and key specifications are left empty.
    private static Reply describe(Session session, CommandSpec spec) {
        List<Reply> subs = session.door().directory().served().stream()
                .filter(sub -> sub.name().startsWith(spec.name() + "|"))
                .map(sub -> describe(session, sub))
                .toList();
        return new Reply.Listing(List.of(
                Reply.bulk(spec.name()),
                Reply.of(spec.arity()),
                statuses(spec.flags(), ""),
                Reply.of(spec.keys().first()),
                Reply.of(spec.keys().last()),
                Reply.of(spec.keys().step()),
                statuses(spec.categories(), "@"),
                new Reply.Distinct(List.of()),
                new Reply.Distinct(List.of()),
                new Reply.Listing(subs)));
    }

    private static Reply statuses(Collection<String> words, String prefix) {
        return new Reply.Distinct(new TreeSet<>(words)
                .stream().<Reply>map(word -> new Reply.Status(prefix + word)).toList());
    }

    private static Reply keys(Session session, Command command, boolean flags) {
        List<byte[]> argv = command.argv();
        Command meant = Directory.withoutOnce(new Command(argv.subList(2, argv.size())));
        Directory.@Nullable Entry parent =
                session.door().directory().find(meant.argv().getFirst());
        Directory.@Nullable Entry entry = parent == null ? null : Directory.sub(parent, meant);
        if (entry == null) {
            return Answers.err("Invalid command specified");
        }
        CommandSpec spec = entry.spec();
        if (!spec.fits(meant.argv().size())) {
            return Answers.err("Invalid number of arguments specified for command");
        }
        List<Integer> positions = spec.keyPositions(meant);
        if (positions.isEmpty()) {
            return Answers.err("The command has no key arguments");
        }
        List<KeyUses.Use> uses = KeyUses.of(spec, meant);
        List<Reply> items = new ArrayList<>();
        for (int i = 0; i < positions.size(); i++) {
            Reply key = Reply.of(meant.argv().get(positions.get(i)));
            items.add(flags ? new Reply.Listing(List.of(key, flagsOf(uses.get(Math.min(i, uses.size() - 1))))) : key);
        }
        return new Reply.Listing(items);
    }

    private static Reply flagsOf(KeyUses.Use use) {
        return switch (use) {
            case READ -> new Reply.Distinct(List.of(new Reply.Status("RO"), new Reply.Status("access")));
            case WRITE -> new Reply.Distinct(List.of(new Reply.Status("OW"), new Reply.Status("update")));
            case BOTH ->
                new Reply.Distinct(
                        List.of(new Reply.Status("RW"), new Reply.Status("access"), new Reply.Status("update")));
            case TOUCH -> new Reply.Distinct(List.of(new Reply.Status("RO")));
        };
    }
}
