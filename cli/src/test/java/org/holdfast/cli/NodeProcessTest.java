package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which process counts as a node. The process is real, and has a node's command line.
class NodeProcessTest {
    private final Network.Node node =
            new Network.Node("node1", "127.0.0.1", new Network.Ports(1, 2, 3), "node1/orderer.yaml", "node1/control");
    private final AtomicInteger nameless = new AtomicInteger();

    @TempDir
    Path temp;

    private NodeProcess known;
    private Process process;

    @BeforeEach
    void start() throws Exception {
        NetworkDir dir = new NetworkDir(disk(), temp);
        known = new NodeProcess(dir, node);
        process = started(dir.config(node).toString());
        Files.createDirectories(temp.resolve("node1"));
        Files.writeString(dir.pidFile(node), process.pid() + "\n");
    }

    @AfterEach
    void end() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Test
    void itsProcessIsKnownByItsProgramAndItsSettings() throws Exception {
        assertThat(known.running().map(ProcessHandle::pid)).contains(process.pid());
        Process ofAnother = started(temp.resolve("node2/orderer.yaml").toString());
        Files.writeString(temp.resolve("node1/node.pid"), ofAnother.pid() + "\n");
        assertThat(known.running()).isEmpty();
        ofAnother.destroyForcibly().waitFor();
    }

    /// `setsid` becomes `java`: between the two Linux shows no command line. `start` took that for the node's end.
    @Test
    void aProcessThatBecomesAnotherProgramIsLookedAtAgain() {
        nameless.set(3);
        assertThat(known.running().map(ProcessHandle::pid)).contains(process.pid());
        assertThat(nameless).hasValue(0);
    }

    @Test
    void aProcessThatNeverGetsANameIsNoNode() {
        nameless.set(Integer.MAX_VALUE);
        assertThat(known.running()).isEmpty();
    }

    /// Runs `sh`, whose further words are those of a node.
    private static Process started(String settings) throws Exception {
        return new ProcessBuilder(List.of("/bin/sh", "-c", "read -r line", NodeProcess.PROGRAM, "--config", settings))
                .start();
    }

    /// The real disk, which shows as many times as wished no command line.
    private Disk disk() {
        Disk real = World.real().disk();
        return (Disk) Proxy.newProxyInstance(
                Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (_, called, words) -> {
                    if (called.getName().equals("read")
                            && String.valueOf(words[0]).endsWith("/cmdline")
                            && nameless.getAndUpdate(left -> left == 0 ? 0 : left - 1) > 0) {
                        return new byte[0];
                    }
                    try {
                        return called.invoke(real, words);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
