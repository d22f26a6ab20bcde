package org.holdfast.lab.fuzz;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;

/// Gives inputs to one fuzz test until its time is up, and keeps what the test did not expect. Used by one thread.
final class Fuzzer {
    /// An input that takes longer is a finding; generous, for the machine has other work.
    private static final Duration SLOW = Duration.ofSeconds(5);
    /// An input that does not return by then ends the process.
    private static final Duration HANGS = Duration.ofMinutes(2);

    /// Bytes an input may make a decoder allocate: so many for each of its own, and so many anyway.
    private static final long GREED = 4000;

    private static final long GREED_ANYWAY = 64L << 20;
    private static final Duration REPORT = Duration.ofMinutes(1);
    private static final int WARM_UP = 200;

    private final World world;
    private final FuzzTarget target;
    private final Surgeon surgeon;
    private final Path findings;
    private final Consumer<String> out;
    private final com.sun.management.ThreadMXBean threads;
    private final Map<String, Path> found = new TreeMap<>();
    private final AtomicLong runningSince = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile byte[] running = new byte[0];
    private long executions;
    private long slowest;
    private double greediest;

    /// What a run came to.
    ///
    /// @param findings distinct ones, each with its file
    /// @param slowestMillis the longest an input took
    /// @param greediest bytes allocated for one byte of input, at most, for inputs above 1 KB
    record Result(long executions, Duration took, Map<String, Path> findings, long slowestMillis, double greediest) {}

    /// @param findings directory for inputs that are findings
    Fuzzer(World world, FuzzTarget target, Surgeon surgeon, Path findings, Consumer<String> out) {
        this.world = world;
        this.target = target;
        this.surgeon = surgeon;
        this.findings = findings;
        this.out = out;
        this.threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    }

    Result run(Duration length) {
        long start = world.clock().nanos();
        long reported = start;
        runningSince.set(start);
        Thread _ = world.start("fuzz-watch", this::watch);
        long now = start;
        while (now - start < length.toNanos()) {
            attempt(surgeon.next());
            now = world.clock().nanos();
            if (now - reported >= REPORT.toNanos()) {
                reported = now;
                out.accept("%s: %d inputs in %d s, %d findings"
                        .formatted(target.name(), executions, (now - start) / 1_000_000_000L, found.size()));
            }
        }
        done.countDown();
        return new Result(executions, Duration.ofNanos(now - start), found, slowest / 1_000_000, greediest);
    }

    private void attempt(byte[] input) {
        running = input;
        long before = threads.getCurrentThreadAllocatedBytes();
        long from = world.clock().nanos();
        runningSince.set(from);
        Throwable thrown = target.run(input).orElse(null);
        long took = world.clock().nanos() - from;
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        executions++;
        if (thrown != null) {
            keep(name(thrown), input, text(thrown));
        }
        if (executions <= WARM_UP) {
            return;
        }
        slowest = Math.max(slowest, took);
        if (input.length > 1024) {
            greediest = Math.max(greediest, (double) allocated / input.length);
        }
        if (took > SLOW.toNanos()) {
            keep("slow", input, "it took %d ms".formatted(took / 1_000_000));
        }
        if (allocated > GREED_ANYWAY + GREED * input.length) {
            keep("greedy", input, "%d bytes of input made it allocate %d".formatted(input.length, allocated));
        }
    }

    private void keep(String name, byte[] input, String text) {
        if (found.containsKey(name)) {
            return;
        }
        byte[] digest = BlockHeader.sha256().digest(input);
        Path file = findings.resolve(
                target.name() + "-" + HexFormat.of().formatHex(digest).substring(0, 12));
        world.disk().createDirectories(findings);
        world.disk().replace(file, input);
        world.disk().replace(findings.resolve(file.getFileName() + ".txt"), text.getBytes(StandardCharsets.UTF_8));
        found.put(name, file);
        out.accept("FINDING %s: %s, input %s".formatted(target.name(), name, file));
    }

    /// The exception and the first of our own lines that threw it.
    private static String name(Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (frame.getClassName().startsWith("org.holdfast.")) {
                return thrown.getClass().getName() + " at " + frame.getClassName() + ":" + frame.getLineNumber();
            }
        }
        return thrown.getClass().getName();
    }

    private static String text(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private void watch() {
        try {
            while (!done.await(1, TimeUnit.SECONDS)) {
                if (world.clock().nanos() - runningSince.get() > HANGS.toNanos()) {
                    keep("hangs", running, "it did not return within " + HANGS);
                    Runtime.getRuntime().halt(3);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
