package org.holdfast.lab.sim;

import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.holdfast.wire.proto.Progress;

/// A block's metadata say exactly where in the log it ends: which record is used up, which one is in progress and how
/// many of its envelopes are taken. Positions have the terms of the log; time does not go back.
final class ResumeExact implements Rule {
    private final Scene scene;
    private int count;
    private long timeMillis;

    ResumeExact(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        if (block.number() == 0) {
            return;
        }
        count += view.data().size();
        ConsenterMetadata metadata = Metadatas.progress(Metadatas.consenter(view));
        Progress progress = metadata.getProgress();
        long consumed = index(progress.getConsumed());
        List<Script.Line> lines = scene.script().lines();
        Script.Line last = lines.get(count - 1);
        boolean more = count < lines.size();
        boolean exact;
        if (progress.hasCurrent()) {
            Script.Line next = more ? lines.get(count) : last;
            exact = more
                    && next.index() == index(progress.getCurrent())
                    && next.ordinal() == progress.getTaken()
                    && consumed < next.index();
        } else {
            exact = last.index() <= consumed
                    && (!more || lines.get(count).index() > consumed)
                    && progress.getTaken() == 0;
        }
        if (!exact || progress.getTimeMillis() < timeMillis) {
            throw Violation.of(
                    ResumeExact.class,
                    "%s: block %d ends with %s, says %s",
                    node,
                    block.number(),
                    Charter.names(List.of(last.envelope())),
                    progress);
        }
        timeMillis = progress.getTimeMillis();
    }

    @Override
    public void resumes(int node, Position after) {
        check(after);
    }

    @Override
    public void reached(int node, Position position, long firstAvailable) {
        check(position);
        if (position.index() < firstAvailable - 1) {
            throw Violation.of(
                    ResumeExact.class, "node %d: caught up to %s, wanted %d", node, position, firstAvailable - 1);
        }
    }

    private long index(org.holdfast.wire.proto.Position position) {
        check(new Position(position.getTerm(), position.getIndex()));
        return position.getIndex();
    }

    private void check(Position position) {
        if (position.index() == 0) {
            return;
        }
        List<SimLog.Item> items = scene.log().items();
        boolean there = position.index() <= items.size()
                && items.get((int) position.index() - 1).position().equals(position);
        if (!there) {
            throw Violation.of(ResumeExact.class, "%s is no position of the log", position);
        }
    }
}
