package org.holdfast.state.redis;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.holdfast.state.Command;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// Commands about the connection itself and its transaction.
final class SessionCommands {
    /// The Redis version whose behaviour is spoken: clients choose what to send by it.
    static final String SPOKEN = "7.0.15";

    private static final Reply.Failure WRONG_PASSWORD =
            new Reply.Failure("WRONGPASS", "invalid username-password pair or user is disabled.");
    private static final String UNKNOWN_AT_HELLO =
            "HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass>"
                    + " option can be used to authenticate the client and select the RESP protocol version at the same"
                    + " time";
    private static final double NANOS = 1e9;
    private static final double SLEEP_SECONDS_MAX = 60;

    private SessionCommands() {}

    static void register(Map<String, DoorCommand> into) {
        into.put("ping", SessionCommands::ping);
        into.put("echo", (_, command) -> Reply.of(command.argv().get(1)));
        into.put("quit", (session, _) -> {
            session.finishAfterReply();
            return Reply.OK;
        });
        into.put("reset", (session, _) -> {
            session.client().forget(Dispatch.byDefault(session.door().acl()));
            return new Reply.Status("RESET");
        });
        into.put("select", SessionCommands::select);
        into.put("hello", SessionCommands::hello);
        into.put("auth", SessionCommands::auth);
        into.put("multi", (session, _) -> {
            if (session.client().inTransaction()) {
                return Answers.err("MULTI calls can not be nested");
            }
            session.client().begin();
            return Reply.OK;
        });
        into.put("discard", (session, _) -> {
            if (!session.client().inTransaction()) {
                return Answers.err("DISCARD without MULTI");
            }
            session.client().end();
            session.client().unwatch();
            return Reply.OK;
        });
        into.put("exec", (session, command) -> session.dispatch().exec(Dispatch.Sent.plain(command)));
        into.put(Directory.ONCE, (session, command) -> session.dispatch().once(command));
        into.put("watch", (session, command) -> session.dispatch().watch(command));
        into.put("unwatch", (session, _) -> {
            session.client().unwatch();
            return Reply.OK;
        });
        into.put("readonly", (session, _) -> {
            session.client().stale = true;
            return Reply.OK;
        });
        into.put("readwrite", (session, _) -> {
            session.client().stale = false;
            return Reply.OK;
        });
        into.put("debug", SessionCommands::debug);
    }

    private static Reply ping(Session session, Command command) {
        return switch (command.argv().size()) {
            case 1 -> Answers.PONG;
            case 2 -> Reply.of(command.argv().get(1));
            default -> Answers.arity("ping");
        };
    }

    private static Reply select(Session session, Command command) {
        OptionalLong number = Numbers.whole(command.argv().get(1));
        if (number.isEmpty()) {
            return Answers.NOT_WHOLE;
        }
        return number.getAsLong() == 0 ? Reply.OK : Answers.err("DB index is out of range");
    }

    private static Reply auth(Session session, Command command) {
        List<byte[]> argv = command.argv();
        if (argv.size() > 3) {
            return Answers.SYNTAX;
        }
        AclUser byDefault = session.door().acl().find(Acl.DEFAULT);
        if (argv.size() == 2 && byDefault != null && byDefault.anyPassword()) {
            return Answers.err("AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?");
        }
        String name = argv.size() == 2 ? Acl.DEFAULT : Answers.utf8(argv.get(1));
        Reply.Failure no = login(session, name, argv.getLast());
        return no == null ? Reply.OK : no;
    }

    private static Reply.@Nullable Failure login(Session session, String name, byte[] password) {
        AclUser user = session.door().acl().find(name);
        if (user == null || !user.accepts(password)) {
            session.door().figures().loginsRefused.increment();
            return WRONG_PASSWORD;
        }
        session.client().user = user;
        return null;
    }

    /// What HELLO asks for.
    ///
    /// @param wrong what it is refused with; then the rest means nothing
    private record Hello(
            @Nullable String name,
            byte @Nullable [] user,
            byte @Nullable [] password,
            @Nullable Reply wrong) {
        static Hello refused(Reply why) {
            return new Hello(null, null, null, why);
        }

        static Hello of(List<byte[]> argv) {
            String name = null;
            byte[] user = null;
            byte[] password = null;
            int at = 2;
            while (at < argv.size()) {
                String option = Answers.lower(argv.get(at));
                int left = argv.size() - at - 1;
                if (option.equals("auth") && left >= 2) {
                    user = argv.get(at + 1);
                    password = argv.get(at + 2);
                    at += 3;
                } else if (option.equals("setname") && left >= 1) {
                    name = Answers.utf8(argv.get(at + 1));
                    at += 2;
                } else {
                    return refused(Answers.err("Syntax error in HELLO option '" + Answers.utf8(argv.get(at)) + "'"));
                }
            }
            boolean bad = name != null && !ClientCommands.isName(name);
            return bad ? refused(ClientCommands.BAD_NAME) : new Hello(name, user, password, null);
        }
    }

    // Nothing changes until the whole command is known to be right.
    private static Reply hello(Session session, Command command) {
        List<byte[]> argv = command.argv();
        Client client = session.client();
        int version = client.version;
        if (argv.size() > 1) {
            OptionalLong asked = Numbers.whole(argv.get(1));
            if (asked.isEmpty()) {
                return Answers.err("Protocol version is not an integer or out of range");
            }
            if (asked.getAsLong() != 2 && asked.getAsLong() != 3) {
                return new Reply.Failure("NOPROTO", "unsupported protocol version");
            }
            version = (int) asked.getAsLong();
        }
        Hello hello = Hello.of(argv);
        Reply wrong = hello.wrong();
        byte[] user = hello.user();
        byte[] password = hello.password();
        if (wrong == null && user != null && password != null) {
            wrong = login(session, Answers.utf8(user), password);
        }
        if (wrong != null) {
            return wrong;
        }
        if (!client.known()) {
            return new Reply.Failure("NOAUTH", UNKNOWN_AT_HELLO);
        }
        String name = hello.name();
        if (name != null) {
            client.name = name;
        }
        client.version = version;
        return Answers.pairs(
                "server",
                "redis",
                "version",
                SPOKEN,
                "proto",
                Reply.of(version),
                "id",
                Reply.of(client.id),
                "mode",
                "standalone",
                "role",
                "master",
                "modules",
                Reply.EMPTY);
    }

    private static @Nullable Reply debug(Session session, Command command) {
        List<byte[]> argv = command.argv();
        String sub = Answers.lower(argv.get(1));
        return switch (sub) {
            case "sleep" -> argv.size() == 3 ? sleep(session, command) : Answers.arity("debug|sleep");
            // Expired keys are removed when a block is applied: there is nothing to switch.
            case "set-active-expire", "stringmatch-len", "quicklist-packed-threshold" -> Reply.OK;
            // What was acknowledged is on disk already, and nothing else is served.
            case "reload", "loadaof" -> Reply.OK;
            case "log" -> Reply.OK;
            case "protocol" -> argv.size() == 3 ? protocol(argv.get(2)) : Answers.arity("debug|protocol");
            default -> Answers.unsupported("DEBUG " + sub.toUpperCase(Locale.ROOT));
        };
    }

    /// A reply of each kind, for those who write clients.
    private static Reply protocol(byte[] kind) {
        return switch (Answers.lower(kind)) {
            case "string" -> Reply.bulk("Hello World");
            case "integer" -> Reply.of(12345);
            case "double" -> new Reply.Real(3.141);
            case "null" -> Reply.NIL;
            case "array" -> new Reply.Listing(List.of(Reply.of(0), Reply.of(1), Reply.of(2)));
            case "set" -> new Reply.Distinct(List.of(Reply.of(0), Reply.of(1), Reply.of(2)));
            case "map" ->
                new Reply.Pairs(List.of(
                        new Reply.Pair(Reply.of(0), new Reply.Truth(false)),
                        new Reply.Pair(Reply.of(1), new Reply.Truth(true)),
                        new Reply.Pair(Reply.of(2), new Reply.Truth(false))));
            case "verbatim" -> new Reply.Text("txt", "This is a verbatim\nstring");
            case "true" -> new Reply.Truth(true);
            case "false" -> new Reply.Truth(false);
            default ->
                Answers.err("Wrong protocol type name. Please use one of the following:"
                        + " string|integer|double|null|array|set|map|verbatim|true|false");
        };
    }

    private static @Nullable Reply sleep(Session session, Command command) {
        if (!session.door().settings().allowed().contains(DoorSettings.Allowed.DEBUG_SLEEP)) {
            return Answers.err("DEBUG SLEEP is off at this door: allow it in the node's settings first");
        }
        if (session.executing()) {
            return Answers.unsupported("DEBUG SLEEP in a transaction");
        }
        double seconds;
        try {
            seconds = Double.parseDouble(Answers.text(command.argv().get(2)));
        } catch (NumberFormatException _) {
            return Answers.err("value is not a valid float");
        }
        if (!(seconds >= 0 && seconds <= SLEEP_SECONDS_MAX)) {
            return Answers.err("DEBUG SLEEP takes 0 to 60 seconds");
        }
        CompletableFuture<Reply> slept = new CompletableFuture<>();
        var _ = session.loop().schedule(() -> slept.complete(Reply.OK), (long) (seconds * NANOS), TimeUnit.NANOSECONDS);
        session.submit(command, new Slot.Work(Slot.Kind.READ, true, () -> slept, UnaryOperator.identity()));
        return null;
    }
}
