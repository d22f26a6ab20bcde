package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;

/// A ledger that is opened again has at least the blocks that were durable, and the same ones.
final class RestartKeeps implements Rule {
    private final long[] durable;
    private final List<ByteString> hashes = new ArrayList<>();

    RestartKeeps(Scene scene) {
        durable = new long[scene.plan().members()];
    }

    /// The same on all nodes, says [OneChain].
    @Override
    public void appended(SimNode node, StoredBlock block, BlockView view) {
        if (block.number() == hashes.size()) {
            hashes.add(block.header().hash());
        }
    }

    @Override
    public void ended(SimNode node) {
        durable[node.number()] = Math.max(durable[node.number()], node.durableHeight());
    }

    @Override
    public void opened(SimNode node, Ledger ledger) {
        int at = node.number();
        if (ledger.height() < durable[at]) {
            throw Violation.of(
                    RestartKeeps.class, "%s opens with height %d, durable was %d", node, ledger.height(), durable[at]);
        }
        for (long number = 0; number < Math.min(durable[at], hashes.size()); number++) {
            if (!ledger.block(number).header().hash().equals(hashes.get((int) number))) {
                throw Violation.of(RestartKeeps.class, "%s: block %d is another one now", node, number);
            }
        }
    }
}
