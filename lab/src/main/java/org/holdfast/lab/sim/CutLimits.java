package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import org.holdfast.channel.BatchSize;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;

/// No block is empty or beyond the channel's limits; an envelope beyond the preferred size stands alone.
final class CutLimits implements Rule {
    private final BatchSize limits;

    CutLimits(Scene scene) {
        limits = scene.plan().terms().batch();
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        if (block.number() == 0) {
            return;
        }
        long bytes = 0;
        for (ByteString envelope : view.data()) {
            bytes += Charter.view(envelope).size();
        }
        int count = view.data().size();
        if (count == 0 || count > limits.maxMessages() || (count > 1 && bytes > limits.preferredMaxBytes())) {
            throw Violation.of(
                    CutLimits.class, "%s: block %d has %d envelopes, %d bytes", node, block.number(), count, bytes);
        }
    }
}
