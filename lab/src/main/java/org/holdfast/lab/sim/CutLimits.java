package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.EnvelopeView;

/// No block is empty or beyond the limits of the config in force; an envelope beyond the preferred size stands alone,
/// and so does a config.
final class CutLimits implements Rule {
    private long messages;
    private long preferred;

    CutLimits(Scene scene) {
        messages = scene.plan().terms().batch().maxMessages();
        preferred = scene.plan().terms().batch().preferredMaxBytes();
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        if (block.number() == 0) {
            return;
        }
        long bytes = 0;
        boolean config = false;
        for (ByteString data : view.data()) {
            EnvelopeView envelope = Charter.view(data);
            bytes += envelope.size();
            config |= Configs.is(envelope);
        }
        int count = view.data().size();
        if (count == 0 || count > messages || (count > 1 && (config || bytes > preferred))) {
            throw Violation.of(
                    CutLimits.class, "%s: block %d has %d envelopes, %d bytes", node, block.number(), count, bytes);
        }
        if (config) {
            Configs.of(view.data()).map(Configs::limits).ifPresent(next -> {
                messages = next.getMaxMessageCount();
                preferred = next.getPreferredMaxBytes();
            });
        }
    }
}
