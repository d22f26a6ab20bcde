package org.holdfast.keyspace;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.Invariant;
import org.holdfast.state.Command;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.TableWord;
import org.holdfast.state.redis.KeyMapping;
import org.holdfast.state.redis.Request;

/// Commands that name no key and are about many shards: DBSIZE, KEYS, SCAN, RANDOMKEY, FLUSHDB, FLUSHALL, and those of
/// tables.
///
/// A cursor of SCAN is the shard's cursor, 48 bits, and above it the shard's place in the order of keyspaces and
/// numbers. It stays good while the set of keyspaces that are looked through stays the same.
final class Keyless {
    private static final int SLOT_BITS = 48;
    private static final long SLOT_MASK = (1L << SLOT_BITS) - 1;
    private static final int RANDOM_TRIES = 16;

    private final Router router;
    private final Request request;
    private final KeyMapping mapping;

    Keyless(Router router, Request request) {
        this.router = router;
        this.request = request;
        this.mapping = request.origin().keys();
    }

    /// What a client's command means with full names: on a plain listener, all keys are those of its table.
    static Command meant(KeyMapping mapping, Command sent) {
        String ours = switch (mapping.isPlain() ? sent.name() : "") {
            case "dbsize" -> "TABLE.SIZE";
            case "flushdb", "flushall" -> "TABLE.CLEAR";
            default -> "";
        };
        boolean wrong = ours.isEmpty() || CommandTable.parse(sent) instanceof Parsed.Wrong;
        return wrong
                ? mapping.full(sent)
                : new Command(List.of(ours.getBytes(StandardCharsets.US_ASCII), mapping.full(new byte[0])));
    }

    /// Whether a command names no keys, or a table.
    static boolean is(Parsed.Ready ready) {
        return ready.keys().isEmpty() || ready.spec().name().startsWith("table.") || TableWord.leads(ready.spec());
    }

    /// The shards that a command is about.
    List<Shard> scopeOf(Parsed.Ready ready) {
        List<byte[]> words = ready.command().argv();
        return switch (ready.spec().name()) {
            case "dbsize", "randomkey", "flushdb", "flushall" -> router.scope(mapping, new byte[0]);
            case "table.size", "table.clear", "advscan", "advrevscan", "revscan", "fullscan" -> table(ready);
            case "keys" -> router.scope(mapping, words.get(1));
            case "scan" -> router.scope(mapping, match(words));
            default ->
                throw new Unroutable(Reply.Failure.err("not supported by this ledger: '%s' names no key"
                        .formatted(ready.spec().name())));
        };
    }

    CompletableFuture<Reply> run(Parsed.Ready ready) {
        List<Shard> scope = scopeOf(ready);
        return switch (ready.spec().name()) {
            case "dbsize", "table.size" -> sum(scope, ready);
            case "keys" -> keys(scope, ready);
            case "scan" -> scan(scope, ready);
            case "advscan", "advrevscan", "revscan", "fullscan" -> tableScan(scope, ready);
            case "randomkey" -> randomkey(scope, ready, 0);
            default -> Split.joined(each(scope, ready), true);
        };
    }

    private List<CompletableFuture<Reply>> each(List<Shard> scope, Parsed.Ready ready) {
        return scope.stream()
                .map(shard -> ShardBackend.single(shard, request, ready))
                .toList();
    }

    /// The shards of the keyspace that a table is in.
    private List<Shard> table(Parsed.Ready ready) {
        byte[] prefix = ready.keys().getFirst();
        if (FullKey.of(prefix) == null) {
            throw new Unroutable(Reply.Failure.err(FullKey.fault(prefix)));
        }
        return router.scope(KeyMapping.FULL, prefix);
    }

    private CompletableFuture<Reply> sum(List<Shard> scope, Parsed.Ready ready) {
        List<CompletableFuture<Reply>> parts = each(scope, ready);
        return Split.joined(parts, false)
                .thenApply(reply -> reply instanceof Reply.Failure
                        ? reply
                        : Reply.of(parts.stream()
                                .mapToLong(part -> part.join() instanceof Reply.Whole whole ? whole.value() : 0)
                                .sum()));
    }

    private CompletableFuture<Reply> keys(List<Shard> scope, Parsed.Ready ready) {
        List<CompletableFuture<Reply>> parts = each(scope, ready);
        return Split.joined(parts, false).thenApply(reply -> {
            if (reply instanceof Reply.Failure) {
                return reply;
            }
            List<Reply> all = new ArrayList<>();
            parts.forEach(part -> {
                if (part.join() instanceof Reply.Listing some) {
                    all.addAll(some.items());
                }
            });
            return new Reply.Listing(all);
        });
    }

    private CompletableFuture<Reply> scan(List<Shard> scope, Parsed.Ready ready) {
        List<byte[]> words = ready.command().argv();
        long cursor = Long.parseUnsignedLong(text(words.get(1)));
        long place = cursor >>> SLOT_BITS;
        if (place >= scope.size()) {
            return CompletableFuture.completedFuture(page(0, List.of()));
        }
        Parsed.Ready one = with(words, cursor & SLOT_MASK);
        return ShardBackend.single(scope.get((int) place), request, one).thenApply(reply -> {
            if (!(reply instanceof Reply.Listing page)
                    || !(page.items().getFirst() instanceof Reply.Bulk next)
                    || !(page.items().getLast() instanceof Reply.Listing found)) {
                return reply;
            }
            long slot = Long.parseUnsignedLong(text(next.bytes()));
            boolean more = slot != 0 || place + 1 < scope.size();
            long after = slot == 0 ? (place + 1) << SLOT_BITS : place << SLOT_BITS | slot;
            return page(more ? after : 0, found.items());
        });
    }

    /// A page of the shard that the cursor names; at its end the next one follows.
    private CompletableFuture<Reply> tableScan(List<Shard> scope, Parsed.Ready ready) {
        TableWord word = TableWord.of(ready.keys().getFirst());
        if (word == null || word.place() >= scope.size()) {
            throw new Unroutable(Reply.Failure.err("invalid cursor"));
        }
        return ShardBackend.single(scope.get(word.place()), request, ready)
                .thenApply(reply ->
                        reply instanceof Reply.Listing page && page.items().getFirst() instanceof Reply.Bulk next
                                ? new Reply.Listing(List.of(
                                        Reply.bulk(word.following(text(next.bytes()), scope.size())),
                                        page.items().getLast()))
                                : reply);
    }

    private static Reply page(long cursor, List<Reply> found) {
        return new Reply.Listing(List.of(Reply.bulk(Long.toUnsignedString(cursor)), new Reply.Listing(found)));
    }

    /// The pattern of a SCAN: the last one given; its options come in pairs.
    private static byte[] match(List<byte[]> words) {
        byte[] pattern = new byte[0];
        for (int i = 2; i + 1 < words.size(); i += 2) {
            if (text(words.get(i)).toLowerCase(Locale.ROOT).equals("match")) {
                pattern = words.get(i + 1);
            }
        }
        return pattern;
    }

    private static Parsed.Ready with(List<byte[]> words, long cursor) {
        List<byte[]> changed = new ArrayList<>(words);
        changed.set(1, Long.toUnsignedString(cursor).getBytes(StandardCharsets.US_ASCII));
        if (CommandTable.parse(new Command(changed)) instanceof Parsed.Ready ready) {
            return ready;
        }
        throw Invariant.broken("a SCAN with another cursor is no command");
    }

    /// Asks one shard after the other, from the session's own on, until one has a key. A plain listener's clients get
    /// keys of their table only.
    private CompletableFuture<Reply> randomkey(List<Shard> scope, Parsed.Ready ready, int tries) {
        // A shard that has a key gives one; only of a shared shard it may be another table's.
        if (tries >= scope.size() * (mapping.isPlain() ? RANDOM_TRIES : 1)) {
            return CompletableFuture.completedFuture(Reply.NIL);
        }
        int at = (int) Math.floorMod(request.origin().session() + tries, (long) scope.size());
        return ShardBackend.single(scope.get(at), request, ready).thenCompose(reply -> {
            boolean ours = reply instanceof Reply.Bulk key
                    && (!mapping.isPlain() || mapping.bare(key.bytes()).length < key.bytes().length);
            boolean over = reply instanceof Reply.Failure;
            return ours || over ? CompletableFuture.completedFuture(reply) : randomkey(scope, ready, tries + 1);
        });
    }

    private static String text(byte[] word) {
        return new String(word, StandardCharsets.ISO_8859_1);
    }
}
