package org.holdfast.order;

import java.util.List;
import java.util.function.Supplier;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.wire.MemberId;

/// What the leader looks at, on the loop.
///
/// @param now who leads
record LeaderView(Supplier<Leadership> now, Spine spine, Gate gate, LeaderRoute route) implements LeaderDuties.View {
    @Override
    public Leadership leadership() {
        return now.get();
    }

    @Override
    public long nextBlock() {
        return spine.cutter().nextBlock();
    }

    @Override
    public int pendingEnvelopes() {
        return spine.cutter().pendingCount();
    }

    @Override
    public boolean idle() {
        return gate.waiting() == 0 && route.isIdle();
    }

    @Override
    public List<MemberId> seats() {
        return spine.members();
    }
}
