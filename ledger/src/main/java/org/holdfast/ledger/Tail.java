package org.holdfast.ledger;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The newest blocks in memory. One writer; readers look without a lock and check what they find.
final class Tail {
    private static final int SLOTS = 1024;

    private final AtomicReferenceArray<@Nullable StoredBlock> slots = new AtomicReferenceArray<>(SLOTS);
    private final long bytesMax;
    // writer only
    private long oldest;
    private long bytes;

    /// @param first number of the first block that will be put
    Tail(long bytesMax, long first) {
        this.bytesMax = bytesMax;
        this.oldest = first;
    }

    void put(StoredBlock block) {
        long number = block.number();
        while (oldest < number && (bytes + block.size() > bytesMax || number - oldest >= SLOTS)) {
            StoredBlock gone = slots.getAndSet(slot(oldest), null);
            bytes -= gone == null ? 0 : gone.size();
            oldest++;
        }
        slots.set(slot(number), block);
        bytes += block.size();
    }

    @Nullable
    StoredBlock get(long number) {
        StoredBlock block = slots.get(slot(number));
        return block != null && block.number() == number ? block : null;
    }

    private static int slot(long number) {
        return (int) (number % SLOTS);
    }
}
