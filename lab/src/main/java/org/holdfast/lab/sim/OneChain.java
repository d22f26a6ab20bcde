package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;

/// A block of a number has the same header, data and consenter metadata on every node, before and after every restart.
final class OneChain implements Rule {
    private final List<Seen> seen = new ArrayList<>();

    private record Seen(SimNode by, BlockView view, ByteString metadata) {}

    @Override
    public void appended(SimNode node, StoredBlock block, BlockView view) {
        ByteString metadata = Metadatas.consenter(view);
        if (block.number() == seen.size()) {
            seen.add(new Seen(node, view, metadata));
            return;
        }
        Seen first = seen.get((int) block.number());
        boolean same = first.view.header().equals(view.header())
                && first.view.data().equals(view.data())
                && first.metadata.equals(metadata);
        if (!same) {
            throw Violation.of(
                    OneChain.class,
                    "block %d differs between %s and %s: %s %s, %s %s",
                    block.number(),
                    first.by,
                    node,
                    Charter.names(first.view.data()),
                    Metadatas.progress(first.metadata),
                    Charter.names(view.data()),
                    Metadatas.progress(metadata));
        }
    }
}
