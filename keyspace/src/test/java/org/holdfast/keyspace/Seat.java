package org.holdfast.keyspace;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.Feed;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// One node's place in a paper channel that several share: with its own view of the others' states, and of which blocks
/// it has.
///
/// @param first the oldest block that this node has
/// @param limit the first block that it has not got yet
record Seat(PaperChannel channel, StatePeers peers, long first, AtomicLong limit) implements ShardChannel {
    Seat(PaperChannel channel, StatePeers peers, long first) {
        this(channel, peers, first, new AtomicLong(Long.MAX_VALUE));
    }

    @Override
    public ChannelId id() {
        return channel.id();
    }

    @Override
    public MemberId member() {
        return new MemberId("%016x".formatted(System.identityHashCode(this)), 1);
    }

    @Override
    public CompletableFuture<Void> offer(EnvelopeView envelope) {
        return channel.offer(envelope);
    }

    @Override
    public CompletableFuture<ReadPoint> readPoint() {
        return channel.readPoint();
    }

    @Override
    public ChannelConfig config() {
        return channel.config();
    }

    @Override
    public Feed feed() {
        Feed whole = channel.feed();
        return new Feed() {
            @Override
            public long height() {
                return Math.min(whole.height(), limit.get());
            }

            @Override
            public long first() {
                return first;
            }

            @Override
            public Cursor cursor(long from) {
                if (from < first) {
                    throw Refusal.of(Code.BLOCK_NOT_HERE, "block %d was archived", from)
                            .asException();
                }
                return new Limited(whole.cursor(from), limit);
            }

            @Override
            public Subscription onHeight(LongConsumer listener) {
                return whole.onHeight(listener);
            }
        };
    }

    private record Limited(Cursor cursor, AtomicLong limit) implements Cursor {
        @Override
        public long position() {
            return cursor.position();
        }

        @Override
        public @Nullable StoredBlock poll() {
            return position() < limit.get() ? cursor.poll() : null;
        }

        @Override
        public @Nullable StoredBlock await() throws InterruptedException {
            return cursor.await();
        }

        @Override
        public @Nullable StoredBlock await(Duration most) throws InterruptedException {
            return cursor.await(most);
        }

        @Override
        public boolean isClosed() {
            return cursor.isClosed();
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
