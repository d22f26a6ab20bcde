package org.holdfast.keyspace;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// A keyspace as this node has it: its shards by their number. Immutable.
final class Keyspace {
    private final String name;
    private final List<@Nullable Shard> shards;
    private final boolean ambiguous;

    private Keyspace(String name, List<@Nullable Shard> shards, boolean ambiguous) {
        this.name = name;
        this.shards = Collections.unmodifiableList(shards);
        this.ambiguous = ambiguous;
    }

    /// The keyspaces that some shards belong to, by name.
    static SortedMap<String, Keyspace> of(Collection<Shard> shards) {
        SortedMap<String, Keyspace> found = new TreeMap<>();
        Map<String, List<Shard>> byName = new TreeMap<>();
        for (Shard shard : shards) {
            byName.computeIfAbsent(shard.name().keyspace(), _ -> new ArrayList<>())
                    .add(shard);
        }
        byName.forEach((name, members) -> found.put(name, of(name, members)));
        return found;
    }

    private static Keyspace of(String name, List<Shard> members) {
        ShardName first = members.getFirst().name();
        List<@Nullable Shard> shards = new ArrayList<>(Collections.nCopies(first.shards(), null));
        boolean ambiguous = false;
        for (Shard shard : members) {
            if (shard.name().equals(first.at(shard.name().index()))) {
                shards.set(shard.name().index(), shard);
            } else {
                ambiguous = true;
            }
        }
        return new Keyspace(name, shards, ambiguous);
    }

    String name() {
        return name;
    }

    int size() {
        return shards.size();
    }

    /// The shard in which a key lies.
    ///
    /// @param key its full name
    /// @throws Refusal.Refused when it is not on this node
    Shard of(FullKey key) {
        return at(key.shard(shards.size()));
    }

    /// A shard by its number.
    ///
    /// @throws Refusal.Refused when it is not on this node
    Shard at(int index) {
        if (ambiguous) {
            throw Refusal.of(
                            Code.SHARD_NOT_HERE,
                            "this node has channels of two keyspaces %s, with other numbers of shards: which of them is"
                                    + " meant cannot be known; drop one",
                            name)
                    .asException();
        }
        Shard shard = shards.get(index);
        if (shard == null) {
            throw Refusal.of(
                            Code.SHARD_NOT_HERE,
                            "shard %d of %d of keyspace %s is not open at this node: join its channel here, or use a"
                                    + " node that has it",
                            index,
                            shards.size(),
                            name)
                    .asException();
        }
        return shard;
    }

    /// All of them.
    ///
    /// @throws Refusal.Refused when one is not on this node
    List<Shard> all() {
        List<Shard> all = new ArrayList<>(shards.size());
        for (int i = 0; i < shards.size(); i++) {
            all.add(at(i));
        }
        return all;
    }
}
