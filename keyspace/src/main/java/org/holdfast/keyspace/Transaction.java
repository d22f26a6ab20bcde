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
        boolean keyless = false;
        for (Command sent : request.commands()) {
            Parsed one = CommandTable.parse(Keyless.meant(mapping, sent));
            parsed.add(one);
            if (one instanceof Parsed.Ready ready) {
                router.checkLookUps(ready);
                commands.add(ready.command());
                keyless |= ready.keys().isEmpty() || Keyless.ofTables(ready);
                keys.addAll(ready.keys());
            }
        }
        if (commands.isEmpty() && request.watches().isEmpty()) {
            return CompletableFuture.completedFuture(merged(new Reply.Listing(List.of())));
        }
        request.watches().forEach(watch -> keys.add(watch.key()));
        Shard shard = keyless ? whole(keys) : router.only(keys);
        Batch.Group group = Batch.Group.transaction(commands, request.watches()).under(request.once());
        return shard.write(request.origin().user(), group).thenApply(this::merged);
    }

    /// The shard of a transaction in which something is asked of all keys: the only one of its keyspace.
    private Shard whole(List<byte[]> keys) {
        List<Shard> scope = router.scope(mapping, keys.isEmpty() ? new byte[0] : keys.getFirst());
        if (scope.size() != 1) {
            throw Router.cross();
        }
        if (!keys.isEmpty() && !router.only(keys).name().equals(scope.getFirst().name())) {
            throw Router.cross();
        }
        return scope.getFirst();
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
