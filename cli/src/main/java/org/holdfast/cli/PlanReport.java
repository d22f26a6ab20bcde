package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A [PlanCheck] for people and for programs.
final class PlanReport {
    private PlanReport() {}

    /// Lines of text: the rules, then a table per set of consenters.
    static List<String> lines(PlanCheck check) {
        List<String> lines = new ArrayList<>();
        boolean several = check.quorums().size() > 1;
        for (PlanCheck.Finding finding : check.findings()) {
            String about =
                    several && !finding.channels().isEmpty() ? " [" + String.join(", ", finding.channels()) + "]" : "";
            lines.add("%-8s %-19s %s%s"
                    .formatted(verdict(check, finding), finding.rule().id(), finding.text(), about));
            if (!finding.passed() && check.accepts(finding)) {
                lines.add("%-8s %-19s accepted: %s"
                        .formatted(
                                "",
                                "",
                                check.blueprint().accepted().get(finding.rule().id())));
            }
        }
        check.acceptedInVain()
                .forEach(rule -> lines.add(
                        "%-8s %-19s is accepted although it holds; take it out of 'accept'".formatted("note", rule)));
        for (Quorum quorum : check.quorums()) {
            lines.add("");
            lines.add("%s: %d consenters, quorum %d of %d, %d may fail"
                    .formatted(
                            quorum.channels().isEmpty()
                                    ? "no channel yet"
                                    : "channel " + String.join(", ", quorum.channels()),
                            quorum.consenters().size(),
                            quorum.needed(),
                            quorum.weight(),
                            quorum.mayFail()));
            lines.add("%-16s %-10s %-10s %s".formatted("LOST ZONE", "VOTES LEFT", "NEEDED", "A QUORUM IS LEFT"));
            for (Quorum.Part zone : quorum.zones()) {
                lines.add("%-16s %-10d %-10d %s"
                        .formatted(zone.name(), zone.left(), quorum.needed(), quorum.survives(zone) ? "yes" : "NO"));
            }
        }
        return lines;
    }

    private static String verdict(PlanCheck check, PlanCheck.Finding finding) {
        if (finding.passed()) {
            return "pass";
        }
        if (check.accepts(finding)) {
            return "accepted";
        }
        return finding.rule().error() ? "ERROR" : "warning";
    }

    /// The same as one object: `network`, `engine`, `ok`, `rules[]`, `quorums[]`.
    static ObjectNode json(PlanCheck check) {
        ObjectNode object = Json.object()
                .put("network", check.blueprint().name())
                .put("engine", check.blueprint().engine().name().toLowerCase(Locale.ROOT))
                .put("ok", check.errors().isEmpty());
        ArrayNode rules = object.putArray("rules");
        for (PlanCheck.Finding finding : check.findings()) {
            ObjectNode rule = rules.addObject()
                    .put("rule", finding.rule().id())
                    .put("severity", finding.rule().error() ? "error" : "warning")
                    .put("passed", finding.passed())
                    .put("text", finding.text());
            rule.set("channels", Json.tree(finding.channels()));
            rule.set("offenders", Json.tree(finding.offenders()));
            if (!finding.passed() && check.accepts(finding)) {
                rule.put(
                        "accepted",
                        check.blueprint().accepted().get(finding.rule().id()));
            }
        }
        ArrayNode quorums = object.putArray("quorums");
        for (Quorum quorum : check.quorums()) {
            ObjectNode one = quorums.addObject();
            one.set("channels", Json.tree(quorum.channels()));
            one.put("consenters", quorum.consenters().size())
                    .put("votes", quorum.weight())
                    .put("quorum", quorum.needed())
                    .put("mayFail", quorum.mayFail());
            parts(one.putArray("zones"), quorum, quorum.zones());
            parts(one.putArray("organizations"), quorum, quorum.organizations());
        }
        return object;
    }

    private static void parts(ArrayNode array, Quorum quorum, List<Quorum.Part> parts) {
        for (Quorum.Part part : parts) {
            ObjectNode one = array.addObject()
                    .put("name", part.name())
                    .put("votes", part.weight())
                    .put("votesLeft", part.left())
                    .put("leavesQuorum", quorum.survives(part));
            one.set("nodes", Json.tree(part.nodes()));
        }
    }
}
