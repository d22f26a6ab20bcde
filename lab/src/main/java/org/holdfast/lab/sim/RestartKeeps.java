package org.holdfast.lab.sim;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.BlockHeader;

/// A ledger that is opened again has at least the blocks that were durable, and the same ones.
final class RestartKeeps implements Rule {
    private final long[] durable;
    private final List<BlockHeader> headers = new ArrayList<>();

    RestartKeeps(Scene scene) {
        durable = new long[scene.plan().members()];
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        headers.add(block.header());
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
        for (long number = 0; number < Math.min(durable[at], headers.size()); number++) {
            if (!ledger.block(number).header().equals(headers.get((int) number))) {
                throw Violation.of(RestartKeeps.class, "%s: block %d is another one now", node, number);
            }
        }
    }
}
