package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.env.Disk;
import org.holdfast.env.PortHolder;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CommandLineTest {
    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @Test
    void wrongUsageIsExitCodeTwoAndSaysWhereToLook() {
        assertThat(run("up", "--nodes", "many")).isEqualTo(2);
        assertThat(terminal.err()).contains("--nodes", "holdfast up --help");
        assertThat(run("submit", "--channel", "demo")).isEqualTo(2);
        assertThat(run("submit", "--channel", "demo", "-", "--window", "0")).isEqualTo(2);
        assertThat(run("feed", "--channel", "demo", "--from", "5", "--until", "4"))
                .isEqualTo(2);
        assertThat(run("feed", "--channel", "demo", "--from", "-3")).isEqualTo(2);
        assertThat(run("up", "--nodes", "0", "--dir", dir("none"))).isEqualTo(2);
        assertThat(run("up", "--channel", "Demo", "--dir", dir("none"))).isEqualTo(2);
        assertThat(run("ledger")).isEqualTo(2);
        assertThat(run("plan")).isEqualTo(2);
        assertThat(run("network")).isEqualTo(2);
        assertThat(run("node")).isEqualTo(2);
        assertThat(run("channel")).isEqualTo(2);
        assertThat(run("network", "create", "-f", "network.yaml")).isEqualTo(2);
        assertThat(run("drill")).isEqualTo(2);
        assertThat(run("drill", "run", "earthquake")).isEqualTo(2);
        assertThat(run("bench")).isEqualTo(2);
        assertThat(run("bench", "order", "--seconds", "1")).isEqualTo(2);
        assertThat(run("nonsense")).isEqualTo(2);
        assertThat(temp.resolve("none")).doesNotExist();
    }

    @Test
    void everyCommandHasHelp() {
        for (String command : new String[] {
            "up", "down", "destroy", "status", "logs", "start", "stop", "kill", "submit", "feed", "ledger", "plan",
            "network", "node", "channel", "bench", "drill", "version"
        }) {
            assertThat(run(command, "--help")).as(command).isZero();
        }
        assertThat(run()).isZero();
    }

    @Test
    void commandsOnNoNetworkSayHowToMakeOne() {
        for (String[] words : new String[][] {
            {"status"}, {"down"}, {"feed", "--channel", "demo"}, {"submit", "--channel", "demo", "--file", "/dev/null"}
        }) {
            String[] all = java.util.Arrays.copyOf(words, words.length + 2);
            all[words.length] = "--dir";
            all[words.length + 1] = dir("none");
            assertThat(run(all)).as(words[0]).isEqualTo(1);
            assertThat(terminal.err()).contains("there is no network", "holdfast up --dir");
        }
    }

    @Test
    void aDirectoryOfSomebodyElseIsLeftAlone() throws IOException {
        Path mine = Files.writeString(temp.resolve("thesis.txt"), "years of work");
        Files.createDirectories(temp.resolve("crypto"));

        assertThat(run("up", "--dir", temp.toString())).isEqualTo(1);
        assertThat(run("destroy", "--yes", "--dir", temp.toString())).isEqualTo(1);

        assertThat(terminal.err()).contains("not a network directory");
        assertThat(mine).hasContent("years of work");
        assertThat(temp.resolve("crypto")).exists();
    }

    @Test
    void statusOfAStoppedNetworkHasTheExactShape() {
        Network network = made("net");

        assertThat(run("status", "--json", "--dir", dir("net"))).isZero();

        JsonNode answer = Json.read(terminal.out(), JsonNode.class);
        assertThat(answer.propertyNames()).containsExactly("nodes");
        JsonNode node = answer.path("nodes").path(1);
        assertThat(node.propertyNames())
                .containsExactly("name", "pid", "dir", "healthy", "ports", "channels", "redisPort", "redisPlainPort");
        assertThat(node.path("name").asString()).isEqualTo("node2");
        assertThat(node.path("pid").isNull()).isTrue();
        assertThat(node.path("healthy").asBoolean(true)).isFalse();
        assertThat(node.path("ports").propertyNames()).containsExactly("general", "raft", "operations");
        assertThat(node.path("redisPort").asInt())
                .isEqualTo(network.node("node2").ports().redis());
        assertThat(node.path("ports").path("general").asInt())
                .isEqualTo(network.node("node2").ports().general());
    }

    @Test
    void anotherNumberOfNodesIsRefused() {
        made("net");

        assertThat(run("up", "--nodes", "5", "--dir", dir("net"))).isEqualTo(2);

        assertThat(terminal.err()).contains("has 2 nodes");
    }

    @Test
    void aSecondUpIsToldWhoLooksAfterTheNetwork() throws Exception {
        made("net");
        NetworkDir dir = networkDir("net");
        try (Disk.DiskLock _ = dir.lock()) {
            assertThat(run("up", "--dir", dir("net"))).isEqualTo(1);
            assertThat(terminal.err())
                    .contains(
                            "another 'holdfast up'",
                            String.valueOf(ProcessHandle.current().pid()));
        }
    }

    @Test
    void anInterruptedFirstRunIsDoneAgainOrFinished() throws IOException {
        Network network = made("net");
        Path root = temp.resolve("net");
        Files.createDirectories(root.resolve("making/crypto/half"));
        Path made = Files.createDirectories(root.resolve("made"));
        Files.move(root.resolve("network.json"), made.resolve("network.json"));
        Files.move(root.resolve("nodes"), made.resolve("nodes"));

        assertThat(networkDir("net").prepare()).isFalse();
        assertThat(networkDir("net").load()).isEqualTo(network);
        assertThat(root.resolve("nodes/node1/orderer.yaml")).exists();

        Path fresh = Files.createDirectories(temp.resolve("fresh/making/crypto/half"));
        assertThat(networkDir("fresh").prepare()).isTrue();
        assertThat(fresh).doesNotExist();
    }

    @Test
    void anUnreadableOrNewerNetworkFileIsNamed() throws IOException {
        made("net");
        Path file = temp.resolve("net/network.json");
        String good = Files.readString(file);
        Files.writeString(file, good.replace("\"version\" : 1", "\"version\" : 9"));
        assertThat(run("status", "--dir", dir("net"))).isEqualTo(1);
        assertThat(terminal.err()).contains("version 9");
        Files.writeString(file, good.substring(0, 40));
        assertThat(run("status", "--dir", dir("net"))).isEqualTo(1);
        assertThat(terminal.err()).contains("network.json cannot be read");
    }

    @Test
    void aStrangersProcessIsNeverTakenForANode() throws IOException {
        Network network = made("net");
        Path pid = temp.resolve("net/nodes/node1/node.pid");
        Files.writeString(pid, ProcessHandle.current().pid() + "\n");

        assertThat(new NodeProcess(networkDir("net"), network.node("node1")).running())
                .isEmpty();
        assertThat(run("kill", "node1", "--dir", dir("net"))).isZero();
        assertThat(terminal.out()).contains("was not running");
    }

    @Test
    void aTakenPortIsNamedWithNodeAndHolder() throws IOException {
        Network network = made("net");
        int port = network.node("node2").ports().general();
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            assertThat(run("start", "node2", "--dir", dir("net"))).isEqualTo(1);
            assertThat(terminal.err()).contains("port " + port, "node2");
            if (Files.exists(Path.of("/proc/net/tcp"))) {
                assertThat(PortHolder.pidListeningOn(port))
                        .hasValue(ProcessHandle.current().pid());
            }
        }
    }

    @Test
    void lastWordsAreTheLastErrorOfTheLog() throws IOException {
        Path log = Files.writeString(
                temp.resolve("node.log"),
                "info|a|[X] one\nerror|b|[Y] the disk is full\n\tat some.Frame\ninfo|c|[X] stopping\n",
                StandardCharsets.UTF_8);

        assertThat(NodeLog.lastWords(World.real().disk(), log)).isEqualTo("error|b|[Y] the disk is full");
    }

    private Network made(String name) {
        NetworkDir dir = networkDir(name);
        assertThat(dir.prepare()).isTrue();
        NetworkPlan plan = NetworkPlan.of(2, "demo", java.util.OptionalInt.empty());
        return new NetworkMaker(World.real(), dir, Crypto.choose()).make(plan);
    }

    private NetworkDir networkDir(String name) {
        return new NetworkDir(World.real().disk(), temp.resolve(name));
    }

    private String dir(String name) {
        return temp.resolve(name).toString();
    }

    private int run(String... words) {
        return terminal.run(words);
    }
}
