package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;

/// Blocks follow each other in number and hash, and each one's data hash is that of its data.
final class ChainHolds implements Rule {
    private final long[] next;
    private ByteString previous = ByteString.EMPTY;

    ChainHolds(Scene scene) {
        next = new long[scene.plan().members()];
    }

    @Override
    public void ended(SimNode node) {
        next[node.number()] = 0;
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        if (!view.header().previousHash().equals(previous)) {
            throw Violation.of(ChainHolds.class, "%s: block %d does not follow its predecessor", node, block.number());
        }
        if (!view.dataHashHolds()) {
            throw Violation.of(ChainHolds.class, "%s: the data hash of block %d is wrong", node, block.number());
        }
        previous = view.header().hash();
    }

    @Override
    public void appended(SimNode node, StoredBlock block, BlockView view) {
        int at = node.number();
        if (block.number() != next[at] || view.header().number() != next[at]) {
            throw Violation.of(ChainHolds.class, "%s: block %d where %d is due", node, block.number(), next[at]);
        }
        next[at]++;
    }
}
