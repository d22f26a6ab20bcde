package org.holdfast.keyspace;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.holdfast.state.Parsed;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.KeyMapping;

/// Finds the shards of keys. Immutable: the keyspaces as they were at one moment.
///
/// Its methods throw [Unroutable] with what the client is told, or the refusal of a shard that is not on this node.
final class Router {
    private static final Reply.Failure CROSS = new Reply.Failure(
            "CROSSSLOT",
            "keys of one command, and of one transaction, must lie in one shard of one keyspace; DEL, UNLINK, EXISTS,"
                    + " TOUCH and MGET may name keys of several");

    private static final Reply.Failure LOOKS_UP = Reply.Failure.err(
            "patterns behind BY and GET name keys of any shard, and this keyspace has several: sort without them, or"
                    + " keep such keys in a keyspace of one shard");

    private final SortedMap<String, Keyspace> keyspaces;

    Router(SortedMap<String, Keyspace> keyspaces) {
        this.keyspaces = keyspaces;
    }

    /// The shard of a key.
    ///
    /// @param key its full name
    Shard shard(byte[] key) {
        FullKey full = FullKey.of(key);
        if (full == null) {
            throw new Unroutable(Reply.Failure.err(FullKey.fault(key)));
        }
        return keyspace(full.keyspace()).of(full);
    }

    private Keyspace keyspace(String name) {
        Keyspace keyspace = keyspaces.get(name);
        if (keyspace == null) {
            String known = keyspaces.isEmpty() ? "none" : String.join(", ", keyspaces.keySet());
            throw new Unroutable(Reply.Failure.err(
                    "no keyspace '%s' at this node, which has: %s. Make it with 'holdfast keyspace create %s'"
                            .formatted(name, known, name)));
        }
        return keyspace;
    }

    /// The keys of each shard, by their places, in the order of the first ones.
    Map<Shard, List<Integer>> places(List<byte[]> keys) {
        Map<Shard, List<Integer>> places = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            places.computeIfAbsent(shard(keys.get(i)), _ -> new ArrayList<>()).add(i);
        }
        return places;
    }

    /// The one shard that all keys lie in.
    Shard only(Collection<byte[]> keys) {
        Shard only = null;
        for (byte[] key : keys) {
            Shard shard = shard(key);
            if (only != null && !only.name().equals(shard.name())) {
                throw cross();
            }
            only = shard;
        }
        if (only == null) {
            throw cross();
        }
        return only;
    }

    /// Refuses a command that looks up keys of which any shard may have some.
    void checkLookUps(Parsed.Ready ready) {
        if (!ready.looksUp()) {
            return;
        }
        FullKey key = FullKey.of(ready.keys().getFirst());
        if (key != null && keyspace(key.keyspace()).all().size() > 1) {
            throw new Unroutable(LOOKS_UP);
        }
    }

    static Unroutable cross() {
        return new Unroutable(CROSS);
    }

    /// The shards that a command without keys is about: those of a plain listener's keyspace, of the keyspace that a
    /// pattern names, or of all.
    ///
    /// @param pattern of full names; empty for everything
    List<Shard> scope(KeyMapping keys, byte[] pattern) {
        byte[] named = keys.isPlain() ? keys.full(new byte[0]) : pattern;
        String one = FullKey.keyspaceOf(named);
        if (one != null) {
            return keyspace(one).all();
        }
        List<Shard> all = new ArrayList<>();
        keyspaces.values().forEach(keyspace -> all.addAll(keyspace.all()));
        return all;
    }
}
