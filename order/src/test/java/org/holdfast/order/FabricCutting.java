package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/// Fabric's cutting rule, written down from its description and independently of [Cutter]: one message comes, whole
/// blocks go.
///
/// Oracle: the ordering service's documented batching (a message above the preferred size is a block of its own; one
/// that does not fit cuts what is pending; the count cuts after it).
final class FabricCutting {
    private final int maxMessages;
    private final long preferredBytes;
    private final List<List<ByteString>> blocks = new ArrayList<>();
    private List<ByteString> batch = new ArrayList<>();
    private long bytes;

    FabricCutting(int maxMessages, long preferredBytes) {
        this.maxMessages = maxMessages;
        this.preferredBytes = preferredBytes;
    }

    /// @param size payload and signature bytes of the message
    void ordered(ByteString message, long size) {
        if (size > preferredBytes) {
            cut();
            blocks.add(List.of(message));
            return;
        }
        if (bytes + size > preferredBytes) {
            cut();
        }
        batch.add(message);
        bytes += size;
        if (batch.size() >= maxMessages) {
            cut();
        }
    }

    /// The timer ran out, or whoever leads wants a block now.
    void cut() {
        if (!batch.isEmpty()) {
            blocks.add(batch);
            batch = new ArrayList<>();
            bytes = 0;
        }
    }

    List<List<ByteString>> blocks() {
        return blocks;
    }

    int pending() {
        return batch.size();
    }
}
