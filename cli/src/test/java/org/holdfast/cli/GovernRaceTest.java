package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What comes between the operator and a changed config: somebody else's change, the editor, SIGKILL. On one network of
/// three real nodes, shared by the tests.
@Tag("slow")
class GovernRaceTest {
    private static final Pattern KEPT = Pattern.compile("what you typed is kept in (\\S+);");
    private static final Pattern TEXT = Pattern.compile("your text is (\\S+) until");

    @TempDir
    static Path net;

    @TempDir
    Path temp;

    private final Terminal terminal = new Terminal();

    @BeforeAll
    static void aNetwork() {
        assertThat(new Terminal().run("up", "--detach", "--dir", dir())).isZero();
    }

    @AfterAll
    static void leaveNoProcess() {
        if (Files.exists(net.resolve("net/network.json"))) {
            new Terminal().run("destroy", "--yes", "--dir", dir());
        }
    }

    @BeforeEach
    void theSameConfigAgain() {
        run(0, "channel", "edit", "demo", "--yes", "--patch", patch("""
                orderer:
                  batch: {maxMessages: 500, absoluteMax: 10 MB, preferredMax: 2 MB, timeout: 2s}
                """).toString());
    }

    @Test
    void anothersUpdateOfTheSameValueComesFirstAndBothCount() throws Exception {
        long before = sequence();
        Patching mine = new Patching("orderer: {batch: {maxMessages: 201}}\n");
        set("orderer.batch.preferredMax=3 MB");
        mine.go();
        assertThat(mine.code()).as(mine.terminal.err()).isZero();
        assertThat(mine.terminal.err())
                .contains("the config has changed from number %d to %d:".formatted(before, before + 1))
                .contains("orderer.batch.preferredMax: 2 MB -> 3 MB", "yours is applied to it");
        assertThat(mine.terminal.out())
                .contains("config %d of channel demo is in force on node1, node2, node3".formatted(before + 2));
        assertThat(config()).contains("201 messages, 3145728 bytes");
    }

    @Test
    void whenBothChangeTheSameTheSecondStops() throws Exception {
        Patching mine = new Patching("orderer: {batch: {maxMessages: 300, timeout: 1s}}\n");
        set("orderer.batch.maxMessages=301");
        mine.go();
        assertThat(mine.code()).isEqualTo(1);
        assertThat(mine.terminal.err())
                .contains("nothing was sent: somebody else has changed the same by now")
                .contains("orderer.batch.maxMessages: 301 -> 300");
        assertThat(config()).contains("301 messages", ", 2s");
    }

    /// Such updates do not hinder each other; the channel's newest config is not the one the first to come made.
    @Test
    void anothersUpdateOfSomethingElseIsNotTakenForOurs() throws Exception {
        long before = sequence();
        Patching mine = new Patching("orderer: {batch: {timeout: 1500ms}}\n");
        set("orderer.batch.maxMessages=42");
        mine.go();
        assertThat(mine.code()).as(mine.terminal.err()).isZero();
        assertThat(mine.terminal.out()).contains("config %d of channel demo is in force".formatted(before + 2));
        assertThat(config()).contains("42 messages", "1500ms");
    }

    @Test
    void manyAtOnceAllCount() {
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (String set : List.of(
                "orderer.batch.maxMessages=11",
                "orderer.batch.absoluteMax=9 MB",
                "orderer.batch.preferredMax=1 MB",
                "orderer.batch.timeout=900ms")) {
            all.add(CompletableFuture.supplyAsync(() -> {
                Terminal own = new Terminal();
                int code = own.run("channel", "edit", "demo", "--yes", "--set", set, "--dir", dir());
                return code == 0 ? "" : own.err();
            }));
        }
        assertThat(all.stream().map(CompletableFuture::join)).containsOnly("");
        assertThat(config()).contains("11 messages, 1048576 bytes (one message 9437184), 900ms");
    }

    @Test
    void whatWasTypedMeetsAnothersChange() {
        Typing mine = new Typing("sed -i 's/timeout: 2s/timeout: 4s/; s/maxMessages: .*/maxMessages: 88/' \"$1\"");
        set("orderer.batch.maxMessages=99");
        mine.go();
        assertThat(mine.code()).isEqualTo(1);
        assertThat(mine.terminal.err()).contains("orderer.batch.maxMessages: 99 -> 88", "--from");
        Path kept = named(KEPT, mine.terminal);
        assertThat(kept).content().contains("timeout: 4s");

        // As the text says: corrected there, then sent.
        replace(kept, "maxMessages: 88", "maxMessages: 99");
        run(0, "channel", "edit", "demo", "--yes", "--from", kept.toString());
        assertThat(terminal.out()).contains("orderer.batch.timeout: 2s -> 4s").doesNotContain("maxMessages");
        assertThat(config()).contains("99 messages", ", 4s");
    }

    @Test
    void nonsenseGoesBackToTheEditor() throws IOException {
        Path count = temp.resolve("count");
        String twice = script("""
                if [ -e %1$s ]; then
                  sed -i 's/timeuot: .*/timeout: 3s/' "$1"
                else
                  touch %1$s
                  sed -i 's/timeout: .*/timeuot: soon/' "$1"
                fi
                """.formatted(count));
        terminal.answering("", "yes");
        run(0, "channel", "edit", "demo", "--editor", twice);
        assertThat(terminal.err()).contains("'timeout'?", "Back to the editor?", "Change channel demo so?");
        assertThat(named(TEXT, terminal)).doesNotExist();
        assertThat(config()).contains(", 3s");

        Files.delete(count);
        terminal.answering("no");
        run(1, "channel", "edit", "demo", "--editor", twice);
        Path kept = named(KEPT, terminal);
        replace(kept, "timeuot: soon", "timeout: 5s");
        run(0, "channel", "edit", "demo", "--yes", "--from", kept.toString());
        assertThat(config()).contains(", 5s");

        terminal.answering();
        run(1, "channel", "edit", "demo", "--editor", script("printf '\\000\\377{{{' > \"$1\""));
        assertThat(named(KEPT, terminal)).isNotEmptyFile();
        assertThat(config()).contains(", 5s");
    }

    @Test
    void anEditorThatFailsLosesNothing() throws IOException {
        for (String end : List.of("exit 3", "kill -9 $$")) {
            run(1, "channel", "edit", "demo", "--editor", script("echo '# mine' >> \"$1\"; " + end));
            assertThat(terminal.err()).contains("nothing was sent").containsPattern("ended with (3|137)");
            assertThat(named(KEPT, terminal)).content().endsWith("# mine\n");
        }
        // Nothing typed, nothing kept.
        run(1, "channel", "edit", "demo", "--editor", script("exit 1"));
        assertThat(terminal.err()).doesNotContain("is kept in");
        assertThat(named(TEXT, terminal)).doesNotExist();
        run(1, "channel", "edit", "demo", "--editor", script("rm \"$1\""));
        assertThat(terminal.err()).contains("the editor left no");
        run(0, "channel", "edit", "demo", "--editor", script("echo '# a word' >> \"$1\""));
        assertThat(terminal.out()).contains("nothing changes");
        assertThat(named(TEXT, terminal)).doesNotExist();
        run(1, "channel", "edit", "demo", "--editor", "/nowhere/ed");
        assertThat(terminal.err()).contains("ended with 127");
        // Nobody confirms: what was typed stays.
        run(2, "channel", "edit", "demo", "--editor", script("sed -i 's/timeout: .*/timeout: 7s/' \"$1\""));
        assertThat(named(KEPT, terminal)).content().contains("timeout: 7s");
    }

    @Test
    void theCommandIsKilledWhileTheEditorIsOpen() throws Exception {
        Path open = temp.resolve("open");
        String editor = script("echo '# typed' >> \"$1\"; touch " + open + "; sleep 60");
        Process command = start("channel", "edit", "demo", "--editor", editor);
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(open));
        command.descendants().forEach(ProcessHandle::destroyForcibly);
        command.destroyForcibly().waitFor();
        Matcher told = TEXT.matcher(Files.readString(temp.resolve("err")));
        assertThat(told.find()).isTrue();
        assertThat(Path.of(told.group(1))).content().endsWith("# typed\n");
    }

    @Test
    void anUpdateThatLocksItsSignersOutIsAskedAbout() {
        String[] words = {"channel", "edit", "demo", "--set", "orderer.policies.Admins=OR('ClientsMSP.admin')"};
        terminal.answering("yes", "no");
        run(2, words);
        assertThat(terminal.err())
                .contains("WARNING: those who sign this would not satisfy /Channel/Orderer/Admins any more")
                .contains("Change channel demo all the same?", "nothing was sent");
        Path file = temp.resolve("locked.pb");
        String[] out = {"--yes", "--json", "--out", file.toString()};
        String[] all = Arrays.copyOf(words, words.length + out.length);
        System.arraycopy(out, 0, all, words.length, out.length);
        run(0, all);
        JsonNode report = Json.read(terminal.out(), JsonNode.class);
        assertThat(report.path("outcome").asString()).isEqualTo("written");
        assertThat(report.at("/warnings/0/policy").asString()).isEqualTo("/Channel/Orderer/Admins");
        assertThat(report.at("/warnings/0/anybody").asBoolean()).isFalse();
        run(2, "channel", "update", file.toString());
        assertThat(terminal.err()).contains("say --yes to send it all the same");

        run(0, "channel", "edit", "demo", "--yes", "--json", "--set", "orderer.batch.timeout=8s");
        report = Json.read(terminal.out(), JsonNode.class);
        assertThat(report.path("outcome").asString()).isEqualTo("in force");
        assertThat(report.path("config").asLong()).isEqualTo(sequence());
        assertThat(report.path("inForce")).hasSize(3);
        assertThat(report.at("/changes/0").toString())
                .isEqualTo("{\"path\":\"orderer.batch.timeout\",\"before\":\"2s\",\"after\":\"8s\"}");
    }

    /// The command is killed as soon as something of the channel is to be seen, and at moments before and after.
    @Test
    void creationIsFinishedByRepeating() throws Exception {
        Path channels = net.resolve("net/channels");
        Path json = net.resolve("net/network.json");
        create("after-the-block", () -> Files.exists(channels.resolve("after-the-block.block")), 0);
        create("after-the-entry", () -> text(json).contains("\"after-the-entry\""), 0);
        create("first-join", () -> joined("first-join"), 0);
        create("later", () -> Files.exists(channels.resolve("later.block")), 40);
        run(0, "channel", "list", "--json");
        assertThat(Json.read(terminal.out(), JsonNode.class)).hasSize(6);
        // Two at once: neither entry is lost.
        List<CompletableFuture<Integer>> both = new ArrayList<>();
        for (String name : List.of("one-of-two", "two-of-two")) {
            both.add(
                    CompletableFuture.supplyAsync(() -> new Terminal().run("channel", "create", name, "--dir", dir())));
        }
        assertThat(both.stream().map(CompletableFuture::join)).containsOnly(0);
        run(0, "channel", "list", "--json");
        assertThat(Json.read(terminal.out(), JsonNode.class)).hasSize(8);
        run(1, "channel", "create", "later", "--set", "orderer.batch.timeout=9s");
        assertThat(terminal.err()).contains("is there already", "holdfast channel edit later");
    }

    private void create(String name, BooleanSupplier seen, long millis) throws Exception {
        Process command = start("channel", "create", name);
        while (command.isAlive() && !seen.getAsBoolean()) {
            Thread.onSpinWait();
        }
        if (millis > 0) {
            command.waitFor(millis, TimeUnit.MILLISECONDS);
        }
        command.destroyForcibly().waitFor();
        run(0, "channel", "create", name);
        assertThat(terminal.out()).contains("channel %s: 3 of 3 nodes order it".formatted(name));
        run(0, "channel", "info", name, "--json");
        JsonNode nodes = Json.read(terminal.out(), JsonNode.class).path("nodes");
        assertThat(nodes).hasSize(3);
        nodes.forEach(
                node -> assertThat(node.path("tip")).isEqualTo(nodes.get(0).path("tip")));
    }

    private static boolean joined(String name) {
        return Files.exists(net.resolve("net/nodes/node1/data")) && contains(net.resolve("net/nodes/node1/data"), name);
    }

    private static boolean contains(Path directory, String name) {
        try (var walk = Files.walk(directory)) {
            return walk.anyMatch(path -> path.endsWith(name));
        } catch (IOException | UncheckedIOException moving) {
            return false;
        }
    }

    /// `channel edit --patch` of a pipe: the config is fetched by the time the pipe is open.
    private final class Patching {
        private final Terminal terminal = new Terminal();
        private final String patch;
        private final java.io.OutputStream pipe;
        private final CompletableFuture<Integer> code;

        Patching(String patch) throws IOException, InterruptedException {
            this.patch = patch;
            Path fifo = temp.resolve("pipe");
            assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                    .isZero();
            code = CompletableFuture.supplyAsync(
                    () -> terminal.run("channel", "edit", "demo", "--yes", "--patch", fifo.toString(), "--dir", dir()));
            pipe = Files.newOutputStream(fifo);
        }

        void go() throws IOException {
            pipe.write(patch.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            pipe.close();
        }

        int code() {
            return code.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    /// `channel edit` with an editor that waits.
    private final class Typing {
        private final Terminal terminal = new Terminal();
        private final Path go = temp.resolve("go");
        private final CompletableFuture<Integer> code;

        Typing(String edit) {
            Path open = temp.resolve("open");
            String editor = script("touch %s; while [ ! -e %s ]; do sleep 0.05; done; %s".formatted(open, go, edit));
            code = CompletableFuture.supplyAsync(
                    () -> terminal.run("channel", "edit", "demo", "--yes", "--editor", editor, "--dir", dir()));
            await().until(() -> Files.exists(open));
        }

        void go() {
            write(go, "");
        }

        int code() {
            return code.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    private Process start(String... words) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--dir", dir()));
        return Hosts.process(arguments)
                .redirectOutput(temp.resolve("out").toFile())
                .redirectError(temp.resolve("err").toFile())
                .start();
    }

    private String script(String text) {
        Path file = write(temp.resolve("editor" + System.identityHashCode(text) + ".sh"), text);
        return "sh " + file;
    }

    private Path patch(String text) {
        return write(temp.resolve("patch.yaml"), text);
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void replace(Path file, String before, String after) {
        assertThat(text(file)).contains(before);
        write(file, text(file).replace(before, after));
    }

    private static Path named(Pattern pattern, Terminal of) {
        Matcher matcher = pattern.matcher(of.err());
        assertThat(matcher.find()).as(of.err()).isTrue();
        return Path.of(matcher.group(1));
    }

    private long sequence() {
        run(0, "channel", "info", "demo", "--json");
        return Json.read(terminal.out(), JsonNode.class).path("config").asLong();
    }

    private String config() {
        run(0, "channel", "config", "demo");
        return terminal.out();
    }

    private static void set(String value) {
        Terminal other = new Terminal();
        assertThat(other.run("channel", "edit", "demo", "--yes", "--set", value, "--dir", dir()))
                .as(other.err())
                .isZero();
    }

    private void run(int code, String... words) {
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--dir";
        all[words.length + 1] = dir();
        assertThat(terminal.run(all))
                .as("%s%n%s%n%s", String.join(" ", words), terminal.out(), terminal.err())
                .isEqualTo(code);
    }

    private static String dir() {
        return net.resolve("net").toString();
    }
}
