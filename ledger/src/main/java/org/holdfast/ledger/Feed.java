package org.holdfast.ledger;

import java.util.function.LongConsumer;

/// Blocks as they come. Every reader of a channel (state, observers, standby, delivery, backup) reads here.
public interface Feed {
    /// Number of the next block to come; blocks below it can be read.
    long height();

    /// Number of the oldest block that is here.
    long first();

    /// A reader's place. A reader that stops reading costs its cursor and nothing else. The caller closes it.
    ///
    /// @param from number of the first block wanted; may lie beyond the height
    /// @throws org.holdfast.wire.Refusal.Refused `BLOCK_NOT_HERE` when the block was archived away
    Cursor cursor(long from);

    /// Calls the listener with the new height after every append. It runs on the thread that appends and must not
    /// block or throw.
    ///
    /// @return takes the listener away again
    Subscription onHeight(LongConsumer listener);

    /// A listener's registration.
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
