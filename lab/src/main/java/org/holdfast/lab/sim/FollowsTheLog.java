package org.holdfast.lab.sim;

import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;

/// The envelopes of all blocks, one after the other, are the envelopes of the committed records: none is missing, none
/// is there twice, none has changed its place.
final class FollowsTheLog implements Rule {
    private final Scene scene;
    private int count;

    FollowsTheLog(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        if (block.number() == 0) {
            return;
        }
        List<Script.Line> lines = scene.script().lines();
        int from = count;
        int until = from + view.data().size();
        for (int i = from; i < until; i++) {
            if (i >= lines.size()
                    || !OneChain.same(lines.get(i).envelope(), view.data().get(i - from))) {
                throw Violation.of(
                        FollowsTheLog.class,
                        "%s: block %d has %s; the log goes on with %s",
                        node,
                        block.number(),
                        Charter.names(view.data()),
                        Charter.names(
                                lines.subList(Math.min(from, lines.size()), Math.min(until, lines.size())).stream()
                                        .map(Script.Line::envelope)
                                        .toList()));
            }
        }
        count = until;
    }
}
