package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.holdfast.cli.ImportRecords.Item;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `kv import`: its formats, and 200 000 pairs into three real nodes while the leader is killed.
class KvImportTest {
    private static final int PAIRS = 200_000;

    /// The pairs: characters and their names, from Unicode's database.
    private static final int[] NAMED = IntStream.rangeClosed(Character.MIN_CODE_POINT, Character.MAX_CODE_POINT)
            .filter(Character::isDefined)
            .limit(PAIRS)
            .toArray();

    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() {
        terminal.destroy(temp.resolve("net"));
    }

    @Test
    void linesOfKeyAndValueBecomeCommands() throws IOException {
        String text = "a\t1\nb\\tc\tx\\ny\\\\\nno tab\nd\t\\q\nlast\t";
        List<Item> items = all(new ImportRecords.Tsv(in(text), 0, 0, "k:t:"));
        assertThat(items).extracting(Item::number).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(items.get(0).command())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("*3\r\n$3\r\nSET\r\n$5\r\nk:t:a\r\n$1\r\n1\r\n");
        assertThat(items.get(1).command())
                .asString(StandardCharsets.UTF_8)
                .contains("$7\r\nk:t:b\tc\r\n", "$4\r\nx\ny\\\r\n");
        assertThat(items.get(2).fault()).contains("no tab");
        assertThat(items.get(3).fault()).contains("backslash");
        assertThat(items.get(4).command()).asString(StandardCharsets.UTF_8).endsWith("$8\r\nk:t:last\r\n$0\r\n\r\n");
        assertThat(items.get(1).end()).isEqualTo(text.indexOf("no tab"));
        // What follows a position is read the same from there on.
        ImportRecords rest = new ImportRecords.Tsv(
                in(text.substring((int) items.get(1).end())), items.get(1).end(), 2, "k:t:");
        assertThat(all(rest))
                .extracting(Item::end)
                .containsExactlyElementsOf(items.stream().skip(2).map(Item::end).toList());
    }

    @Test
    void aBackslashAtTheEndOfALineTakesNothingOfTheNext() throws IOException {
        List<Item> items = all(new ImportRecords.Tsv(in("a\t1\\\nb\t2\nc\t3\\"), 0, 0, "k:t:"));
        assertThat(items).extracting(Item::number).containsExactly(1L, 2L, 3L);
        assertThat(items.get(0).fault()).contains("backslash");
        assertThat(items.get(1).command()).asString(StandardCharsets.UTF_8).contains("$5\r\nk:t:b\r\n$1\r\n2\r\n");
        assertThat(items.get(2).fault()).contains("backslash");
    }

    @Test
    void commandsAreTakenAsTheyAre() throws IOException {
        String text = "*3\r\n$3\r\nSET\r\n$5\r\nk:t:a\r\n$2\r\n\r\n\r\n*1\r\n$4\r\nPING\r\n";
        List<Item> items = all(new ImportRecords.Resp(in(text), 0, 0, "run"));
        assertThat(items).hasSize(2);
        assertThat(items.get(0).command())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("*5\r\n$4\r\nONCE\r\n$5\r\nrun:0\r\n" + text.substring(4, text.indexOf("*1")));
        assertThat(items.get(1).command()).asString(StandardCharsets.UTF_8).isEqualTo("*1\r\n$4\r\nPING\r\n");
        for (String broken : List.of("SET a b\r\n", "*1\r\n$9\r\nPING\r\n", "*x\r\n", "*2\r\n$4\r\nPING\r\n")) {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> all(new ImportRecords.Resp(in(broken), 0, 0, "run")))
                    .isInstanceOf(CommandFault.class);
        }
    }

    @Test
    void commandsThatChangeKeysTakeAnIdEachAndTransactionsAreRefused() throws IOException {
        String text = Stream.of("INCR a", "GET a", "MULTI", "INCR a", "EXEC", "blpop a 0", "rpush a x")
                .map(line -> new String(
                        ImportRecords.command(Arrays.stream(line.split(" ", -1))
                                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                                .toList()),
                        StandardCharsets.UTF_8))
                .collect(Collectors.joining());
        List<Item> items = all(new ImportRecords.Resp(in(text), 0x100, 0, "run"));
        assertThat(items)
                .extracting(item -> new String(item.command(), StandardCharsets.UTF_8).contains("ONCE"))
                .containsExactly(true, false, false, true, false, false, true);
        assertThat(items)
                .extracting(item -> item.fault() == null)
                .containsExactly(true, true, false, true, false, true, true);
        assertThat(items.get(2).fault()).startsWith("MULTI is about a connection");
        // Where one goes on, the same command has the same id.
        long end = items.get(5).end();
        List<Item> rest = all(new ImportRecords.Resp(in(text.substring((int) (end - 0x100))), end, 6, "run"));
        assertThat(rest.getLast().command()).isEqualTo(items.getLast().command());
        assertThat(items.getFirst().keyHash()).isEqualTo(items.getLast().keyHash());
    }

    @Test
    @Tag("slow")
    void everyAcknowledgedPairIsOnEveryNodeAlthoughTheLeaderWasKilled() throws IOException {
        run(0, "up", "--detach");
        Path file = temp.resolve("pairs.tsv");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < PAIRS; i++) {
            text.append(key(i)).append('\t').append(value(i)).append('\n');
        }
        Files.writeString(file, text.append("a line without\n"));
        Terminal importing = new Terminal();
        CompletableFuture<Integer> code = new CompletableFuture<>();
        World.real()
                .start(
                        "import",
                        () -> code.complete(importing.run(
                                "kv",
                                "import",
                                "--file",
                                file.toString(),
                                "--table",
                                "characters",
                                "--json",
                                "--dir",
                                dir())));
        Path position = ImportPosition.beside(file);
        await().atMost(Duration.ofMinutes(2)).until(() -> Files.exists(position) && loaded(position) > PAIRS / 20);
        String leader = leader();
        run(0, "kill", leader);
        assertThat(code.join()).as(importing.err()).isEqualTo(1);
        JsonNode result = Json.read(importing.out(), JsonNode.class);
        assertThat(result.path("loaded").asLong()).as(importing.out()).isEqualTo(PAIRS);
        assertThat(result.path("failed").asLong()).isEqualTo(1);
        assertThat(result.at("/failures/0/record").asLong()).isEqualTo(PAIRS + 1);
        assertThat(position).doesNotExist();
        run(0, "start", leader);
        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            run(0, "keyspace", "info", "default", "--json");
            JsonNode places = Json.read(terminal.out(), JsonNode.class).at("/parts/0/nodes");
            assertThat(places).hasSize(3);
            places.forEach(place -> assertThat(place.path("keys").asLong()).isEqualTo(PAIRS));
        });
        run(0, "state", "compare");
        Network network = new NetworkDir(World.real().disk(), temp.resolve("net")).load();
        for (Network.Node node : network.nodes()) {
            int port = Objects.requireNonNull(node.ports().redis());
            assertThat(missing(port)).as(node.name()).isEmpty();
        }
    }

    @Test
    @Tag("slow")
    void anImportThatWasInterruptedGoesOnWhereItStopped() throws IOException {
        run(0, "up", "--detach", "--nodes", "1");
        Path file = temp.resolve("few.tsv");
        Files.writeString(file, "a\t1\nb\t2\nc\t3\n");
        ImportPosition.Source source =
                new ImportPosition.Source(file.toString(), Files.size(file), "tsv", "default:app:");
        new ImportPosition(2, source, "run", 4, 1, 1, 0).keep(World.real().disk(), file);
        run(0, "kv", "import", "--file", file.toString());
        assertThat(terminal.err()).contains("going on behind record 1");
        assertThat(terminal.out()).contains("2 records loaded", "1 were loaded before");
        run(0, "keyspace", "list");
        assertThat(terminal.out()).containsPattern("default +1 +yes +2");
        ImportPosition.begin(
                        new ImportPosition.Source("else", 1, "tsv", ""),
                        World.real().chance())
                .keep(World.real().disk(), file);
        run(1, "kv", "import", "--file", file.toString());
        assertThat(terminal.err()).contains("is of an import of something else");
    }

    private String leader() {
        run(0, "status", "--json");
        for (JsonNode node : Json.read(terminal.out(), JsonNode.class).path("nodes")) {
            for (JsonNode channel : node.path("channels")) {
                if (channel.path("name").asString("").startsWith("kv.")
                        && !channel.path("leader").asString("").isEmpty()) {
                    return channel.path("leader").asString();
                }
            }
        }
        throw new AssertionError("no leader: " + terminal.out());
    }

    private static long loaded(Path position) throws IOException {
        return Json.read(Files.readAllBytes(position), ImportPosition.class).loaded();
    }

    private static String key(int i) {
        return "U+%04X".formatted(NAMED[i]);
    }

    private static String value(int i) {
        return Character.getName(NAMED[i]);
    }

    /// Asks a node for every pair.
    ///
    /// @return keys whose value is not what was loaded
    private static List<String> missing(int port) throws IOException {
        List<String> missing = new ArrayList<>();
        int page = 1000;
        try (RedisClient client = new RedisClient(port)) {
            for (int from = 0; from < PAIRS; from += page) {
                List<String> words = new ArrayList<>(List.of("MGET"));
                for (int i = from; i < from + page; i++) {
                    words.add("default:characters:" + key(i));
                }
                List<@Nullable String> values = client.list(words.toArray(String[]::new));
                assertThat(values).hasSize(page);
                for (int i = from; i < from + page; i++) {
                    if (!value(i).equals(values.get(i - from))) {
                        missing.add(key(i));
                    }
                }
            }
        }
        return missing;
    }

    private static ByteArrayInputStream in(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Item> all(ImportRecords records) throws IOException {
        List<Item> items = new ArrayList<>();
        for (Optional<Item> next = records.next(); next.isPresent(); next = records.next()) {
            items.add(next.get());
        }
        return items;
    }

    private String dir() {
        return temp.resolve("net").toString();
    }

    private void run(int code, String... words) {
        terminal.expect(code, temp.resolve("net"), words);
    }
}
