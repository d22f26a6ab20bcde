package org.holdfast.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.cli.Main;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A network that `holdfast up` started, handled by the program's commands alone; each is a process.
final class Net {
    private final Path dir;

    private Net(Path dir) {
        this.dir = dir;
    }

    /// What a command said and how it ended.
    record Said(int code, String text) {}

    static Net up(Path dir, int nodes) throws IOException, InterruptedException {
        Net net = new Net(dir);
        net.holdfast("up", "--detach", "--nodes", Integer.toString(nodes));
        return net;
    }

    /// A command that has to succeed.
    String holdfast(String... words) throws IOException, InterruptedException {
        Said said = run(words);
        assertThat(said.code())
                .as("%s%n%s", String.join(" ", words), said.text())
                .isZero();
        return said.text();
    }

    Said run(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        command.addAll(List.of("--dir", dir.toString()));
        // A file, not a pipe: what a detached node inherits must not keep the reader waiting.
        Path said = Files.createTempFile(dir.toAbsolutePath().getParent(), "said", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        process.getOutputStream().close();
        int code = process.waitFor();
        return new Said(code, Files.readString(said, StandardCharsets.UTF_8));
    }

    /// What `status` says of each node.
    List<JsonNode> status() throws IOException, InterruptedException {
        String text = holdfast("status", "--json");
        JsonNode nodes = JsonMapper.shared().readTree(text).path("nodes");
        List<JsonNode> each = new ArrayList<>();
        nodes.forEach(each::add);
        return each;
    }

    /// Each node's port of this name.
    List<Integer> ports(String name) throws IOException, InterruptedException {
        List<Integer> ports = new ArrayList<>();
        for (JsonNode node : status()) {
            assertThat(node.path(name).isInt()).as("%s of %s", name, node).isTrue();
            ports.add(node.path(name).asInt());
        }
        return ports;
    }

    Path settings(String node) {
        return dir.resolve("nodes").resolve(node).resolve("orderer.yaml");
    }

    /// Ends and deletes it.
    void destroy() throws IOException, InterruptedException {
        holdfast("destroy", "--yes");
    }
}
