package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;

/// A block of a number has the same header, data and consenter metadata on every node, before and after every restart.
/// What the other rules find about the first of a number so holds for all.
final class OneChain implements Rule {
    private final List<Seen> seen = new ArrayList<>();
    private boolean fresh;

    private record Seen(SimNode by, BlockView view, ByteString metadata) {}

    /// Blocks that somebody has or had.
    int height() {
        return seen.size();
    }

    /// Data of a block.
    List<ByteString> data(int number) {
        return seen.get(number).view.data();
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        seen.add(new Seen(node, view, Metadatas.consenter(view)));
        fresh = true;
    }

    @Override
    public void appended(SimNode node, StoredBlock block, BlockView view) {
        if (fresh) {
            fresh = false;
            return; // the very one
        }
        Seen first = seen.get((int) block.number());
        ByteString metadata = Metadatas.consenter(view);
        if (!isAsFirst(block.number(), view) || !same(first.metadata, metadata)) {
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

    /// Whether header and data are those of the first block of the number.
    boolean isAsFirst(long number, BlockView view) {
        BlockView first = seen.get((int) number).view;
        List<ByteString> data = view.data();
        boolean same = first.header().equals(view.header()) && first.data().size() == data.size();
        for (int i = 0; same && i < data.size(); i++) {
            same = same(first.data().get(i), data.get(i));
        }
        return same;
    }

    /// Byte for byte; many bytes at a time, which [ByteString#equals] does not.
    static boolean same(ByteString one, ByteString other) {
        return one.asReadOnlyByteBuffer().equals(other.asReadOnlyByteBuffer());
    }
}
