package org.holdfast.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `holdfast plan check`.
@Command(name = "plan", description = "Judges a network that is still on paper.")
final class PlanCommand extends CommandGroup {
    PlanCommand(Session session) {
        super(new Check(session));
    }

    @Command(
            name = "check",
            description = "Checks a network.yaml against the rules of deployment: how many consenters, where they "
                    + "stand, whose they are, and whether the loss of a zone leaves a quorum.",
            footer = {
                "",
                "Exit code 1 when a rule of severity error is broken and not accepted in the file.",
                "",
                "Example:",
                "  holdfast plan check -f network.yaml"
            })
    static final class Check implements Callable<Integer> {
        private final Session session;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                required = true,
                description = "The network.yaml; see docs/network.md.")
        private Path file = Path.of("");

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Check(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            PlanCheck check = PlanCheck.of(BlueprintReader.read(session.world().disk(), file));
            if (json) {
                session.screen().print(Json.pretty(PlanReport.json(check)));
            } else {
                PlanReport.lines(check).forEach(session.screen()::say);
            }
            return check.errors().isEmpty() ? 0 : CommandFault.FAILED;
        }
    }
}
