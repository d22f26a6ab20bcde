package org.holdfast.order.raft;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.holdfast.env.Invariant;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Reader;
import org.holdfast.order.OrderedLog.Seated;

/// What the channel's reader has been given. Outlives the divisions that Ratis builds for the channel, so that a log
/// which is opened again and replayed from its last snapshot gives the reader nothing twice.
///
/// One lock lets one thread at a time talk to the reader in order: the division's updater, or the thread that catches
/// up. Members have a lock of their own: the leader, which asks for the catching up, tells them with it and waits for
/// the answer without a deadline and without another word, so that nobody may wait there for blocks to be fetched.
final class Delivery {
    private final Reader reader;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock membersLock = new ReentrantLock();
    private volatile Position delivered;
    private volatile boolean ended;

    Delivery(Reader reader, Position resumeFrom) {
        this.reader = reader;
        this.delivered = resumeFrom;
    }

    /// The last log entry that is behind the reader, record or not.
    Position delivered() {
        return delivered;
    }

    /// Gives nothing more to the reader.
    void end() {
        ended = true;
    }

    /// The next entry, a record.
    void record(Position position, ByteString content) {
        lock.lock();
        try {
            if (isNext(position)) {
                reader.entry(Stamp.read(position, content));
                delivered = position;
            }
        } finally {
            lock.unlock();
        }
    }

    /// The next entry is none of ours.
    void skip(Position position) {
        lock.lock();
        try {
            if (isNext(position)) {
                delivered = position;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Members by a committed configuration. May repeat what was said before. Never waits for the reader to
    /// catch up.
    void members(List<Seated> members, Position position) {
        membersLock.lock();
        try {
            if (!ended) {
                reader.members(members, position);
            }
        } finally {
            membersLock.unlock();
        }
    }

    /// Has the reader fetch what the log lacks. Entries that it was given already are not given again.
    Position catchUp(long firstAvailable) {
        lock.lock();
        try {
            Position reached = reader.catchUp(firstAvailable);
            Invariant.check(
                    reached.index() >= firstAvailable - 1,
                    "caught up to %s, entries go on from %s",
                    reached,
                    firstAvailable);
            if (reached.index() > delivered.index()) {
                delivered = reached;
            }
            return reached;
        } finally {
            lock.unlock();
        }
    }

    private boolean isNext(Position position) {
        if (ended || position.index() <= delivered.index()) {
            return false;
        }
        Invariant.check(position.index() == delivered.index() + 1, "log entry %s follows %s", position, delivered);
        return true;
    }
}
