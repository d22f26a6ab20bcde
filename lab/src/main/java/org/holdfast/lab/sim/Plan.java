package org.holdfast.lab.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.channel.BatchSize;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.order.OrdererSettings;

/// What a seed decides before anything happens: the channel, its nodes' settings, the load and the faults.
///
/// @param terms what the members agreed on
/// @param orderer local settings of ordering
/// @param ledger local settings of the ledger
/// @param load what clients send
/// @param malice what the log and the links do to records, in permille
/// @param faults what happens to nodes
record Plan(
        long seed,
        Charter.Terms terms,
        OrdererSettings orderer,
        LedgerSettings ledger,
        Load load,
        Malice malice,
        Faults faults) {
    private static final int MB = 1 << 20;
    private static final long UPDATES = 0xc0f1;
    /// Dear: every node makes a whole config of each.
    private static final int UPDATES_PERMILLE = 30;
    private static final int UPDATES_MAX = 4;

    /// @param envelopes how many, over all nodes
    /// @param span from the first to about the last, ns
    /// @param bytesMax data of an ordinary one
    /// @param large share that does not fit into one record, permille
    /// @param forged share with a broken signature, permille
    /// @param updates how often the channel's config is changed, besides
    record Load(int envelopes, long span, int bytesMax, int large, int forged, int updates) {}

    /// Of a leader's appends: refused; lost without a word; committed while the answer says it is unknown; committed
    /// late, after such an answer; put before the one appended before; answered after seconds. Of the links:
    /// requests or answers lost.
    record Malice(int refused, int lost, int unknown, int late, int swapped, int slow, int links) {
        static final Malice NONE = new Malice(0, 0, 0, 0, 0, 0, 0);
    }

    /// @param gap between two faults on average, ns; 0 = none
    /// @param weights how often each of [Fault] is chosen, against the others
    record Faults(long gap, List<Integer> weights) {}

    int members() {
        return terms.members();
    }

    static Plan of(long seed) {
        Dice dice = new Dice(seed);
        int members = dice.permille(150) ? 5 : 3;
        int preferred = dice.one(1_600, 4_000, 20_000, 2 * MB);
        int messages = dice.one(1, 2, 3, 5, 10, 50);
        Charter.Terms terms = new Charter.Terms(
                members,
                new BatchSize(messages, 10 * MB, preferred),
                Duration.ofMillis(dice.one(20, 100, 500)),
                dice.one(1, 6_000, 40_000));
        OrdererSettings orderer = new OrdererSettings(
                !dice.permille(200),
                Duration.ofMillis(dice.one(1, 5, 10, 40)),
                Duration.ofMillis(dice.one(200, 1_000, 3_000, 10_000)),
                true);
        LedgerSettings ledger = new LedgerSettings(dice.one(4_096, 20_000, 1 << 20), dice.one(0, 4_000, 4 << 20));
        Load load = new Load(
                (int) dice.between(3, 60),
                dice.between(20, 1_200) * Timeline.MILLI,
                dice.one(10, 300, 3_000),
                dice.permille(8) ? 40 : 0,
                dice.permille(300) ? 50 : 0,
                updates(seed));
        return new Plan(seed, terms, orderer, ledger, load, malice(dice), faults(dice, load.span));
    }

    /// A dice of its own: the other schedules are the same as if there were no updates.
    private static int updates(long seed) {
        Dice dice = new Dice(seed ^ UPDATES);
        return dice.permille(UPDATES_PERMILLE) ? 1 + dice.below(UPDATES_MAX) : 0;
    }

    private static Malice malice(Dice dice) {
        if (dice.permille(100)) {
            return Malice.NONE;
        }
        return new Malice(
                dice.one(0, 20, 100),
                dice.one(0, 20, 100),
                dice.one(0, 30, 150),
                dice.one(0, 30, 150),
                dice.one(0, 20, 100),
                dice.one(0, 0, 20),
                dice.one(0, 20, 150));
    }

    private static Faults faults(Dice dice, long span) {
        List<Integer> weights = new ArrayList<>();
        for (Fault _ : Fault.values()) {
            weights.add(dice.coin() ? 0 : 1 + dice.below(6));
        }
        return new Faults(dice.permille(60) ? 0 : span / dice.between(1, 14), List.copyOf(weights));
    }
}
