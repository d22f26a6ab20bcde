package org.holdfast.drill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.transport.BroadcastStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.BlockHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An archive of the classes a node loads (the JVM's class data sharing): nodes that start from it need little more
/// than half the processor time to start. Whoever starts hundreds of nodes, as this tree's tests do, names a
/// directory for archives in the system property [#PROPERTY]; without it nothing is made and nodes start as they
/// always do.
///
/// The archive is made once for a class path, by the first who wants it, from what two nodes load that come up and
/// order an envelope. It lies at `nodes-<digest of the jars' names and sizes>.jsa`; the JVM itself looks whether
/// the jars are those it was made of, and otherwise starts without. Only jars can be in it: they come first in the
/// class path.
///
/// Any thread; one at a time makes an archive.
public final class ClassArchive {
    /// Names the directory.
    public static final String PROPERTY = "holdfast.class.archives";

    private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);
    private static final int NODES = 2;
    private static final int DUMP_SECONDS = 180;
    private static final int ANSWER_SECONDS = 60;

    private static final ReentrantLock MAKING = new ReentrantLock();
    // Guarded by MAKING.
    private static boolean failed;

    private ClassArchive() {}

    /// The words that give a node's JVM its class path, this JVM's, with the archive if there is one or it can be made.
    public static List<String> words(World world) {
        String classPath = System.getProperty("java.class.path", "");
        String home = System.getProperty(PROPERTY, "");
        if (home.isEmpty() || MAKING.isHeldByCurrentThread()) {
            return List.of("-cp", classPath);
        }
        List<String> jars = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String entry : classPath.split(":", -1)) {
            (entry.endsWith(".jar") ? jars : others).add(entry);
        }
        Path archive = Path.of(home).toAbsolutePath().resolve("nodes-" + digest(world, jars) + ".jsa");
        List<String> words = new ArrayList<>();
        if (isThere(world, archive, jars)) {
            words.add("-XX:SharedArchiveFile=" + archive);
        }
        List<String> ordered = new ArrayList<>(jars);
        ordered.addAll(others);
        words.addAll(List.of("-cp", String.join(":", ordered)));
        return List.copyOf(words);
    }

    private static boolean isThere(World world, Path archive, List<String> jars) {
        if (world.disk().exists(archive)) {
            return true;
        }
        MAKING.lock();
        try {
            if (!failed && !world.disk().exists(archive)) {
                make(world, archive, jars);
            }
            return world.disk().exists(archive);
        } catch (DiskFault | DrillFault | IllegalStateException e) {
            // boundary: it only saves time.
            failed = true;
            LOG.warn("nodes start without an archive of classes: {}", e.getMessage());
            return false;
        } finally {
            MAKING.unlock();
        }
    }

    private static void make(World world, Path archive, List<String> jars) {
        Disk disk = world.disk();
        Path directory = archive.resolveSibling(archive.getFileName() + ".making");
        disk.createDirectories(directory);
        Disk.DiskLock lock;
        try {
            lock = disk.lock(directory.resolve("lock"));
        } catch (DiskFault e) {
            LOG.debug("another process makes the archive: {}", e.getMessage());
            return;
        }
        try (lock) {
            if (disk.exists(archive)) {
                return;
            }
            Path lists = directory.resolve("lists");
            disk.createDirectories(lists);
            learn(world, directory.resolve("nodes"), lists);
            Path list = disk.list(lists).stream()
                    .max(Comparator.comparingInt(file -> disk.read(file).length))
                    .orElseThrow(() -> new DrillFault("no list of classes was written"));
            Path dumped = directory.resolve("dumped.jsa");
            dump(list, dumped, jars, directory.resolve("dump.txt"));
            disk.move(dumped, archive);
            disk.deleteTree(directory);
        }
    }

    /// Nodes write down which classes they load.
    private static void learn(World world, Path directory, Path lists) {
        SandboxPlan plan = SandboxPlan.THREE
                .withNodes(NODES)
                .withJvmOptions(List.of("-XX:DumpLoadedClassList=" + lists.resolve("%p.lst")));
        try (Sandbox sandbox = Sandbox.create(world, directory, plan);
                Author author = Author.of(sandbox)) {
            sandbox.up();
            for (SandboxNode node : sandbox.nodes()) {
                try (OrdererClient client = author.connect(node)) {
                    BroadcastStream stream = client.broadcast();
                    stream.send(author.message(node.name(), com.google.protobuf.ByteString.copyFromUtf8("learn")))
                            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
                }
            }
            sandbox.awaitEqualHeight(Duration.ofSeconds(ANSWER_SECONDS));
            sandbox.nodes().forEach(SandboxNode::stop);
        } catch (LinkBroken | ExecutionException | TimeoutException e) {
            throw new DrillFault("the nodes whose classes were to be listed did not order: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while classes were listed", e);
        }
    }

    private static void dump(Path list, Path archive, List<String> jars, Path said) {
        List<String> words = new ArrayList<>(Sandbox.jvm());
        words.addAll(List.of(
                "-Xshare:dump",
                "-XX:SharedClassListFile=" + list,
                "-XX:SharedArchiveFile=" + archive,
                "-cp",
                String.join(":", jars)));
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            if (!process.waitFor(DUMP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new DrillFault("the archive was not written within " + DUMP_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                throw new DrillFault("the archive was not written; what the JVM said is in " + said);
            }
        } catch (IOException e) {
            throw new IllegalStateException("no JVM can be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while an archive was written", e);
        }
    }

    private static String digest(World world, List<String> jars) {
        StringBuilder text = new StringBuilder(Runtime.version().toString());
        for (String jar : jars) {
            try (Disk.DiskFile file = world.disk().openRead(Path.of(jar))) {
                text.append('\n').append(jar).append(' ').append(file.size());
            }
        }
        byte[] digest = BlockHeader.sha256().digest(text.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(Arrays.copyOf(digest, 8));
    }
}
