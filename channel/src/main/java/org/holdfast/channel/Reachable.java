package org.holdfast.channel;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.holdfast.identity.Principal;

/// Whether anybody at all could satisfy a config's policies: every organisation is taken to have as many members in
/// every role as it can have. What this calls out of reach is so; what is in reach may still need a certificate that
/// nobody has issued.
///
/// @param can whether somebody could be whom a principal of one MSP means
record Reachable(Predicate<Principal> can) {
    /// With the members of a config's organisations.
    ///
    /// @param counts which organisations' members count
    static Reachable in(ChannelConfig config, Predicate<Organization> counts) {
        Map<String, List<Organization>> byMsp = new TreeMap<>();
        config.organizations().stream()
                .filter(counts)
                .forEach(org -> byMsp.merge(
                        org.msp().id(),
                        List.of(org),
                        (one, other) -> java.util.stream.Stream.concat(one.stream(), other.stream())
                                .toList()));
        return new Reachable(principal -> switch (principal) {
            case Principal.Member member -> byMsp.containsKey(member.mspId());
            case Principal.InRole role ->
                byMsp.getOrDefault(role.mspId(), List.of()).stream()
                        .anyMatch(org -> org.msp().knows(role.role()));
            case Principal.InUnit unit -> byMsp.containsKey(unit.mspId());
            case Principal.Exactly exactly -> byMsp.containsKey(exactly.mspId());
            // Taken apart in whom(): a combination asks each of its parts.
            case Principal.AllOf _, Principal.Nominal _ -> true;
            case Principal.Nobody _ -> false;
        });
    }

    /// Whether a policy of a config could be satisfied.
    ///
    /// @param path absolute
    boolean policy(ChannelConfig config, String path) {
        return PolicyGroup.at(config.policies(), path)
                .filter(group -> policy(group, path.substring(path.lastIndexOf('/') + 1)))
                .isPresent();
    }

    /// Whether a policy of a group could be satisfied.
    boolean policy(PolicyGroup group, String name) {
        return switch (group.policies().get(name)) {
            case null -> false;
            case Policy.BySignature signature -> node(signature.root());
            case Policy.OfGroups groups -> {
                int needed = groups.rule().needed(group.groups().size());
                long found = group.groups().values().stream()
                        .filter(below -> policy(below, groups.name()))
                        .count();
                yield found >= needed;
            }
            case Policy.Unknown _ -> false;
        };
    }

    private boolean node(Policy.Node node) {
        return switch (node) {
            case Policy.SignedBy signed -> whom(signed.principal());
            case Policy.AtLeast atLeast ->
                atLeast.rules().stream().filter(this::node).count() >= atLeast.n();
        };
    }

    private boolean whom(Principal principal) {
        return principal instanceof Principal.AllOf all
                ? all.principals().stream().allMatch(this::whom)
                : can.test(principal);
    }
}
