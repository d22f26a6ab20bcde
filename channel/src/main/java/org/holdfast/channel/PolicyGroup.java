package org.holdfast.channel;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.identity.Identity;
import org.jspecify.annotations.Nullable;

/// The policies of one group of the config tree and of the groups below it. Immutable.
record PolicyGroup(Map<String, Policy> policies, Map<String, PolicyGroup> groups) {
    PolicyGroup {
        policies = new TreeMap<>(policies);
        groups = new TreeMap<>(groups);
    }

    /// Whether the identities, each of which has validly signed, satisfy a policy of this group.
    PolicyVerdict evaluate(String name, List<Identity> identities) {
        @Nullable Policy policy = policies.get(name);
        return switch (policy) {
            case null -> PolicyVerdict.no("there is no policy '%s'".formatted(name));
            case Policy.BySignature bySignature ->
                bySignature.root().holds(identities, new BitSet())
                        ? PolicyVerdict.YES
                        : PolicyVerdict.no("signature set did not satisfy policy");
            case Policy.OfGroups ofGroups -> ofGroups(ofGroups, identities);
            case Policy.Unknown unknown ->
                PolicyVerdict.no("policy '%s' is of the unknown type %d".formatted(name, unknown.type()));
        };
    }

    private PolicyVerdict ofGroups(Policy.OfGroups policy, List<Identity> identities) {
        int needed = policy.rule().needed(groups.size());
        int satisfied = 0;
        for (PolicyGroup group : groups.values()) {
            if (satisfied < needed && group.evaluate(policy.name(), identities).satisfied()) {
                satisfied++;
            }
        }
        return satisfied >= needed
                ? PolicyVerdict.YES
                : PolicyVerdict.no(
                        ("implicit policy evaluation failed - %d sub-policies were satisfied, but this policy"
                                        + " requires %d of the '%s' sub-policies to be satisfied")
                                .formatted(satisfied, needed, policy.name()));
    }

    /// The group in which a policy of this path would stand, under `/Channel`; empty when there is none.
    static Optional<PolicyGroup> at(PolicyGroup root, String policy) {
        String[] names = policy.split("/", -1);
        PolicyGroup group = names.length < 3 || !names[1].equals("Channel") ? null : root;
        for (int i = 2; group != null && i < names.length - 1; i++) {
            group = group.groups().get(names[i]);
        }
        return Optional.ofNullable(group);
    }

    /// Notes the policies that nobody can ever satisfy, here and below.
    void unusable(String path, List<String> found) {
        policies.forEach((name, policy) -> {
            switch (policy) {
                case Policy.Unknown unknown ->
                    found.add("%s/%s, of the unknown type %d".formatted(path, name, unknown.type()));
                case Policy.OfGroups ofGroups -> {
                    if (ofGroups.rule() == Policy.Rule.UNKNOWN) {
                        found.add("%s/%s, which has an unknown rule".formatted(path, name));
                    }
                }
                case Policy.BySignature _ -> {}
            }
        });
        groups.forEach((name, group) -> group.unusable(path + "/" + name, found));
    }
}
