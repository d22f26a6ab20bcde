package org.holdfast.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a plan is judged by. The id of a rule is part of the interface: plans accept a broken rule by it.
enum PlanRule {
    /// Raft needs three consenters to survive the loss of one, BFT four.
    LEAST_CONSENTERS(true),
    /// 2F+1 with Raft, 3F+1 with BFT: one more costs and protects from nothing.
    CONSENTER_COUNT(true),
    /// No zone holds more than the F consenters that may fail.
    ZONE_SHARE(true),
    /// After the loss of any one zone the votes left, by weight, are a quorum.
    ZONE_LOSS(true),
    /// An organisation that orders has at least two nodes.
    ORGANIZATION_NODES(true),
    /// No organisation can order, or stop the ordering, without the others.
    VOTE_SHARE(false),
    /// Organisations of many nodes keep some of them as observers.
    OBSERVERS(false),
    /// The consenters of a channel run on different hosts.
    SHARED_HOST(false);

    private final boolean error;

    PlanRule(boolean error) {
        this.error = error;
    }

    /// Whether a plan that breaks the rule is refused unless it accepts that.
    boolean error() {
        return error;
    }

    /// E.g. `zone-loss`.
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<PlanRule> named(String id) {
        return Arrays.stream(values()).filter(rule -> rule.id().equals(id)).findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(PlanRule::id).collect(Collectors.joining(", "));
    }
}
