package org.holdfast.keyspace;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.KeyMapping;
import org.holdfast.state.redis.Request;

/// MULTI ... EXEC: committed as one group in one shard, also when it only reads, so that it sees one moment.
final class Transaction {
    private final Router router;
    private final Request request;
    private final KeyMapping mapping;
    private final List<Parsed> parsed = new ArrayList<>();

    Transaction(Router router, Request request) {
        this.router = router;
        this.request = request;
        this.mapping = request.origin().keys();
    }

    CompletableFuture<Reply> run() {
        List<Command> commands = new ArrayList<>();
        List<byte[]> keys = new ArrayList<>();
        List<Shard> shards = new ArrayList<>();
        for (Command sent : request.commands()) {
            Parsed one = CommandTable.parse(Keyless.meant(mapping, sent));
            parsed.add(one);
            if (one instanceof Parsed.Ready ready) {
                router.checkLookUps(ready);
                commands.add(ready.command());
                if (Keyless.is(ready)) {
                    shards.add(only(ready));
                } else {
                    keys.addAll(ready.keys());
                }
            }
        }
        if (commands.isEmpty() && request.watches().isEmpty()) {
            return CompletableFuture.completedFuture(merged(new Reply.Listing(List.of())));
        }
        request.watches().forEach(watch -> keys.add(watch.key()));
        keys.forEach(key -> shards.add(router.shard(key)));
        Shard shard = same(shards);
        Batch.Group group = Batch.Group.transaction(commands, request.watches()).under(request.once());
        return shard.write(request.origin().user(), group).thenApply(this::merged);
    }

    /// The shard of a command that names no key: all that it is about outside of a transaction has to lie in it, or it
    /// would mean less inside.
    private Shard only(Parsed.Ready ready) {
        List<Shard> scope = new Keyless(router, request).scopeOf(ready);
        if (scope.size() != 1) {
            throw new Unroutable(new Reply.Failure(
                    "CROSSSLOT",
                    ("'%s' is about %d shards here, and a transaction is in one: ask outside of it, or of a table"
                                    + " (TABLE.SIZE, TABLE.CLEAR) in a keyspace of one shard")
                            .formatted(ready.spec().name(), scope.size())));
        }
        return scope.getFirst();
    }

    private static Shard same(List<Shard> shards) {
        Shard first = shards.getFirst();
        if (shards.stream().anyMatch(shard -> !shard.name().equals(first.name()))) {
            throw Router.cross();
        }
        return first;
    }

    /// The replies to all commands, those of wrong words too, with keys as the client names them.
    private Reply merged(Reply reply) {
        if (!(reply instanceof Reply.Listing listing)) {
            return reply;
        }
        Iterator<Reply> given = listing.items().iterator();
        List<Reply> all = new ArrayList<>();
        for (int i = 0; i < parsed.size(); i++) {
            all.add(
                    switch (parsed.get(i)) {
                        case Parsed.Wrong wrong -> wrong.reply();
                        case Parsed.Ready _ -> mapping.bare(request.commands().get(i), given.next());
                    });
        }
        return new Reply.Listing(all);
    }
}
