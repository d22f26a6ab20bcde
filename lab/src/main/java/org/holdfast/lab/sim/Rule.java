package org.holdfast.lab.sim;

import java.util.List;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Position;

/// One promise, watched while a schedule runs. What breaks it throws a [Violation].
interface Rule {
    /// Envelopes were committed, in the log's order.
    default void committed(Script.Line line) {}

    /// A node has a block that none had before it. Told before [#appended].
    default void first(SimNode node, StoredBlock block, BlockView view) {}

    /// A node has a block more: its next one, or again from block 0 on after a restart.
    default void appended(SimNode node, StoredBlock block, BlockView view) {}

    /// A node answered.
    default void answered(SimNode node, Sent sent) {}

    /// A process has opened its ledger.
    default void opened(SimNode node, Ledger ledger) {}

    /// A process reads the log from after a record on.
    default void resumes(int node, Position after) {}

    /// A node's position after it fetched blocks.
    default void reached(int node, Position position, long firstAvailable) {}

    /// A node's process is over; its last state can still be seen.
    default void ended(SimNode node) {}

    /// After each step.
    default void step() {}

    /// Everything is quiet and all nodes run.
    default void done() {}

    /// All rules, for one schedule.
    ///
    /// @param chain one of them, whose blocks the others may look up
    static List<Rule> all(Scene scene, OneChain chain) {
        return List.of(
                new OnlyOffered(scene),
                new ChainHolds(scene),
                chain,
                new FollowsTheLog(scene),
                new ResumeExact(scene),
                new CutLimits(scene),
                new SameConfig(scene),
                new OfferOrder(scene),
                new AcknowledgedIsCommitted(scene),
                new AcknowledgedStays(scene, chain),
                new RefusedStaysOut(scene),
                new PurgeBehindDisk(scene),
                new RestartKeeps(scene),
                new HeightsGrow(scene));
    }
}
