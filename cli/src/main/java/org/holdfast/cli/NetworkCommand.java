package org.holdfast.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.Decode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `holdfast network create`.
@Command(name = "network", description = "Makes networks for real hosts.")
final class NetworkCommand extends CommandGroup {
    NetworkCommand(Session session) {
        super(new Create(session));
    }

    /// Everything is made in a directory beside the wanted one and renamed when it is whole and on disk: an interrupted
    /// creation leaves a hidden directory that the next one removes, and never half a network.
    @Command(
            name = "create",
            description = "Makes keys, settings and genesis blocks of a network: a directory per node, ready to be "
                    + "copied to its host, one per client, and the organisations with their authorities' keys.",
            footer = {
                "",
                "Refused when the plan breaks a rule of severity error (see: holdfast plan check), unless the file",
                "accepts that rule with a reason.",
                "",
                "Example:",
                "  holdfast network create -f network.yaml -o trade"
            })
    static final class Create implements Callable<Integer> {
        private static final String LOCK = "creation.lock";

        private final Session session;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                required = true,
                description = "The network.yaml; see docs/network.md.")
        private Path file = Path.of("");

        @Option(
                names = {"-o", "--output"},
                paramLabel = "DIR",
                required = true,
                description = "Where to write; must not exist.")
        private Path output = Path.of("");

        Create(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() {
            Disk disk = session.world().disk();
            Path target = output.toAbsolutePath().normalize();
            Path parent = target.getParent();
            if (parent == null || target.getFileName() == null) {
                throw CommandFault.usage("%s cannot be made", output);
            }
            PlanCheck check = PlanCheck.of(BlueprintReader.read(disk, file));
            requirePlan(check);
            requireAbsent(disk, target);
            disk.createDirectories(parent);
            Path making = parent.resolve("." + target.getFileName() + ".holdfast-making");
            try (Disk.DiskLock _ = lock(disk, making)) {
                clear(disk, making);
                new NetworkWriter(session.world(), Crypto.choose(), making).write(check);
                disk.forceDirectory(making);
                requireAbsent(disk, target);
            } catch (MalformedConfig e) {
                throw CommandFault.failed("the channels cannot be made: %s", Decode.reason(e));
            }
            disk.delete(making.resolve(LOCK));
            disk.move(making, target);
            disk.forceDirectory(parent);
            introduce(check.blueprint());
            return 0;
        }

        private void requirePlan(PlanCheck check) {
            Blueprint blueprint = check.blueprint();
            PlanReport.lines(check).forEach(session.screen()::note);
            if (blueprint.engine() == Blueprint.Engine.BFT) {
                throw CommandFault.failed("this version makes no bft networks; it only checks their plans");
            }
            List<String> observers = blueprint.nodes().stream()
                    .filter(node -> node.role() == Blueprint.Role.OBSERVER)
                    .map(Blueprint.Node::name)
                    .toList();
            if (!observers.isEmpty()) {
                throw CommandFault.failed(
                        "this version makes no observers (%s); it only counts them in plans",
                        String.join(", ", observers));
            }
            if (!check.errors().isEmpty()) {
                throw CommandFault.failed(
                        "nothing was written: the plan breaks %s; change it, or name the rule under 'accept' "
                                + "with a reason",
                        check.errors().stream()
                                .map(finding -> finding.rule().id())
                                .distinct()
                                .collect(Collectors.joining(", ")));
            }
        }

        private static void requireAbsent(Disk disk, Path target) {
            if (disk.exists(target)) {
                throw CommandFault.failed("%s is there already and stays as it is; name another -o", target);
            }
        }

        private static Disk.DiskLock lock(Disk disk, Path making) {
            disk.createDirectories(making);
            try {
                return disk.lock(making.resolve(LOCK));
            } catch (DiskFault held) {
                throw CommandFault.failed("another 'holdfast network create' is writing %s", making);
            }
        }

        private static void clear(Disk disk, Path making) {
            for (Path entry : disk.list(making)) {
                if (entry.endsWith(LOCK)) {
                    continue;
                }
                if (entry.toFile().isDirectory()) {
                    disk.deleteTree(entry);
                } else {
                    disk.delete(entry);
                }
            }
        }

        private void introduce(Blueprint blueprint) {
            Screen screen = session.screen();
            String dir = output.toString();
            screen.say("network %s: %d nodes, %d clients, %d channels in %s"
                    .formatted(
                            blueprint.name(),
                            blueprint.nodes().size(),
                            blueprint.clients().size(),
                            blueprint.channels().size(),
                            dir));
            for (Blueprint.Node node : blueprint.nodes()) {
                screen.say("  copy %s/nodes/%s to %s and run there: holdfast node run DIR"
                        .formatted(dir, node.name(), node.host()));
            }
            screen.note("KEEP %s/organizations OFF THE NODES: it holds the private keys of the certificate authorities."
                    .formatted(dir));
        }
    }
}
