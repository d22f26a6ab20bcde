package org.holdfast.state.redis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The connections there are. Any thread.
final class Sessions {
    private final Map<Long, Session> open = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private boolean closed;

    long nextId() {
        return ids.incrementAndGet();
    }

    /// Whether a connection is let in.
    enum Admission {
        ADMITTED,
        /// There are too many already.
        FULL,
        /// The door closes.
        CLOSED
    }

    synchronized Admission add(long id, Session session, int max) {
        if (closed) {
            return Admission.CLOSED;
        }
        if (open.size() >= max) {
            return Admission.FULL;
        }
        open.put(id, session);
        return Admission.ADMITTED;
    }

    /// Lets nobody in from now on.
    synchronized void close() {
        closed = true;
    }

    void remove(long id, Session session) {
        open.remove(id, session);
    }

    @Nullable
    Session find(long id) {
        return open.get(id);
    }

    /// By number.
    List<Session> all() {
        List<Session> all = new ArrayList<>(open.values());
        all.sort(Comparator.comparingLong(session -> session.client().id));
        return all;
    }

    int count() {
        return open.size();
    }
}
