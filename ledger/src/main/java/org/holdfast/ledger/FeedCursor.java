package org.holdfast.ledger;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.jspecify.annotations.Nullable;

/// A reader's place: served from the tail in memory where possible, else from a segment it keeps open.
final class FeedCursor implements Cursor {
    private final Ledger ledger;
    // guards everything below; close() waits for a read under way
    private final ReentrantLock lock = new ReentrantLock();
    private long position;
    private @Nullable Segment segment;
    private Disk.@Nullable DiskFile file;
    private volatile boolean closed;

    FeedCursor(Ledger ledger, long from) {
        this.ledger = ledger;
        this.position = from;
    }

    @Override
    public long position() {
        lock.lock();
        try {
            return position;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public @Nullable StoredBlock poll() {
        lock.lock();
        try {
            if (closed || position >= ledger.height()) {
                return null;
            }
            StoredBlock block = ledger.recent(position);
            if (block == null) {
                block = fromDisk();
            } else {
                release();
            }
            position++;
            return block;
        } finally {
            lock.unlock();
        }
    }

    private StoredBlock fromDisk() {
        BlockIndex.Location location = ledger.locate(position);
        Segment wanted = ledger.segment(location);
        Disk.DiskFile source = file;
        if (source == null || !wanted.equals(segment)) {
            release();
            source = ledger.openSegment(wanted);
            file = source;
            segment = wanted;
        }
        try {
            return Records.read(wanted, source, location, position);
        } catch (DiskFault e) { // an interrupt closes the file as well: the next attempt opens it again
            release();
            throw e;
        }
    }

    private void release() {
        if (file != null) {
            Disk.DiskFile old = file;
            file = null;
            segment = null;
            old.close();
        }
    }

    @Override
    public @Nullable StoredBlock await() throws InterruptedException {
        return await(Duration.ofNanos(Long.MAX_VALUE));
    }

    @Override
    public @Nullable StoredBlock await(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        while (true) {
            StoredBlock block = poll();
            if (block != null || closed || left <= 0) {
                return block;
            }
            left = ledger.awaitHeight(this, position(), left);
        }
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        ledger.forget(this);
        lock.lock();
        try {
            release();
        } finally {
            lock.unlock();
        }
    }
}
