package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;

/// Blocks follow each other in number and hash, and each one's data hash is that of its data.
final class ChainHolds implements Rule {
    private final long[] next;
    private final ByteString[] previous;

    ChainHolds(Scene scene) {
        next = new long[scene.plan().members()];
        previous = new ByteString[next.length];
        Arrays.fill(previous, ByteString.EMPTY);
    }

    @Override
    public void ended(SimNode node) {
        next[node.number()] = 0;
        previous[node.number()] = ByteString.EMPTY;
    }

    @Override
    public void appended(SimNode node, StoredBlock block, BlockView view) {
        int at = node.number();
        if (block.number() != next[at] || view.header().number() != next[at]) {
            throw Violation.of(ChainHolds.class, "%s: block %d where %d is due", node, block.number(), next[at]);
        }
        if (!view.header().previousHash().equals(previous[at])) {
            throw Violation.of(ChainHolds.class, "%s: block %d does not follow its predecessor", node, next[at]);
        }
        if (!view.dataHashHolds()) {
            throw Violation.of(ChainHolds.class, "%s: the data hash of block %d is wrong", node, next[at]);
        }
        previous[at] = view.header().hash();
        next[at]++;
    }
}
