package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.drill.ClassArchive;
import org.holdfast.env.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// The commands in the documents do what the documents say: every `sh` block is run as it stands, by a shell, in order.
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RunbookTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\\n(.*?)```", Pattern.DOTALL);
    private static final long MINUTES_MAX = 8;

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() throws IOException, InterruptedException {
        if (Files.exists(temp.resolve(".holdfast/network.json"))) {
            run(List.of("./holdfast destroy --yes"));
        }
    }

    @Test
    void theReadersFiveMinutes() throws IOException, InterruptedException {
        String output = run(blocks("README.md"));
        assertThat(output)
                .contains("3 of 3 nodes ready", "is killed; start it again", " durable, 0 refused")
                .contains("every line, in its order")
                .containsPattern("node1/data\\S*: sound")
                .containsPattern("node2/data\\S*: sound")
                .containsPattern("node3/data\\S*: sound")
                .contains("3 nodes stopped");
    }

    @Test
    void theOperatorsRunbooks() throws IOException, InterruptedException {
        String output = run(blocks("docs/operating.md"));
        assertThat(output).contains("1 durable, 0 refused", "node2 is ready", "sound", "first\nsecond\nthird\n");
        assertThat(temp.resolve(".holdfast")).doesNotExist();
    }

    @Test
    void theNetworkPage() throws IOException, InterruptedException {
        String output = run(blocks("docs/network.md"));
        assertThat(output)
                .contains("the loss of any one zone leaves a quorum", "KEEP trade/organizations OFF THE NODES")
                .contains("orderer.yaml", "type etcdraft", "block 0 of channel stock: type etcdraft, 1 consenters")
                .contains("OR('AcmeMSP.admin', 'AcmeMSP.peer', 'AcmeMSP.client')", "data hash holds");
        assertThat(output).doesNotContain("HAZARD");
    }

    @Test
    void theDrillsPage() throws IOException, InterruptedException {
        String output = run(blocks("docs/drills.md"));
        assertThat(output).contains("clock-jump ", "leader-dies: PASSED", "lost 0, duplicated 0", "copies equal");
        assertThat(temp.resolve("leader-dies.md"))
                .content()
                .startsWith("# Holdfast drills: PASSED")
                .contains("fault to a new leader", "| copies of all nodes equal | yes |");
    }

    @Test
    void theGoverningPage() throws IOException, InterruptedException {
        String output = run(blocks("docs/governing.md"));
        assertThat(output)
                .contains("config 1 of channel demo is in force on node1, node2, node3")
                .contains("orderer.batch.maxMessages: 200 -> 300", "they differ", "1 more of {OrdererOrg:")
                .contains("slower.pb holds the update with all signatures it needs")
                .contains("channel orders: 3 of 3 nodes order it");
    }

    @Test
    void theKeyspacesPage() throws IOException, InterruptedException {
        String output = run(blocks("docs/keyspaces.md"));
        assertThat(output)
                .contains("keyspace orders: 2 shards, 3 of 3 nodes order all of them", "2 records loaded")
                .contains("SET orders:users:", "shard 0 of keyspace orders: equal after block")
                .contains("keyspace orders is dropped");
    }

    private static List<String> blocks(String document) throws IOException {
        Path root = root();
        String text = Files.readString(root.resolve(document));
        List<String> found = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            String block = matcher.group(1);
            if (!block.contains("./check")) {
                found.add(block);
            }
        }
        assertThat(found).as("sh blocks of " + document).isNotEmpty();
        return found;
    }

    /// The launcher builds first; a test runs what is built already, so a shim of the same name stands in its place.
    private String run(List<String> blocks) throws IOException, InterruptedException {
        Path shim = temp.resolve("holdfast");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> classes = new ArrayList<>(ClassArchive.words(World.real()));
        classes.add("-D%s=%s".formatted(ClassArchive.PROPERTY, System.getProperty(ClassArchive.PROPERTY, "")));
        classes.replaceAll("'%s'"::formatted);
        Files.writeString(shim, """
                #!/bin/sh
                exec "%s" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED \\
                  --sun-misc-unsafe-memory-access=allow %s org.holdfast.cli.Main "$@"
                """.formatted(java, String.join(" ", classes)));
        assertThat(shim.toFile().setExecutable(true)).isTrue();
        Path output = temp.resolve("output.txt");
        ProcessBuilder shell = new ProcessBuilder("sh", "-eu", "-c", String.join("\n", blocks))
                .directory(temp.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        shell.environment().put("GIT_DIR", root().resolve(".git").toString());
        Process process = shell.start();
        boolean ended = process.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
        if (!ended) {
            process.toHandle().destroyForcibly();
        }
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("ended in time: " + text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }

    private static Path root() {
        // Tests of a room run in the room's directory, or in the root.
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("CONTRIBUTING.md"))
                ? here
                : here.resolve("..").normalize();
    }
}
