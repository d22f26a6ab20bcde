package org.holdfast.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.holdfast.identity.OrganizationPlan;

/// Judges a blueprint by the rules of a deployment that survives what it is built to survive.
///
/// Source of the rules: FISCO BCOS' deployment rules (3F+1, at most F per region, two nodes per agency, observers,
/// agreed weights); for crash faults 2F+1 in place of 3F+1.
///
/// @param quorums one per distinct set of consenters
/// @param findings by rule, and by quorum where a rule looks at one
record PlanCheck(Blueprint blueprint, List<Quorum> quorums, List<Finding> findings) {
    private static final int RAFT_LEAST = 3;
    private static final int BFT_LEAST = 4;
    private static final int NODES_PER_ORGANIZATION = 2;
    /// An organisation with this many consenters and no observer is asked whether it needs them all.
    private static final int MANY = 4;

    /// What a rule says.
    ///
    /// @param channels it is about; empty: the whole plan
    /// @param offenders zones, organisations, hosts or nodes
    /// @param text what is so, and what it means
    record Finding(PlanRule rule, List<String> channels, boolean passed, List<String> offenders, String text) {}

    static PlanCheck of(Blueprint blueprint) {
        Map<List<String>, List<Blueprint.Channel>> bySeats = new LinkedHashMap<>();
        for (Blueprint.Channel channel : blueprint.channels()) {
            List<String> names = channel.consenters().stream()
                    .map(Blueprint.Node::name)
                    .sorted()
                    .toList();
            bySeats.computeIfAbsent(names, _ -> new ArrayList<>()).add(channel);
        }
        List<Quorum> quorums = new ArrayList<>();
        bySeats.values()
                .forEach(channels -> quorums.add(new Quorum(
                        blueprint.engine(),
                        channels.stream().map(Blueprint.Channel::name).toList(),
                        channels.getFirst().consenters())));
        if (quorums.isEmpty()) {
            quorums.add(new Quorum(
                    blueprint.engine(),
                    List.of(),
                    blueprint.nodes().stream()
                            .filter(node -> node.role() == Blueprint.Role.CONSENTER)
                            .toList()));
        }
        List<Finding> findings = new ArrayList<>();
        for (Quorum quorum : quorums) {
            findings.add(leastConsenters(quorum));
            findings.add(consenterCount(quorum));
            findings.add(zoneShare(quorum));
            findings.add(zoneLoss(quorum));
            findings.add(voteShare(quorum));
            findings.add(sharedHost(quorum));
        }
        findings.add(organizationNodes(blueprint));
        findings.add(observers(blueprint));
        findings.sort(Comparator.comparing(Finding::rule));
        return new PlanCheck(blueprint, List.copyOf(quorums), List.copyOf(findings));
    }

    /// Whether the plan accepts that this rule is broken.
    boolean accepts(Finding finding) {
        return blueprint.accepted().containsKey(finding.rule().id());
    }

    /// Broken rules that refuse the plan.
    List<Finding> errors() {
        return findings.stream()
                .filter(finding -> !finding.passed() && finding.rule().error() && !accepts(finding))
                .toList();
    }

    /// Rules the plan accepts to break although they hold.
    List<String> acceptedInVain() {
        return blueprint.accepted().keySet().stream()
                .filter(rule -> findings.stream()
                        .noneMatch(finding -> finding.rule().id().equals(rule) && !finding.passed()))
                .toList();
    }

    private static Finding leastConsenters(Quorum quorum) {
        int least = quorum.engine() == Blueprint.Engine.RAFT ? RAFT_LEAST : BFT_LEAST;
        int count = quorum.consenters().size();
        return new Finding(
                PlanRule.LEAST_CONSENTERS,
                quorum.channels(),
                count >= least,
                List.of(),
                "%d consenters; at least %d survive the failure of one".formatted(count, least));
    }

    private static Finding consenterCount(Quorum quorum) {
        int count = quorum.consenters().size();
        int failures = quorum.mayFail();
        boolean raft = quorum.engine() == Blueprint.Engine.RAFT;
        int wanted = raft ? 2 * failures + 1 : 3 * failures + 1;
        return new Finding(
                PlanRule.CONSENTER_COUNT,
                quorum.channels(),
                count == wanted,
                List.of(),
                count == wanted
                        ? "%d consenters, %d may fail".formatted(count, failures)
                        : "%d consenters survive the failure of %d, as %d do: take %d or %d"
                                .formatted(count, failures, wanted, wanted, wanted + (raft ? 2 : 3)));
    }

    private static Finding zoneShare(Quorum quorum) {
        List<String> over = quorum.zones().stream()
                .filter(zone -> zone.nodes().size() > quorum.mayFail())
                .map(Quorum.Part::name)
                .toList();
        return new Finding(
                PlanRule.ZONE_SHARE,
                quorum.channels(),
                over.isEmpty(),
                over,
                over.isEmpty()
                        ? "no zone holds more than the %d consenters that may fail".formatted(quorum.mayFail())
                        : "%s: more consenters than the %d that may fail"
                                .formatted(
                                        quorum.zones().stream()
                                                .filter(zone -> over.contains(zone.name()))
                                                .map(zone -> "zone %s holds %d (%s)"
                                                        .formatted(
                                                                zone.name(),
                                                                zone.nodes().size(),
                                                                String.join(", ", zone.nodes())))
                                                .collect(Collectors.joining(", ")),
                                        quorum.mayFail()));
    }

    private static Finding zoneLoss(Quorum quorum) {
        List<String> fatal = quorum.zones().stream()
                .filter(zone -> !quorum.survives(zone))
                .map(Quorum.Part::name)
                .toList();
        return new Finding(
                PlanRule.ZONE_LOSS,
                quorum.channels(),
                fatal.isEmpty(),
                fatal,
                fatal.isEmpty()
                        ? "the loss of any one zone leaves a quorum"
                        : "without zone %s no quorum is left (%d of %d votes needed)"
                                .formatted(String.join(" or ", fatal), quorum.needed(), quorum.weight()));
    }

    private static Finding organizationNodes(Blueprint blueprint) {
        List<String> small = new ArrayList<>();
        for (Blueprint.Org org : blueprint.organizations()) {
            long nodes = blueprint.nodes().stream()
                    .filter(node -> node.organization().equals(org))
                    .count();
            if (org.kind() == OrganizationPlan.Kind.ORDERER && nodes < NODES_PER_ORGANIZATION) {
                small.add(org.name());
            }
        }
        return new Finding(
                PlanRule.ORGANIZATION_NODES,
                List.of(),
                small.isEmpty(),
                small,
                small.isEmpty()
                        ? "every organisation that orders has at least %d nodes".formatted(NODES_PER_ORGANIZATION)
                        : "%s has fewer than %d nodes: the failure of one takes it out"
                                .formatted(String.join(", ", small), NODES_PER_ORGANIZATION));
    }

    private static Finding voteShare(Quorum quorum) {
        List<Quorum.Part> organizations = quorum.organizations();
        List<String> strong = organizations.size() < 2
                ? List.of()
                : organizations.stream()
                        .filter(org -> !quorum.survives(org))
                        .map(Quorum.Part::name)
                        .toList();
        String shares = organizations.stream()
                .map(org -> "%s %d of %d".formatted(org.name(), org.weight(), quorum.weight()))
                .collect(Collectors.joining(", "));
        return new Finding(
                PlanRule.VOTE_SHARE,
                quorum.channels(),
                strong.isEmpty(),
                strong,
                strong.isEmpty()
                        ? "votes: " + shares
                        : "without %s nothing is ordered; make sure the parties agreed on the votes: %s"
                                .formatted(String.join(" or ", strong), shares));
    }

    private static Finding observers(Blueprint blueprint) {
        List<String> without = new ArrayList<>();
        for (Blueprint.Org org : blueprint.organizations()) {
            List<Blueprint.Role> roles = blueprint.nodes().stream()
                    .filter(node -> node.organization().equals(org))
                    .map(Blueprint.Node::role)
                    .toList();
            if (roles.size() >= MANY && !roles.contains(Blueprint.Role.OBSERVER)) {
                without.add(org.name());
            }
        }
        return new Finding(
                PlanRule.OBSERVERS,
                List.of(),
                without.isEmpty(),
                without,
                without.isEmpty()
                        ? "no organisation has %d or more nodes that all order".formatted(MANY)
                        : "all nodes of %s order; each more costs every block, observers cost the readers only"
                                .formatted(String.join(", ", without)));
    }

    private static Finding sharedHost(Quorum quorum) {
        List<Quorum.Part> shared =
                quorum.hosts().stream().filter(host -> host.nodes().size() > 1).toList();
        return new Finding(
                PlanRule.SHARED_HOST,
                quorum.channels(),
                shared.isEmpty(),
                shared.stream().map(Quorum.Part::name).toList(),
                shared.isEmpty()
                        ? "every consenter has a host of its own"
                        : shared.stream()
                                .map(host ->
                                        "%s run on host %s".formatted(String.join(", ", host.nodes()), host.name()))
                                .collect(Collectors.joining("; ")));
    }
}
