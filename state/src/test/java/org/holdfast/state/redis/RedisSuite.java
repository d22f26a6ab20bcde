package org.holdfast.state.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Runs the test suite of Redis 7.0.15 against a door with a plain listener, unit by unit, and counts what passed. It
/// is a program and no test of `./check`, because the suite is not ours and has to be fetched; docs/redis.md says how,
/// and what came out.
///
/// Environment: `REDIS_SUITE` names the unpacked source of Redis (with `src/redis-cli` and `src/redis-benchmark`
/// for the tests that start them). Arguments: `--at PORT` for a door that is open already (a node's
/// `redisPlainPort`, where FLUSHALL is allowed; everything there is removed), `--quick` to leave out [#LONG], then
/// names of units; without any, [#UNITS]. Without `--at` every unit gets a door of its own, in this process, over
/// an empty shard. Needs `tclsh`.
///
/// Prints a line a unit as a table, and everything that failed below it; what the suite said lies in `target/suite`.
public final class RedisSuite {
    /// What is about commands that this ledger has.
    static final List<String> UNITS = List.of(
            "unit/type/string",
            "unit/type/incr",
            "unit/type/hash",
            "unit/type/list",
            "unit/type/list-2",
            "unit/type/list-3",
            "unit/type/set",
            "unit/type/zset",
            "unit/keyspace",
            "unit/expire",
            "unit/scan",
            "unit/sort",
            "unit/bitops",
            "unit/bitfield",
            "unit/hyperloglog",
            "unit/geo",
            "unit/multi",
            "unit/info",
            "unit/info-command",
            "unit/protocol",
            "unit/quit",
            "unit/auth",
            "unit/acl",
            "unit/acl-v2",
            "unit/querybuf",
            "unit/limits",
            "unit/slowlog",
            "unit/latency-monitor",
            "unit/introspection",
            "unit/introspection-2",
            "unit/other",
            "unit/dump",
            "unit/lazyfree",
            "unit/pause",
            "unit/networking",
            "unit/obuf-limits",
            "unit/wait");

    /// Tests that leave the suite's connection in a state in which those behind them fail too, or wait for ever: each
    /// wants something that is not here.
    static final List<String> SKIPPED = List.of(
            // A kind of reply that no command here gives.
            "RESP3 attributes",
            "RESP3 attributes readraw",
            "RESP3 attributes on RESP2",
            "test big number parsing",
            // Takes for granted that requests of several connections are taken in the order in which they were sent.
            "BRPOPLPUSH with multiple blocked clients",
            // MONITOR: waits for lines that do not come.
            "/MONITOR.*");

    /// Tests of tens of thousands of requests, each of which waits for the one before it.
    static final String LONG = "/.*([Ss]tress|fuzz).*";

    private static final String SILENCE_SECONDS = "120";

    private final Path suite;
    private final Path said;
    private final List<String> left = new ArrayList<>(SKIPPED);
    private final List<String> failures = new ArrayList<>();
    private int passed;
    private int failed;
    private int skipped;

    private RedisSuite(Path suite, Path said) {
        this.suite = suite;
        this.said = said;
    }

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        List<String> units = new ArrayList<>(List.of(arguments));
        int port = 0;
        if (units.size() > 1 && units.getFirst().equals("--at")) {
            port = Integer.parseInt(units.get(1));
            units.subList(0, 2).clear();
        }
        String suite = System.getenv("REDIS_SUITE");
        if (suite == null) {
            throw new IllegalStateException("REDIS_SUITE has to name the unpacked source of Redis 7.0.15");
        }
        Path said = Files.createDirectories(Path.of("target", "suite").toAbsolutePath());
        RedisSuite run = new RedisSuite(Path.of(suite), said);
        if (units.remove("--quick")) {
            run.left.add(LONG);
        }
        System.out.println("| unit | passed | failed | skipped |\n|---|---|---|---|");
        for (String unit : units.isEmpty() ? UNITS : units) {
            run.unit(unit, port);
        }
        System.out.printf("| all | %d | %d | %d |%n%n", run.passed, run.failed, run.skipped);
        run.failures.forEach(System.out::println);
        // Threads of a node's kind would keep this process otherwise.
        System.exit(0);
    }

    private void unit(String unit, int port) throws Exception {
        if (port != 0) {
            count(unit, run(unit, port));
            return;
        }
        Path directory = Files.createTempDirectory("suite");
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN)
                .withAllowed(Set.of(DoorSettings.Allowed.FLUSH, DoorSettings.Allowed.DEBUG_SLEEP));
        try (Site site = new Site(directory, settings, null)) {
            count(unit, run(unit, site.door.port()));
        }
    }

    /// What the suite said of a unit.
    private List<String> run(String unit, int port) throws IOException, InterruptedException {
        Path file = said.resolve(unit.replace('/', '-') + ".txt");
        List<String> words = new ArrayList<>(List.of(
                "tclsh",
                "tests/test_helper.tcl",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--singledb",
                "--durable",
                "--ignore-encoding",
                "--ignore-digest",
                "--timeout",
                SILENCE_SECONDS,
                "--tags",
                "-needs:repl -needs:save -needs:pfdebug -needs:config-maxmemory",
                "--single",
                unit));
        left.forEach(test -> words.addAll(List.of("--skiptest", test)));
        ProcessBuilder process = new ProcessBuilder(words)
                .directory(suite.toFile())
                .redirectErrorStream(true)
                .redirectOutput(file.toFile());
        // Without colours.
        process.environment().put("TERM", "dumb");
        process.start().waitFor();
        return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1)
                .lines()
                .toList();
    }

    private void count(String unit, List<String> lines) {
        int ok = 0;
        int no = 0;
        int skips = 0;
        boolean telling = false;
        for (String line : lines) {
            boolean end = line.isBlank() || line.startsWith("[");
            if (line.startsWith("[ok]")) {
                ok++;
            } else if (line.startsWith("[ignore]") || line.startsWith("[skip]")) {
                skips++;
            } else if (line.startsWith("[err]") || line.startsWith("[exception]") || line.startsWith("[TIMEOUT]")) {
                no++;
                failures.add(unit + " " + line);
                telling = true;
                continue;
            } else if (line.contains("The End")) {
                break;
            } else if (telling && !end) {
                failures.add("    " + line);
            }
            telling &= !end;
        }
        passed += ok;
        failed += no;
        skipped += skips;
        System.out.printf(Locale.ROOT, "| %s | %d | %d | %d |%n", unit, ok, no, skips);
    }
}
