package org.holdfast.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.holdfast.drill.Drill;
import org.holdfast.drill.DrillOrder;
import org.holdfast.drill.DrillResult;
import org.holdfast.drill.Drills;
import org.holdfast.drill.Filing;
import org.holdfast.drill.Lease;
import org.holdfast.drill.Need;
import org.holdfast.drill.Rehearsal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `holdfast drill`: rehearsals of bad days on a network made for the occasion.
@Command(name = "drill", description = "Rehearses a bad day on a sandbox network of its own.")
final class DrillCommand extends CommandGroup {
    /// Set by every service of continuous integration.
    static final String CI = "CI";

    DrillCommand(Session session) {
        super(new Listing(session), new Run(session));
    }

    /// A drill as `drill list --json` shows it.
    ///
    /// @param needs of the machine, in words
    /// @param obstacle why it cannot be run here; empty when it can
    private record Entry(String name, String summary, List<String> needs, boolean runsHere, String obstacle) {}

    private static Entry entry(Session session, Drill drill) {
        String obstacle = Drills.obstacle(session.world(), drill).orElse("");
        return new Entry(
                drill.name(),
                drill.summary(),
                drill.needs().stream().map(Need::words).toList(),
                obstacle.isEmpty(),
                obstacle);
    }

    /// `holdfast drill list`.
    @Command(name = "list", description = "Shows the drills, and whether they can be run on this machine.")
    static final class Listing implements Callable<Integer> {
        private final Session session;

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Listing(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            List<Entry> entries =
                    Drills.all().stream().map(drill -> entry(session, drill)).toList();
            if (json) {
                session.screen().print(Json.pretty(java.util.Map.of("drills", entries)));
                return 0;
            }
            int width = entries.stream()
                    .mapToInt(entry -> entry.name().length())
                    .max()
                    .orElse(0);
            for (Entry entry : entries) {
                String needs = entry.needs().isEmpty() ? "" : " (needs " + String.join(", ", entry.needs()) + ")";
                session.screen().say(("%-" + width + "s  %s%s").formatted(entry.name(), entry.summary(), needs));
                if (!entry.runsHere()) {
                    session.screen().say(" ".repeat(width) + "  cannot be run here: " + entry.obstacle());
                }
            }
            return 0;
        }
    }

    /// `holdfast drill run`.
    @Command(
            name = "run",
            description = "Runs a drill, or all: real node processes, a steady load, a fault, and a judgement.",
            footer = {
                "",
                "No existing network is touched. Every drill makes a network in a directory of its own, deleted when",
                "the drill passes and kept when it fails. Without root some drills are skipped, which is said.",
                "",
                "Examples:",
                "  holdfast drill run leader-dies",
                "  sudo ./holdfast drill run all --report drills.md",
                "",
                "Exit codes: 0 passed or skipped, 1 failed (with CI=true or --no-skip also skipped), 2 wrong usage."
            })
    static final class Run implements Callable<Integer> {
        private static final String ALL = "all";

        private final Session session;

        @Parameters(paramLabel = "NAME", description = "A drill's name (see: holdfast drill list), or: all.")
        private String name = "";

        @Option(names = "--seconds", paramLabel = "N", description = "How long a fault lasts (default: the drill's).")
        private @Nullable Integer seconds;

        @Option(names = "--nodes", paramLabel = "N", description = "Nodes of the network, 3 to 9 (default: 3).")
        private int nodes = 3;

        @Option(names = "--dir", paramLabel = "DIR", description = "Where its directory is made (default: temporary).")
        private @Nullable Path dir;

        @Option(names = "--keep", description = "Keep the nodes' logs and data when the drill has passed.")
        private boolean keep;

        @Option(names = "--report", paramLabel = "FILE", description = "Write a report in Markdown.")
        private @Nullable Path report;

        @Option(names = "--no-skip", description = "A drill that cannot be run here is a failure.")
        private boolean noSkip;

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Run(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            List<Drill> drills = name.equals(ALL) ? Drills.all() : List.of(named(name));
            DrillOrder order = order();
            Lease.leftovers(session.world()).forEach(session.screen()::note);
            Consumer<String> told = json ? session.screen()::note : session.screen()::say;
            List<DrillResult> results = new ArrayList<>();
            for (Drill drill : drills) {
                DrillResult result = Rehearsal.run(session.world(), drill, order, told);
                results.add(result);
                Filing.summary(result).forEach(told);
            }
            boolean strict = noSkip || "true".equals(System.getenv(CI));
            Filing filing = Filing.of(session.world(), results, strict);
            if (report != null) {
                session.world()
                        .disk()
                        .replace(report.toAbsolutePath(), filing.markdown().getBytes(StandardCharsets.UTF_8));
                told.accept("report: " + report);
            }
            if (json) {
                session.screen().print(Json.pretty(filing));
            } else if (results.size() > 1) {
                told.accept(total(filing));
            }
            return filing.verdict() == DrillResult.Judgement.FAILED ? CommandFault.FAILED : 0;
        }

        private DrillOrder order() {
            DrillOrder usual = DrillOrder.usual();
            try {
                return new DrillOrder(
                        nodes,
                        seconds == null ? OptionalInt.empty() : OptionalInt.of(seconds),
                        dir == null ? usual.directory() : dir,
                        keep,
                        usual.patience(),
                        usual.jvmOptions());
            } catch (IllegalArgumentException e) {
                throw CommandFault.usage("%s", String.valueOf(e.getMessage()));
            }
        }

        private static Drill named(String name) {
            return Drills.named(name)
                    .orElseThrow(() -> CommandFault.usage(
                            "there is no drill '%s'; the drills are %s, and: all",
                            name, Drills.all().stream().map(Drill::name).collect(Collectors.joining(", "))));
        }

        private static String total(Filing filing) {
            long skipped = filing.drills().stream()
                    .filter(drill -> drill.verdict() == DrillResult.Judgement.SKIPPED)
                    .count();
            return "%s: %d drills%s"
                    .formatted(
                            filing.verdict(),
                            filing.drills().size(),
                            skipped == 0 ? "" : ", " + skipped + " SKIPPED: not rehearsed on this machine");
        }
    }
}
