package org.holdfast.state.redis;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// ACL and its subcommands. Users are made in the node's settings, not over the wire.
final class AclCommands {
    private static final Reply SETTINGS =
            Answers.unsupported("users are made in the node's settings, so that all nodes' owners agree on them");
    private static final int GENPASS_BITS = 256;
    private static final int GENPASS_BITS_MAX = 4096;

    private AclCommands() {}

    static void register(Map<String, DoorCommand> into) {
        into.put("acl|whoami", (session, _) -> Reply.bulk(session.client().userName()));
        into.put(
                "acl|users",
                (session, _) -> Answers.texts(
                        session.door().acl().all().stream().map(AclUser::name).toList()));
        into.put(
                "acl|list",
                (session, _) -> Answers.texts(
                        session.door().acl().all().stream().map(AclUser::line).toList()));
        into.put("acl|getuser", AclCommands::getUser);
        into.put("acl|cat", AclCommands::categories);
        into.put("acl|dryrun", AclCommands::dryRun);
        into.put("acl|genpass", AclCommands::password);
        into.put("acl|log", (_, _) -> Reply.EMPTY);
        into.put(
                "acl|help",
                (_, _) -> Answers.texts(List.of(
                        "ACL WHOAMI | USERS | LIST | GETUSER name | CAT [category] | DRYRUN name command [arg ...]",
                        "ACL GENPASS [bits]")));
        for (String name : List.of("acl|setuser", "acl|deluser", "acl|load", "acl|save")) {
            into.put(name, (_, _) -> SETTINGS);
        }
    }

    private static Reply getUser(Session session, Command command) {
        AclUser user = session.door().acl().find(Answers.utf8(command.argv().get(2)));
        if (user == null) {
            return Reply.NIL;
        }
        List<Reply> flags = new ArrayList<>();
        flags.add(Reply.bulk(user.on() ? "on" : "off"));
        if (user.anyPassword()) {
            flags.add(Reply.bulk("nopass"));
        }
        return Answers.pairs(
                "flags",
                new Reply.Distinct(flags),
                "passwords",
                Answers.texts(user.passwords()),
                "commands",
                user.commandRules(),
                "keys",
                user.keyRules(),
                "channels",
                "",
                "selectors",
                Reply.EMPTY);
    }

    private static Reply categories(Session session, Command command) {
        Map<String, Set<String>> all = Directory.categories();
        List<byte[]> argv = command.argv();
        if (argv.size() == 2) {
            Set<String> names = new TreeSet<>();
            all.values().forEach(names::addAll);
            return Answers.texts(names);
        }
        if (argv.size() > 3) {
            return Answers.arity("acl|cat");
        }
        String wanted = Answers.lower(argv.get(2));
        List<String> commands = all.entrySet().stream()
                .filter(entry -> entry.getValue().contains(wanted))
                .map(Map.Entry::getKey)
                .toList();
        return commands.isEmpty()
                ? Answers.err("Unknown category '" + Answers.utf8(argv.get(2)) + "'")
                : Answers.texts(commands);
    }

    private static Reply dryRun(Session session, Command command) {
        List<byte[]> argv = command.argv();
        AclUser user = session.door().acl().find(Answers.utf8(argv.get(2)));
        if (user == null) {
            return Answers.err("User '" + Answers.utf8(argv.get(2)) + "' not found");
        }
        Command meant = Directory.withoutOnce(new Command(argv.subList(3, argv.size())));
        Directory.@Nullable Entry parent =
                session.door().directory().find(meant.argv().getFirst());
        Directory.@Nullable Entry entry = parent == null ? null : Directory.sub(parent, meant);
        if (entry == null) {
            return Answers.err("Command '" + Answers.utf8(meant.argv().getFirst()) + "' not found");
        }
        CommandSpec spec = entry.spec();
        if (!spec.fits(meant.argv().size())) {
            return Answers.arity(spec.name());
        }
        String no = user.refusal(spec, meant, session.door().settings().keys());
        return no == null ? Reply.OK : Reply.bulk(no);
    }

    private static Reply password(Session session, Command command) {
        List<byte[]> argv = command.argv();
        long bits = GENPASS_BITS;
        if (argv.size() > 2) {
            OptionalLong asked = Numbers.whole(argv.get(2));
            if (asked.isEmpty()) {
                return Answers.NOT_WHOLE;
            }
            bits = asked.getAsLong();
        }
        if (argv.size() > 3 || bits < 1 || bits > GENPASS_BITS_MAX) {
            return Answers.err("ACL GENPASS argument must be the number of bits for the output password,"
                    + " a positive number up to 4096");
        }
        int digits = (int) (bits + 3) / 4;
        byte[] random = new byte[(digits + 1) / 2];
        session.door().world().chance().nextBytes(random);
        return Reply.bulk(HexFormat.of().formatHex(random).substring(0, digits));
    }
}
