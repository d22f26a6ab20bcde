package org.holdfast.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.cli.RedisLink.Door;
import org.holdfast.env.Disk;
import org.holdfast.keyspace.ShardName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `holdfast kv`: keys and values of keyspaces.
@Command(name = "kv", description = "Loads keys and values.")
final class KvCommand extends CommandGroup {
    KvCommand(Session session) {
        super(new Import(session));
    }

    @Command(
            name = "import",
            description = "Loads a file of keys and values, or of Redis commands, through the nodes' Redis doors.",
            footer = {
                "",
                "tsv: a line each, key TAB value; \\t \\n \\r and \\\\ stand for a tab, a line feed, a carriage return",
                "and a backslash. resp: commands as 'redis-cli --pipe' takes them, keys by their full name.",
                "",
                "What is acknowledged is committed. How far that is stands in FILE.import: the same command goes on",
                "there. When a node dies its records go to another one; those that may have been carried out are sent",
                "again. A file of commands goes over one connection, in order, each command that changes keys under an",
                "id (ONCE): for 10 minutes it is not carried out twice, also by an import that goes on.",
                "Exit codes: 0 all loaded, 1 some failed or the import stopped, 2 wrong usage.",
                "",
                "Examples:",
                "  holdfast kv import --file users.tsv --keyspace default --table users",
                "  holdfast kv import --file commands.resp --format resp --to node1 --to node2",
                "  " + RedisAccess.VARIABLE + "=... holdfast kv import --file users.tsv --user app --tls-ca ca.crt"
            })
    static final class Import implements Callable<Integer> {
        private static final int CONNECTIONS = 8;
        private static final int CONNECTIONS_MAX = 64;
        private static final long PATIENCE_SECONDS = 60;

        private final Session session;

        @Mixin
        private final DirOption dirOption = new DirOption();

        @Option(names = "--file", paramLabel = "FILE", required = true, description = "What to load.")
        private Path file = Path.of("");

        @Option(names = "--format", paramLabel = "FORMAT", description = "tsv or resp (default: tsv).")
        private String format = "tsv";

        @Option(
                names = "--keyspace",
                paramLabel = "NAME",
                description = "For tsv: where the keys go (default: default).")
        private @Nullable String keyspace;

        @Option(names = "--table", paramLabel = "NAME", description = "For tsv: their table (default: app).")
        private @Nullable String table;

        @Option(
                names = "--to",
                paramLabel = "NODE",
                description = "A node's name, or host:port of a Redis door; again for more (default: all nodes).")
        private List<String> to = new ArrayList<>();

        @Option(
                names = "--connections",
                paramLabel = "N",
                description = "For tsv: how many at once (default: " + CONNECTIONS + ").")
        private int connections = CONNECTIONS;

        @Mixin
        private final RedisAccess access = new RedisAccess();

        @Option(names = "--json", description = "One JSON object.")
        private boolean json;

        Import(Session session) {
            this.session = session;
        }

        @Override
        public Integer call() throws IOException, InterruptedException {
            boolean tsv = format.equals("tsv");
            requireUsage(tsv);
            Disk disk = session.world().disk();
            Path source = file.toAbsolutePath();
            if (!disk.exists(source)) {
                throw CommandFault.failed("there is no file %s", file);
            }
            String into = tsv ? into() : "";
            ImportPosition.Source what = new ImportPosition.Source(source.toString(), size(disk, source), format, into);
            Optional<ImportPosition> earlier = ImportPosition.read(disk, source, what);
            earlier.ifPresent(position -> session.screen()
                    .note("going on behind record %d, which an earlier import has reached"
                            .formatted(position.records())));
            ImportPosition begun = earlier.orElseGet(
                    () -> ImportPosition.begin(what, session.world().chance()));
            RedisAccess.Terms terms = access.terms(disk);
            KvImport run = new KvImport(
                    session,
                    new KvImport.Plan(source, what, doors(), terms, tsv ? connections : 1, PATIENCE_SECONDS),
                    begun);
            InputStream in = disk.stream(source);
            in.skipNBytes(begun.position());
            try (ImportRecords records = tsv
                    ? new ImportRecords.Tsv(in, begun.position(), begun.records(), into)
                    : new ImportRecords.Resp(in, begun.position(), begun.records(), begun.run())) {
                return tell(run.run(records));
            }
        }

        /// What stands before each key.
        private String into() {
            String name = keyspace == null ? SettingsFile.PLAIN_KEYSPACE : keyspace;
            if (to.isEmpty()) {
                Network network = dirOption.open(session).load();
                boolean there = KeyspaceView.all(network, List.of()).stream()
                        .anyMatch(one -> one.name().equals(name));
                if (!there && network.nodes().stream().allMatch(Network.Node::local)) {
                    throw CommandFault.failed(
                            "there is no keyspace '%s'; make it with: holdfast keyspace create %s", name, name);
                }
            }
            return name + ":" + (table == null ? SettingsFile.PLAIN_TABLE : table) + ":";
        }

        private void requireUsage(boolean tsv) {
            if (!tsv && !format.equals("resp")) {
                throw CommandFault.usage("--format is '%s': tsv or resp is wanted", format);
            }
            if (!tsv && (keyspace != null || table != null)) {
                throw CommandFault.usage("commands name their keys in full; --keyspace and --table are for tsv");
            }
            if (keyspace != null && !ShardName.isKeyspace(keyspace)) {
                throw CommandFault.usage("'%s' is no name of a keyspace: letters, digits and '_'", keyspace);
            }
            if (connections < 1 || connections > CONNECTIONS_MAX) {
                throw CommandFault.usage("--connections is %d, allowed are 1 to %d", connections, CONNECTIONS_MAX);
            }
        }

        private static long size(Disk disk, Path source) {
            Disk.DiskFile opened = disk.openRead(source);
            try {
                return opened.size();
            } finally {
                opened.close();
            }
        }

        private List<Door> doors() {
            List<Door> doors = new ArrayList<>();
            for (String one : to) {
                int colon = one.lastIndexOf(':');
                if (colon > 0 && one.substring(colon + 1).matches("[0-9]{1,5}")) {
                    int port = Integer.parseInt(one.substring(colon + 1));
                    if (port < 1 || port > 65_535) {
                        throw CommandFault.usage("--to is '%s', ports are 1 to 65535", one);
                    }
                    doors.add(new Door(one.substring(0, colon), port));
                } else {
                    doors.add(door(dirOption.open(session).load().node(one))
                            .orElseThrow(() -> CommandFault.failed(
                                    "%s has no Redis door: give Holdfast.Redis.ListenPort in its settings", one)));
                }
            }
            if (to.isEmpty()) {
                dirOption
                        .open(session)
                        .load()
                        .nodes()
                        .forEach(node -> door(node).ifPresent(doors::add));
            }
            if (doors.isEmpty()) {
                throw CommandFault.failed("network.json knows no node with a Redis door: name one with --to host:port");
            }
            return List.copyOf(doors);
        }

        private static Optional<Door> door(Network.Node node) {
            return Optional.ofNullable(node.ports().redis()).map(port -> new Door(node.host(), port));
        }

        private int tell(KvImport.Result result) {
            if (json) {
                session.screen().print(Json.pretty(result));
            } else {
                session.screen()
                        .say("%d records loaded in %.1f s (%.0f a second), %d failed%s"
                                .formatted(
                                        result.loaded(),
                                        result.seconds(),
                                        result.loaded() / Math.max(0.001, result.seconds()),
                                        result.failed(),
                                        result.resumedAt() == 0
                                                ? ""
                                                : ", " + result.resumedAt() + " were loaded before"));
                String kind = format.equals("tsv") ? "line" : "command";
                result.failures()
                        .forEach(failure ->
                                session.screen().note("%s %d: %s".formatted(kind, failure.record(), failure.reason())));
            }
            if (result.problem() != null) {
                session.screen()
                        .note("stopped: %s; the same command goes on where this one has stopped"
                                .formatted(result.problem()));
            }
            return result.failed() == 0 && result.problem() == null ? 0 : CommandFault.FAILED;
        }
    }
}
