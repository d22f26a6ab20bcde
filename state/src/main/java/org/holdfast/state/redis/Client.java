package org.holdfast.state.redis;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.jspecify.annotations.Nullable;

/// What a connection has said of itself. Written by its event loop; CLIENT LIST of others reads what is volatile, and
/// sees a little old values of the rest.
final class Client {
    /// A transaction may have this many commands.
    static final int QUEUED_MAX = 10_000;

    final long id;
    final InetSocketAddress from;
    final InetSocketAddress to;
    final long openedNanos;
    volatile String name = "";
    volatile String library = "";
    volatile String libraryVersion = "";
    volatile @Nullable AclUser user;
    volatile long lastNanos;
    volatile String lastCommand = "NULL";
    volatile int version = 2;
    volatile boolean noEvict;
    volatile boolean stale;
    boolean silent;
    boolean skipNext;
    private @Nullable List<Queued> queue;
    private long queuedBytes;
    private boolean dirty;
    private List<Batch.Watch> watches = List.of();

    /// A command of a transaction to be.
    record Queued(Directory.Entry entry, Command command) {}

    Client(long id, InetSocketAddress from, InetSocketAddress to, long nowNanos) {
        this.id = id;
        this.from = from;
        this.to = to;
        this.openedNanos = nowNanos;
        this.lastNanos = nowNanos;
    }

    boolean known() {
        return user != null;
    }

    String userName() {
        AclUser now = user;
        return now == null ? Acl.DEFAULT : now.name();
    }

    boolean inTransaction() {
        return queue != null;
    }

    /// How many commands wait for EXEC; -1 outside a transaction.
    int queued() {
        List<Queued> now = queue;
        return now == null ? -1 : now.size();
    }

    void begin() {
        queue = new ArrayList<>();
        queuedBytes = 0;
        dirty = false;
    }

    /// @return false when the transaction would become larger than one may be
    boolean queue(Queued command, long bytes, long bytesMax) {
        List<Queued> now = queue;
        if (now == null || now.size() == QUEUED_MAX || queuedBytes + bytes > bytesMax) {
            return false;
        }
        now.add(command);
        queuedBytes += bytes;
        return true;
    }

    /// A command of the transaction was refused, so EXEC will be.
    void spoil() {
        dirty = queue != null;
    }

    boolean spoilt() {
        return dirty;
    }

    /// Ends the transaction; its commands.
    List<Queued> end() {
        List<Queued> commands = queue == null ? List.of() : queue;
        queue = null;
        queuedBytes = 0;
        dirty = false;
        return commands;
    }

    List<Batch.Watch> watches() {
        return watches;
    }

    /// A key that is watched already keeps the version seen first.
    void watch(List<Batch.Watch> seen) {
        List<Batch.Watch> all = new ArrayList<>(watches);
        for (Batch.Watch watch : seen) {
            if (all.stream().noneMatch(known -> Arrays.equals(known.key(), watch.key()))) {
                all.add(watch);
            }
        }
        watches = List.copyOf(all);
    }

    void unwatch() {
        watches = List.of();
    }

    /// As RESET wants it: a connection that has said nothing, of the user `default` if that one needs no password.
    void forget(@Nullable AclUser byDefault) {
        end();
        unwatch();
        version = 2;
        name = "";
        silent = false;
        skipNext = false;
        stale = false;
        noEvict = false;
        user = byDefault;
    }
}
