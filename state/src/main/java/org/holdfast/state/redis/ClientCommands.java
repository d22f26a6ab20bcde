package org.holdfast.state.redis;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.holdfast.state.Command;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// CLIENT and its subcommands.
final class ClientCommands {
    static final Reply BAD_NAME = Answers.err("Client names cannot contain spaces, newlines or special characters.");

    private static final Reply NO_SUCH_CLIENT = Answers.err("No such client");
    private static final int NAME_MAX = 1024;

    private ClientCommands() {}

    static void register(Map<String, DoorCommand> into) {
        into.put("client|id", (session, _) -> Reply.of(session.client().id));
        into.put("client|getname", (session, _) -> {
            String name = session.client().name;
            return name.isEmpty() ? Reply.NIL : Reply.bulk(name);
        });
        into.put("client|setname", (session, command) -> {
            String name = Answers.utf8(command.argv().get(2));
            if (!isName(name)) {
                return BAD_NAME;
            }
            session.client().name = name;
            return Reply.OK;
        });
        into.put("client|setinfo", ClientCommands::setLibrary);
        into.put("client|info", (session, _) -> Reply.bulk(line(session) + "\n"));
        into.put("client|list", ClientCommands::list);
        into.put("client|kill", ClientCommands::kill);
        into.put("client|no-evict", (session, command) -> onOff(command, on -> session.client().noEvict = on));
        into.put("client|stale", (session, command) -> onOff(command, on -> session.client().stale = on));
        into.put("client|reply", ClientCommands::reply);
        into.put("client|unblock", ClientCommands::unblock);
        into.put("client|getredir", (_, _) -> Reply.of(-1));
        into.put(
                "client|help",
                (_, _) -> Answers.texts(List.of(
                        "CLIENT ID | GETNAME | SETNAME name | SETINFO LIB-NAME|LIB-VER value | INFO",
                        "CLIENT LIST [TYPE normal] [ID id ...]",
                        "CLIENT KILL addr | KILL [ID id] [ADDR a] [LADDR a] [USER u] [SKIPME yes/no]",
                        "CLIENT REPLY ON|OFF|SKIP | UNBLOCK id [TIMEOUT|ERROR] | NO-EVICT ON|OFF",
                        "CLIENT STALE ON|OFF: reads of this connection may come from this node's state as it is")));
    }

    /// Printable ASCII without spaces, or nothing.
    static boolean isName(String name) {
        return name.length() <= NAME_MAX && name.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    private interface Switch {
        void set(boolean on);
    }

    private static Reply onOff(Command command, Switch target) {
        switch (Answers.lower(command.argv().get(2))) {
            case "on" -> target.set(true);
            case "off" -> target.set(false);
            default -> {
                return Answers.SYNTAX;
            }
        }
        return Reply.OK;
    }

    private static Reply setLibrary(Session session, Command command) {
        String what = Answers.lower(command.argv().get(2));
        String value = Answers.utf8(command.argv().get(3));
        if (!isName(value)) {
            return Answers.err(what + " cannot contain spaces, newlines or special characters.");
        }
        switch (what) {
            case "lib-name" -> session.client().library = value;
            case "lib-ver" -> session.client().libraryVersion = value;
            default -> {
                return Answers.err(
                        "Unrecognized option '" + Answers.utf8(command.argv().get(2)) + "'");
            }
        }
        return Reply.OK;
    }

    private static Reply list(Session session, Command command) {
        List<byte[]> argv = command.argv();
        Predicate<Session> wanted = _ -> true;
        if (argv.size() > 2) {
            String by = Answers.lower(argv.get(2));
            if (by.equals("type") && argv.size() == 4) {
                String type = Answers.lower(argv.get(3));
                if (!List.of("normal", "master", "replica", "slave", "pubsub").contains(type)) {
                    return Answers.err("Unknown client type '" + Answers.utf8(argv.get(3)) + "'");
                }
                wanted = _ -> type.equals("normal");
            } else if (by.equals("id") && argv.size() > 3) {
                List<byte[]> ids = argv.subList(3, argv.size());
                if (ids.stream().anyMatch(id -> Numbers.whole(id).orElse(0) < 1)) {
                    return Answers.err("Invalid client ID");
                }
                wanted = other -> ids.stream().anyMatch(id -> Numbers.whole(id).orElse(0) == other.client().id);
            } else {
                return Answers.SYNTAX;
            }
        }
        StringBuilder text = new StringBuilder();
        for (Session other : session.door().sessions().all()) {
            if (wanted.test(other)) {
                text.append(line(other)).append('\n');
            }
        }
        return new Reply.Text("txt", text.toString());
    }

    /// A connection in one line, in the fields' order of Redis 7.
    static String line(Session session) {
        Client client = session.client();
        long now = session.door().nanos();
        AclUser user = client.user;
        boolean waits = session.waiting() != null;
        return ("id=%d addr=%s laddr=%s fd=-1 name=%s age=%d idle=%d flags=%s db=0 sub=0 psub=0 ssub=0 multi=%d qbuf=0"
                        + " qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r"
                        + " cmd=%s user=%s redir=-1 resp=%d lib-name=%s lib-ver=%s")
                .formatted(
                        client.id,
                        Addresses.text(client.from),
                        Addresses.text(client.to),
                        client.name,
                        TimeUnit.NANOSECONDS.toSeconds(now - client.openedNanos),
                        TimeUnit.NANOSECONDS.toSeconds(now - client.lastNanos),
                        waits ? "b" : client.inTransaction() ? "x" : "N",
                        client.queued(),
                        client.lastCommand,
                        user == null ? "(superuser)" : user.name(),
                        client.version,
                        client.library,
                        client.libraryVersion);
    }

    private static @Nullable Reply reply(Session session, Command command) {
        Client client = session.client();
        switch (Answers.lower(command.argv().get(2))) {
            case "on" -> {
                client.silent = false;
                session.speak();
                return Reply.OK;
            }
            case "off" -> client.silent = true;
            case "skip" -> client.skipNext = !client.silent;
            default -> {
                return Answers.SYNTAX;
            }
        }
        return null;
    }

    private static Reply unblock(Session session, Command command) {
        List<byte[]> argv = command.argv();
        OptionalLong id = Numbers.whole(argv.get(2));
        if (id.isEmpty()) {
            return Answers.NOT_WHOLE;
        }
        String how = argv.size() > 3 ? Answers.lower(argv.get(3)) : "timeout";
        if (argv.size() > 4 || (!how.equals("timeout") && !how.equals("error"))) {
            return Answers.err("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        }
        Session other = session.door().sessions().find(id.getAsLong());
        Waits.Wait wait = other == null ? null : other.waiting();
        if (wait == null) {
            return Reply.of(0);
        }
        Objects.requireNonNull(other).loop().execute(() -> wait.unblock(how.equals("error")));
        return Reply.of(1);
    }

    private static Reply kill(Session session, Command command) {
        List<byte[]> argv = command.argv();
        if (argv.size() == 3) {
            String address = Answers.utf8(argv.get(2));
            int killed = killAll(
                    session, other -> Addresses.text(other.client().from).equals(address), false);
            return killed == 0 ? NO_SUCH_CLIENT : Reply.OK;
        }
        Predicate<Session> wanted = _ -> true;
        boolean skipMe = true;
        for (int i = 2; i < argv.size(); i += 2) {
            if (i + 1 == argv.size()) {
                return Answers.SYNTAX;
            }
            String by = Answers.lower(argv.get(i));
            String value = Answers.utf8(argv.get(i + 1));
            Predicate<Session> more =
                    filter(by, value, argv.get(i + 1), session.door().acl());
            if (by.equals("skipme") && (value.equalsIgnoreCase("yes") || value.equalsIgnoreCase("no"))) {
                skipMe = value.equalsIgnoreCase("yes");
            } else if (more == null) {
                return switch (by) {
                    case "id" -> Answers.err("client-id should be greater than 0");
                    case "type" -> Answers.err("Unknown client type '" + value + "'");
                    case "user" -> Answers.err("No such user '" + value + "'");
                    default -> Answers.SYNTAX;
                };
            } else {
                wanted = wanted.and(more);
            }
        }
        return Reply.of(killAll(session, wanted, skipMe));
    }

    private static @Nullable Predicate<Session> filter(String by, String value, byte[] word, Acl acl) {
        return switch (by) {
            case "id" -> {
                long id = Numbers.whole(word).orElse(0);
                yield id < 1 ? null : other -> other.client().id == id;
            }
            case "addr" -> other -> Addresses.text(other.client().from).equals(value);
            case "laddr" -> other -> Addresses.text(other.client().to).equals(value);
            case "user" ->
                acl.find(value) == null
                        ? null
                        : other -> other.client().userName().equals(value);
            case "type" ->
                switch (value.toLowerCase(Locale.ROOT)) {
                    case "normal" -> _ -> true;
                    case "master", "replica", "slave", "pubsub" -> _ -> false;
                    default -> null;
                };
            default -> null;
        };
    }

    private static int killAll(Session session, Predicate<Session> wanted, boolean skipMe) {
        int killed = 0;
        for (Session other : session.door().sessions().all()) {
            if (!wanted.test(other) || (skipMe && other == session)) {
                continue;
            }
            killed++;
            if (other == session) {
                session.finishAfterReply();
            } else {
                other.loop().execute(() -> other.cut("CLIENT KILL"));
            }
        }
        return killed;
    }
}
