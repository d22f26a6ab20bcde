package org.holdfast.drill;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.holdfast.drill.DrillResult.Figures;
import org.holdfast.drill.DrillResult.Judgement;
import org.holdfast.drill.DrillResult.Phase;
import org.holdfast.env.World;
import org.holdfast.node.Version;

/// The report of one or more drills, as an operator files it. Its shape is also that of the command's JSON.
///
/// @param date in UTC, ISO 8601
/// @param version of the program
/// @param commit it was built from; empty when not known
/// @param machine it ran on
/// @param verdict FAILED when one drill failed, SKIPPED when none could be run, else PASSED
public record Filing(
        String date, String version, String commit, String machine, Judgement verdict, List<DrillResult> drills) {
    public Filing {
        drills = List.copyOf(drills);
    }

    /// The report of drills that were run now.
    ///
    /// @param noSkip whether a skipped drill is a failure
    public static Filing of(World world, List<DrillResult> drills, boolean noSkip) {
        boolean failed = drills.stream().anyMatch(drill -> drill.verdict() == Judgement.FAILED);
        long skipped = drills.stream()
                .filter(drill -> drill.verdict() == Judgement.SKIPPED)
                .count();
        Judgement verdict = failed || (noSkip && skipped > 0)
                ? Judgement.FAILED
                : skipped == drills.size() ? Judgement.SKIPPED : Judgement.PASSED;
        String machine = "%s %s, %d cores, JDK %s"
                .formatted(
                        System.getProperty("os.name", ""),
                        System.getProperty("os.version", ""),
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.version());
        return new Filing(
                Instant.ofEpochMilli(world.clock().wallMillis()).toString(),
                Version.text(),
                Version.commit(),
                machine,
                verdict,
                drills);
    }

    /// The report in Markdown.
    public String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("# Holdfast drills: " + verdict);
        lines.add("");
        lines.add("- date: " + date);
        lines.add("- version: " + version + (commit.isEmpty() ? "" : " (" + commit + ")"));
        lines.add("- machine: " + machine);
        lines.add("");
        lines.add("| drill | verdict | acknowledged | lost | duplicated | refused | without service | new leader |");
        lines.add("|---|---|---:|---:|---:|---:|---:|---:|");
        drills.forEach(drill -> lines.add(row(drill)));
        lines.add("");
        drills.forEach(drill -> tell(lines, drill));
        return String.join("\n", lines);
    }

    /// One drill's figures, in words for a terminal.
    public static List<String> summary(DrillResult drill) {
        List<String> lines = new ArrayList<>();
        lines.add(drill.drill() + ": " + drill.verdict());
        drill.reasons().forEach(reason -> lines.add("  " + reason));
        if (drill.verdict() != Judgement.SKIPPED) {
            Verdict.Counts counts = drill.figures().counts();
            lines.add("  acknowledged %,d, lost %s, duplicated %,d, refused %,d, unknown %,d"
                    .formatted(
                            counts.acknowledged(),
                            lost(counts),
                            counts.duplicated(),
                            counts.refused(),
                            counts.unknown()));
            lines.add("  longest time without service %,d ms, to a new leader %s, copies %s"
                    .formatted(
                            drill.figures().serviceGapMillis(),
                            leaders(drill.figures()),
                            drill.figures().headersEqual() ? "equal" : "NOT equal"));
        }
        if (!drill.logs().isEmpty()) {
            lines.add("  logs and data of the nodes: " + drill.logs());
        }
        return lines;
    }

    private static String row(DrillResult drill) {
        Figures figures = drill.figures();
        if (drill.verdict() == Judgement.SKIPPED) {
            return "| %s | SKIPPED | | | | | | |".formatted(drill.drill());
        }
        return "| %s | %s | %,d | %s | %,d | %,d | %,d ms | %s |"
                .formatted(
                        drill.drill(),
                        drill.verdict(),
                        figures.counts().acknowledged(),
                        lost(figures.counts()),
                        figures.counts().duplicated(),
                        figures.counts().refused(),
                        figures.serviceGapMillis(),
                        leaders(figures));
    }

    private static void tell(List<String> lines, DrillResult drill) {
        lines.add("## " + drill.drill() + ": " + drill.verdict());
        lines.add("");
        lines.add(drill.summary() + ". Began " + drill.began() + ".");
        lines.add("");
        if (!drill.reasons().isEmpty()) {
            drill.reasons().forEach(reason -> lines.add("- " + reason));
            lines.add("");
        }
        if (drill.verdict() == Judgement.SKIPPED) {
            return;
        }
        lines.add("| at | what |");
        lines.add("|---:|---|");
        drill.steps().forEach(step -> lines.add("| %s | %s |".formatted(seconds(step.atMillis()), step.text())));
        lines.add("");
        lines.add("| | |");
        lines.add("|---|---:|");
        figures(lines, drill.figures());
        lines.add("");
        lines.add("| phase | lasted | acknowledged | median answer |");
        lines.add("|---|---:|---:|---:|");
        for (Phase phase : drill.figures().phases()) {
            String median = phase.medianMillis() < 0 ? "-" : phase.medianMillis() + " ms";
            lines.add("| %s | %s | %,d | %s |"
                    .formatted(phase.name(), seconds(phase.lastedMillis()), phase.acknowledged(), median));
        }
        lines.add("");
        lines.add(
                drill.logs().isEmpty()
                        ? "The nodes' logs and data are deleted (`--keep` keeps them)."
                        : "The nodes' logs and data: `" + drill.logs() + "`.");
        lines.add("");
    }

    private static void figures(List<String> lines, Figures figures) {
        Verdict.Counts counts = figures.counts();
        row(lines, "nodes", figures.nodes());
        row(lines, "envelopes sent", counts.sent());
        row(lines, "acknowledged", counts.acknowledged());
        row(lines, "refused", counts.refused());
        row(lines, "unknown (stream broke, or the answer said so)", counts.unknown());
        lines.add("| **acknowledged and lost** | %s |".formatted(lost(counts)));
        row(lines, "**applied twice**", counts.duplicated());
        row(lines, "ordered", counts.ordered());
        row(lines, "blocks", counts.blocks());
        lines.add("| longest time without an acknowledgement | %,d ms |".formatted(figures.serviceGapMillis()));
        lines.add("| fault to a new leader | %s |".formatted(leaders(figures)));
        lines.add("| fault to an envelope sent after it and acknowledged | %s |"
                .formatted(figures.backInServiceMillis() < 0 ? "-" : figures.backInServiceMillis() + " ms"));
        lines.add("| copies of all nodes equal | %s |".formatted(figures.headersEqual() ? "yes" : "**no**"));
    }

    private static void row(List<String> lines, String name, long value) {
        lines.add("| %s | %,d |".formatted(name, value));
    }

    private static String lost(Verdict.Counts counts) {
        return counts.lost() == Verdict.Counts.NOT_JUDGED ? "not judged" : "%,d".formatted(counts.lost());
    }

    private static String leaders(Figures figures) {
        return figures.newLeaderMillis().isEmpty()
                ? "-"
                : figures.newLeaderMillis().stream()
                        .map(millis -> millis + " ms")
                        .collect(Collectors.joining(", "));
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.3f s", millis / 1000.0);
    }
}
