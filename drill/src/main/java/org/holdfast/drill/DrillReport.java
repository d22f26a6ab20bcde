package org.holdfast.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a drill found.
///
/// @param plan what was done
/// @param verdict of the judge
/// @param events faults carried out
/// @param timings how the nodes coped
public record DrillReport(DrillPlan plan, Verdict verdict, List<Event> events, Timings timings) {
    public DrillReport {
        events = List.copyOf(events);
    }

    /// @param atMillis since the drill began
    public record Event(long atMillis, Fault fault, String text) {}

    /// @param lasted from the first fault to the end of the load
    /// @param longestGap between two acknowledgements to anybody
    /// @param leaders from kill -9 of a leader until another node says it leads
    /// @param service from kill -9 of a leader until an envelope that was sent after it is acknowledged
    public record Timings(Duration lasted, Duration longestGap, List<Duration> leaders, List<Duration> service) {
        public Timings {
            leaders = leaders.stream().sorted().toList();
            service = service.stream().sorted().toList();
        }
    }

    /// Whether every promise was kept.
    public boolean passed() {
        return verdict.passed();
    }

    /// The report in Markdown.
    public String markdown() {
        Verdict.Counts counts = verdict.counts();
        List<String> lines = new ArrayList<>();
        lines.add("# Fault drill: " + (passed() ? "passed" : "FAILED"));
        lines.add("");
        lines.add("%s with faults, seed %d, %d clients, %d envelopes a second of %d bytes."
                .formatted(
                        seconds(timings.lasted),
                        plan.seed(),
                        plan.clients(),
                        plan.ratePerSecond(),
                        plan.payloadBytes()));
        lines.add("Machine: %d cores, %d MB for the drill's JVM, JDK %s, %s."
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.getRuntime().maxMemory() >> 20,
                        Runtime.version(),
                        System.getProperty("os.name", "")));
        lines.add("");
        lines.add("| | |");
        lines.add("|---|---:|");
        row(lines, "envelopes sent", counts.sent());
        row(lines, "acknowledged", counts.acknowledged());
        row(lines, "refused", counts.refused());
        row(lines, "unknown (stream broke, or the answer said so)", counts.unknown());
        row(lines, "**acknowledged and lost**", counts.lost());
        row(lines, "**applied twice**", counts.duplicated());
        row(lines, "ordered", counts.ordered());
        row(lines, "blocks", counts.blocks());
        row(lines, "faults carried out", events.size());
        row(lines, "processes killed", kills());
        lines.add("| longest time without any acknowledgement | %s |".formatted(seconds(timings.longestGap)));
        lines.add(
                "| kill -9 of the leader to a new leader, min / median / max | %s |".formatted(three(timings.leaders)));
        lines.add("| ... to the first envelope sent and acknowledged | %s |".formatted(three(timings.service)));
        lines.add("");
        if (!passed()) {
            lines.add("## What must not be");
            lines.add("");
            verdict.faults().forEach(fault -> lines.add("- " + fault));
            lines.add("");
        }
        lines.add("## Faults");
        lines.add("");
        lines.add("| at | fault | |");
        lines.add("|---:|---|---|");
        for (Event event : events) {
            lines.add("| %s | %s | %s |"
                    .formatted(
                            seconds(Duration.ofMillis(event.atMillis)),
                            event.fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                            event.text));
        }
        lines.add("");
        return String.join("\n", lines);
    }

    private long kills() {
        int nodes = 3;
        return events.stream()
                .mapToLong(event -> switch (event.fault) {
                    case KILL_ALL -> nodes;
                    case KILL_LEADER, KILL_STALLED_LEADER, KILL_FOLLOWER, CUT_BLOCKS -> 1;
                    case PAUSE_LEADER, PAUSE_FOLLOWER, TRANSFER -> 0;
                })
                .sum();
    }

    private static void row(List<String> lines, String name, long value) {
        lines.add("| %s | %,d |".formatted(name, value));
    }

    private static String three(List<Duration> sorted) {
        if (sorted.isEmpty()) {
            return "-";
        }
        return "%s / %s / %s (%d)"
                .formatted(
                        seconds(sorted.getFirst()),
                        seconds(sorted.get(sorted.size() / 2)),
                        seconds(sorted.getLast()),
                        sorted.size());
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f s", time.toMillis() / 1000.0);
    }
}
