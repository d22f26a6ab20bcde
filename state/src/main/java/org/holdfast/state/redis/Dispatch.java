package org.holdfast.state.redis;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Reply;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Decides what becomes of a session's requests: refused, queued for EXEC, answered by the door, or handed on. The
/// order of the checks is Redis': is there such a command, has it enough words, is the client known, may it.
///
/// Owner: the session's event loop.
final class Dispatch {
    private static final Reply NO_AUTH = new Reply.Failure("NOAUTH", "Authentication required.");
    private static final Reply NOT_IN_TRANSACTION = Answers.err("Command not allowed inside a transaction");
    private static final Set<String> NOT_QUEUED =
            Set.of("exec", "discard", "multi", "watch", "quit", "reset", Directory.ONCE);
    private static final Set<String> FLUSHES = Set.of("flushall", "flushdb", "table.clear");

    private static final Reply.Failure NO_ID = Answers.err("a request id has 1 to 64 bytes");
    private static final Reply.Failure ID_INSIDE = Answers.err(
            "inside MULTI there are no request ids: end the transaction with ONCE id EXEC, which gives it one");
    private static final Reply.Failure NO_ID_FOR =
            Answers.err("ONCE stands before commands that change keys and do not wait, and before EXEC");

    private final Doorway door;
    private final Session session;
    private final Client client;
    private @Nullable CommandSpec named;
    private boolean refused;

    Dispatch(Doorway door, Session session) {
        this.door = door;
        this.session = session;
        this.client = session.client();
    }

    /// The user of a connection that has said nothing; null when it has to say who it is.
    static @Nullable AclUser byDefault(Acl acl) {
        AclUser user = acl.find(Acl.DEFAULT);
        return user != null && user.on() && user.anyPassword() ? user : null;
    }

    /// A request as it came.
    ///
    /// @param words all of them
    /// @param id under which it is to be carried out once; null for none
    record Sent(Command words, byte @Nullable [] id) {
        static Sent plain(Command words) {
            return new Sent(words, null);
        }
    }

    /// Takes a request.
    ///
    /// @return its reply; null when it comes later, or never
    @Nullable
    Reply take(Command command) {
        long began = door.nanos();
        named = null;
        refused = false;
        Reply reply = decide(command, Sent.plain(command));
        if (reply != null && refused) {
            door.calls().rejected(named, reply);
        } else if (reply != null && !reply.equals(Answers.QUEUED)) {
            door.answered(named, command, reply, began, client);
        }
        return reply;
    }

    /// ONCE: takes the command behind it, under the id. Whoever may send that one may send it so.
    @Nullable
    Reply once(Command command) {
        byte[] id = command.argv().get(1);
        return Batch.Once.isId(id)
                ? decide(Directory.withoutOnce(command), new Sent(command, id))
                : refuse(client.known() ? NO_ID : NO_AUTH);
    }

    private @Nullable Reply decide(Command command, Sent sent) {
        Directory.Entry parent = door.directory().find(command.argv().getFirst());
        if (parent == null) {
            if (isHttp(command)) {
                session.cut("it speaks HTTP");
                return null;
            }
            return refuse(Answers.err(CommandTable.unknown(command)));
        }
        Directory.Entry entry = Directory.sub(parent, command);
        if (entry == null) {
            String sub = Answers.utf8(command.argv().get(1));
            String name = parent.spec().name();
            return refuse(Answers.err(
                    "unknown subcommand '%.128s'. Try %s HELP.".formatted(sub, name.toUpperCase(Locale.ROOT))));
        }
        CommandSpec spec = entry.spec();
        named = spec;
        client.lastCommand = spec.name();
        if (!spec.fits(command.argv().size())) {
            return refuse(Answers.arity(spec.name()));
        }
        AclUser user = client.user;
        if (!entry.open()) {
            if (user == null) {
                return refuse(NO_AUTH);
            }
            String no = user.refusal(spec, command, door.settings().keys());
            if (no != null) {
                return refuse(new Reply.Failure("NOPERM", no));
            }
        }
        if (entry.absent()) {
            if (client.inTransaction() && spec.flags().contains("no_multi")) {
                return refuse(NOT_IN_TRANSACTION);
            }
            return refuse(Answers.unsupported("'" + spec.name() + "'"));
        }
        if (sent.id() != null) {
            return underId(entry, command, sent);
        }
        if (client.inTransaction() && !NOT_QUEUED.contains(spec.name())) {
            return queue(new Client.Queued(entry, command));
        }
        DoorCommand run = entry.run();
        return run != null ? run.run(session, command) : handOn(entry, command, sent);
    }

    private @Nullable Reply underId(Directory.Entry entry, Command command, Sent sent) {
        CommandSpec spec = entry.spec();
        if (spec.name().equals("exec")) {
            return exec(sent);
        }
        if (client.inTransaction()) {
            return refuse(ID_INSIDE);
        }
        boolean may = spec.writes()
                && spec.home() == CommandSpec.Home.STATE
                && !spec.flags().contains("blocking");
        return may ? handOn(entry, command, sent) : refuse(NO_ID_FOR);
    }

    // Browsers are sent to speak to such ports; whoever sends a request line has not sent a password.
    private static boolean isHttp(Command command) {
        String name = Answers.lower(command.argv().getFirst());
        return name.equals("post") || name.equals("host:");
    }

    private Reply refuse(Reply why) {
        refused = true;
        door.figures().failures.increment();
        client.spoil();
        return why;
    }

    private Reply queue(Client.Queued queued) {
        CommandSpec spec = queued.entry().spec();
        if (spec.flags().contains("no_multi")) {
            return refuse(NOT_IN_TRANSACTION);
        }
        Reply.Failure forbidden = forbidden(spec);
        if (forbidden != null) {
            return refuse(forbidden);
        }
        long bytes = Session.sizeOf(queued.command());
        if (!client.queue(queued, bytes, door.settings().limits().requestBytes())) {
            return refuse(Answers.err("a transaction has at most %d commands of %d bytes in all"
                    .formatted(Client.QUEUED_MAX, door.settings().limits().requestBytes())));
        }
        return Answers.QUEUED;
    }

    private Reply.@Nullable Failure forbidden(CommandSpec spec) {
        if (FLUSHES.contains(spec.name()) && !door.settings().allowed().contains(DoorSettings.Allowed.FLUSH)) {
            return Answers.err(spec.name().toUpperCase(Locale.ROOT)
                    + " is off at this door: allow it in the node's settings first");
        }
        return null;
    }

    private @Nullable Reply handOn(Directory.Entry entry, Command command, Sent sent) {
        CommandSpec spec = entry.spec();
        Reply.Failure no = forbidden(spec);
        if (no == null) {
            no = overload();
        }
        if (no != null) {
            return refuse(no);
        }
        if (spec.flags().contains("blocking")) {
            return Blocking.begin(session, command);
        }
        boolean stale = entry.stale() || client.stale;
        Command meant = entry.stale() ? Directory.withoutPrefix(command) : command;
        Request request = new Request(
                origin(), List.of(meant), false, List.of(), consistency(stale && !spec.writes()), once(sent));
        Slot.Kind kind = spec.writes() ? Slot.Kind.WRITE : Slot.Kind.READ;
        session.submit(
                sent.words(),
                new Slot.Work(kind, false, () -> door.backend().execute(request), UnaryOperator.identity()));
        return null;
    }

    private Reply.@Nullable Failure overload() {
        if (door.unanswered().get() <= door.settings().limits().unansweredBytes()) {
            return null;
        }
        return Answers.refusal(Refusal.of(
                Code.OVERLOADED, "too much from Redis clients is unanswered on this node; try again a little later"));
    }

    Request.Origin origin() {
        return new Request.Origin(client.id, client.userName(), door.settings().keys());
    }

    private static Request.Consistency consistency(boolean stale) {
        return stale ? Request.Consistency.STALE : Request.Consistency.LINEARIZABLE;
    }

    private Batch.@Nullable Once once(Sent sent) {
        byte[] id = sent.id();
        return id == null ? null : new Batch.Once(client.userName(), id);
    }

    /// WATCH: remembers the versions of keys before anything further is taken.
    @Nullable
    Reply watch(Command command) {
        if (client.inTransaction()) {
            return Answers.err("WATCH inside MULTI is not allowed");
        }
        List<byte[]> keys = command.argv().subList(1, command.argv().size());
        AtomicReference<List<Batch.Watch>> seen = new AtomicReference<>(List.of());
        Supplier<CompletionStage<Reply>> begin =
                () -> door.backend().watch(origin(), keys).thenApply(watches -> {
                    seen.set(watches);
                    return Reply.OK;
                });
        UnaryOperator<Reply> finish = reply -> {
            if (!(reply instanceof Reply.Failure)) {
                client.watch(Objects.requireNonNull(seen.get()));
            }
            return reply;
        };
        session.submit(command, new Slot.Work(Slot.Kind.READ, true, begin, finish));
        return null;
    }

    /// EXEC: hands what the backend answers on as one group, and puts the door's own replies between its.
    @Nullable
    Reply exec(Sent sent) {
        if (!client.inTransaction()) {
            return Answers.err("EXEC without MULTI");
        }
        boolean spoilt = client.spoilt();
        List<Client.Queued> queue = client.end();
        Reply.Failure no = spoilt
                ? new Reply.Failure("EXECABORT", "Transaction discarded because of previous errors.")
                : overload();
        if (no != null) {
            client.unwatch();
            return no;
        }
        List<Command> commands = new ArrayList<>();
        boolean writes = false;
        for (Client.Queued queued : queue) {
            if (own(queued) == null) {
                commands.add(meant(queued));
                writes |= queued.entry().spec().writes();
            }
        }
        Request request = new Request(
                origin(), commands, true, client.watches(), consistency(client.stale && !writes), once(sent));
        client.unwatch();
        boolean nothing = commands.isEmpty() && request.watches().isEmpty();
        Supplier<CompletionStage<Reply>> begin = nothing
                ? () -> CompletableFuture.completedStage(Reply.EMPTY)
                : () -> door.backend().execute(request);
        Slot.Kind kind = writes ? Slot.Kind.WRITE : Slot.Kind.READ;
        session.submit(sent.words(), new Slot.Work(kind, true, begin, reply -> merged(queue, reply)));
        return null;
    }

    // What the door answers of a transaction: its own commands, and a blocking pop whose words are wrong.
    private static @Nullable DoorCommand own(Client.Queued queued) {
        if (isBlocking(queued) && Blocking.of(queued.command()) instanceof Blocking.Wrong wrong) {
            return (_, _) -> wrong.reply();
        }
        return queued.entry().run();
    }

    private static boolean isBlocking(Client.Queued queued) {
        return queued.entry().spec().flags().contains("blocking");
    }

    // In a transaction nobody waits: a blocking pop is the plain one.
    private static Command meant(Client.Queued queued) {
        if (queued.entry().stale()) {
            return Directory.withoutPrefix(queued.command());
        }
        if (isBlocking(queued) && Blocking.of(queued.command()) instanceof Blocking.Plain plain) {
            return plain.command(plain.keys());
        }
        return queued.command();
    }

    private Reply merged(List<Client.Queued> queue, Reply reply) {
        if (!(reply instanceof Reply.Listing listing)) {
            return reply;
        }
        Iterator<Reply> given = listing.items().iterator();
        List<Reply> all = new ArrayList<>(queue.size());
        for (Client.Queued queued : queue) {
            DoorCommand run = own(queued);
            if (run != null) {
                session.executing(true);
                Reply own = run.run(session, queued.command());
                session.executing(false);
                all.add(own == null ? Answers.unsupported("in a transaction") : own);
            } else if (given.hasNext()) {
                Reply next = given.next();
                all.add(
                        isBlocking(queued) && Blocking.of(queued.command()) instanceof Blocking.Plain plain
                                ? plain.shape().apply(next)
                                : next);
            } else {
                continue;
            }
            // How long each took is not known here: EXEC has the time of all.
            door.calls().called(queued.entry().spec(), 0, all.getLast());
        }
        return new Reply.Listing(all);
    }
}
