package org.holdfast.cli;

import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.identity.BadMaterial;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The operator's command.
@Command(
        name = "holdfast",
        description = "Makes, runs and looks after a Holdfast network: a replicated ledger of signed transactions.",
        subcommands = HelpCommand.class,
        footer = {
            "",
            "Examples:",
            "  holdfast up                                            a network of three nodes; Ctrl-C stops it",
            "  holdfast submit --channel demo --lines --file a.txt    every line becomes a transaction",
            "  holdfast feed --channel demo --json                    and is read back",
            "  holdfast kill node1                                    the others go on",
            "",
            "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 ended by Ctrl-C."
        })
public final class Main implements Runnable {
    private static final String LOGGING = "log4j2.configurationFile";

    private final Session session;

    @Spec
    private @Nullable CommandSpec spec;

    private Main(Session session) {
        this.session = session;
    }

    /// Runs one command and ends with its exit code: 0 done, 1 refused or failed, 2 wrong usage.
    public static void main(String[] args) {
        // Before the first logger is made: the node's own logging has another configuration on the same class path.
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "holdfast-cli-log4j2.xml");
        }
        World world = World.real();
        System.exit(run(new Session(world, Screen.real(world)), args));
    }

    /// Runs one command.
    ///
    /// @return its exit code
    static int run(Session session, String... args) {
        CommandLine line = new CommandLine(new Main(session))
                .addSubcommand(new UpCommand(session))
                .addSubcommand(new DownCommand(session))
                .addSubcommand(new DestroyCommand(session))
                .addSubcommand(new StatusCommand(session))
                .addSubcommand(new LogsCommand(session))
                .addSubcommand(new NodeCommands.Start(session))
                .addSubcommand(new NodeCommands.Stop(session))
                .addSubcommand(new NodeCommands.Kill(session))
                .addSubcommand(new SubmitCommand(session))
                .addSubcommand(new FeedCommand(session))
                .addSubcommand(new LedgerCommand(session).line())
                .addSubcommand(new PlanCommand(session).line())
                .addSubcommand(new NetworkCommand(session).line())
                .addSubcommand(new NodeCommand(session).line())
                .addSubcommand(new ChannelCommand(session).line())
                .addSubcommand(new KeyspaceCommand(session).line())
                .addSubcommand(new KvCommand(session).line())
                .addSubcommand(new StateCommand(session).line())
                .addSubcommand(new BenchCommand(session).line())
                .addSubcommand(new DrillCommand(session).line())
                .addSubcommand(new VersionCommand(session));
        line.getSubcommands().values().forEach(Main::withHelp);
        withHelp(line);
        line.setExecutionExceptionHandler((fault, command, _) -> tell(session, fault));
        line.setParameterExceptionHandler((fault, _) -> tellUsage(session, fault));
        return line.execute(args);
    }

    private static void withHelp(CommandLine line) {
        var spec = line.getCommandSpec();
        if (spec.optionsMap().containsKey("--help")) {
            return;
        }
        spec.addOption(CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build());
        line.getSubcommands().values().forEach(Main::withHelp);
    }

    private static int tell(Session session, Exception fault) {
        session.screen().endLive();
        switch (fault) {
            case CommandFault known -> session.screen().note("holdfast: " + known.text());
            case Refusal.Refused refused -> session.screen().note("holdfast: " + refused.refusal());
            case DiskFault disk -> session.screen().note("holdfast: " + disk.getMessage());
            case BadMaterial bad -> session.screen().note("holdfast: " + bad.getMessage());
            default -> {
                session.screen().note("holdfast: this is a bug of holdfast; please report it with what follows");
                fault.printStackTrace();
            }
        }
        return fault instanceof CommandFault known ? known.exitCode() : CommandFault.FAILED;
    }

    private static int tellUsage(Session session, ParameterException fault) {
        String name = fault.getCommandLine().getCommandSpec().qualifiedName();
        session.screen().note("holdfast: %s; see: %s --help".formatted(fault.getMessage(), name));
        return CommandFault.USAGE;
    }

    @Override
    public void run() {
        session.screen().print(spec == null ? "" : spec.commandLine().getUsageMessage());
    }
}
