package org.holdfast.channel;

import java.util.List;

/// A policy's answer.
///
/// @param satisfied whether the signatures are enough
/// @param reason why not, in Fabric's words, which clients match; empty when satisfied
/// @param dropped signatures that did not count and why, for the operator
public record PolicyVerdict(boolean satisfied, String reason, List<String> dropped) {
    static final PolicyVerdict YES = new PolicyVerdict(true, "", List.of());

    public PolicyVerdict {
        dropped = List.copyOf(dropped);
    }

    static PolicyVerdict no(String reason) {
        return new PolicyVerdict(false, reason, List.of());
    }

    PolicyVerdict withDropped(List<String> signatures) {
        return new PolicyVerdict(satisfied, reason, signatures);
    }
}
