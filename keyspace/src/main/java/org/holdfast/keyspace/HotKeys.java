package org.holdfast.keyspace;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandTable;
import org.jspecify.annotations.Nullable;

/// The keys of a shard that are written most, counted while somebody wants it: every writing command of every node's
/// clients, with a bounded number of counters (space-saving, Metwally et al. 2005). Who has no counter takes the
/// smallest one over with its count, so a count is too high by [ShardStats.HotKey#error] at most, and a key that is
/// written more
/// often than a [#COUNTERS]th of all writes is surely there.
///
/// The shard's loop counts; any thread reads. The lock guards it.
final class HotKeys {
    /// Keys with a counter.
    static final int COUNTERS = 512;

    private final Map<ByteBuffer, Counter> counters = new HashMap<>();
    private final TreeSet<Counter> ordered =
            new TreeSet<>(Comparator.<Counter>comparingLong(one -> one.count).thenComparing(one -> one.key));
    private volatile boolean on;

    private static final class Counter {
        private final byte[] bytes;
        private final ByteBuffer key;
        private long count;
        private final long error;

        Counter(byte[] bytes, long error) {
            this.bytes = bytes;
            this.key = ByteBuffer.wrap(bytes);
            this.count = error;
            this.error = error;
        }
    }

    /// Begins to count, or ends; what was counted stays.
    void on(boolean wanted) {
        on = wanted;
    }

    boolean on() {
        return on;
    }

    synchronized void clear() {
        counters.clear();
        ordered.clear();
    }

    /// Counts the keys of writing commands.
    void count(List<Batch.Group> groups) {
        if (!on) {
            return;
        }
        for (Batch.Group group : groups) {
            for (Command command : group.commands()) {
                CommandSpec spec = CommandTable.find(command);
                if (spec != null && spec.writes()) {
                    spec.keyPositions(command)
                            .forEach(at -> count(command.argv().get(at)));
                }
            }
        }
    }

    private synchronized void count(byte[] key) {
        ByteBuffer name = ByteBuffer.wrap(key);
        Counter counter = counters.get(name);
        if (counter == null) {
            counter = new Counter(key, counters.size() < COUNTERS ? 0 : smallest());
            counters.put(counter.key, counter);
        } else {
            ordered.remove(counter);
        }
        counter.count++;
        ordered.add(counter);
    }

    /// Takes the smallest counter away.
    private long smallest() {
        @Nullable Counter least = ordered.pollFirst();
        if (least == null) {
            return 0;
        }
        counters.remove(least.key);
        return least.count;
    }

    /// The keys that were written most, those with the highest counts first.
    synchronized List<ShardStats.HotKey> top(int most) {
        List<ShardStats.HotKey> top = new ArrayList<>();
        for (Counter counter : ordered.descendingSet()) {
            if (top.size() == most) {
                break;
            }
            top.add(new ShardStats.HotKey(counter.bytes, counter.count, counter.error));
        }
        return top;
    }
}
