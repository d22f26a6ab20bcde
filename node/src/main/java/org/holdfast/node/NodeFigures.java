package org.holdfast.node;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.order.Orderer;
import org.holdfast.order.OrdererStatus;
import org.holdfast.wire.ChannelId;

/// Figures of the node as a whole, looked up when somebody reads them. The names without `holdfast_` are Fabric's.
final class NodeFigures implements AutoCloseable {
    static final Metric.Gauge VERSION =
            Metric.gauge("fabric_version", "1, labelled with the version of this program.", "1", "version");
    static final Metric.Gauge RELATION = Metric.gauge(
            "participation_consensus_relation",
            "What the node is in a channel: 0 other, 1 consenter, 2 follower, 3 config tracker.",
            "1",
            "channel");
    static final Metric.Gauge PARTICIPATION = Metric.gauge(
            "participation_status",
            "0 inactive (not open: it waits for its first start or its ledger does not open), 1 active, 2 onboarding,"
                    + " 3 failed (halted, or its disk or log takes nothing).",
            "1",
            "channel");
    static final Metric.Gauge EGRESS = Metric.gauge(
            "cluster_comm_egress_tls_connection_count", "Connections this node holds to other members.", "connections");
    static final Metric.Gauge HEALTHY = Metric.gauge("holdfast_healthy", "1 while /healthz answers 200.", "1");
    static final Metric.Gauge JUDGES = Metric.gauge(
            "holdfast_judge_queue", "Envelopes that wait for their signature check, all channels.", "envelopes");
    static final Metric.Gauge EXPIRY = Metric.gauge(
            "holdfast_certificate_expiry_seconds",
            "Seconds until a certificate of this node ends; negative when it has.",
            "s",
            "certificate");
    static final Metric.Gauge FREE = Metric.gauge(
            "holdfast_disk_free_bytes", "Room at a data directory; NaN when it cannot be read.", "bytes", "directory");
    static final Metric.Gauge HEAP = Metric.gauge("holdfast_jvm_heap_used_bytes", "Heap in use.", "bytes");
    static final Metric.Gauge HEAP_MAX = Metric.gauge("holdfast_jvm_heap_max_bytes", "Heap at most.", "bytes");
    static final Metric.Gauge NON_HEAP =
            Metric.gauge("holdfast_jvm_nonheap_used_bytes", "JVM memory in use beside the heap.", "bytes");
    static final Metric.Gauge DIRECT =
            Metric.gauge("holdfast_jvm_buffer_used_bytes", "Buffers outside the heap.", "bytes", "pool");
    static final Metric.Gauge THREADS =
            Metric.gauge("holdfast_jvm_threads", "Platform threads; virtual ones are not counted.", "threads");
    static final Metric.Gauge GC_COUNT =
            Metric.gauge("holdfast_jvm_gc_count", "Garbage collections since the start.", "collections", "collector");
    static final Metric.Gauge GC_SECONDS = Metric.gauge(
            "holdfast_jvm_gc_seconds", "Time spent in garbage collection since the start.", "s", "collector");
    static final Metric.Gauge CPU =
            Metric.gauge("holdfast_process_cpu_seconds", "CPU time of the process since the start.", "s");
    static final Metric.Gauge FILES =
            Metric.gauge("holdfast_process_open_files", "Open files and sockets, where the system tells.", "files");
    static final Metric.Gauge UPTIME =
            Metric.gauge("holdfast_process_uptime_seconds", "Since the process started.", "s");

    static final List<Metric> ALL = List.of(
            VERSION,
            RELATION,
            PARTICIPATION,
            EGRESS,
            HEALTHY,
            JUDGES,
            EXPIRY,
            FREE,
            HEAP,
            HEAP_MAX,
            NON_HEAP,
            DIRECT,
            THREADS,
            GC_COUNT,
            GC_SECONDS,
            CPU,
            FILES,
            UPTIME);

    private final Metrics metrics;
    private final World world;
    private final List<Metrics.Watch> watches = new ArrayList<>();
    private final Map<ChannelId, List<Metrics.Watch>> channels = new ConcurrentHashMap<>();

    NodeFigures(World world) {
        this.world = world;
        this.metrics = world.metrics();
        watch(VERSION, () -> 1, Version.text());
        machine();
    }

    /// Watches what the node consists of.
    void node(Channels open, Links links, Pool pool, Health health) {
        watch(EGRESS, links::connected);
        watch(JUDGES, pool::depth);
        watch(HEALTHY, () -> health.failures().isEmpty() ? 1 : 0);
        watches.add(metrics.beforeReading(() -> channels(open)));
    }

    /// Watches when a certificate ends.
    void certificate(String name, X509Certificate certificate) {
        long end = certificate.getNotAfter().toInstant().toEpochMilli();
        watch(EXPIRY, () -> (end - world.clock().wallMillis()) / 1000.0, name);
    }

    /// Watches the room at a directory.
    void directory(Path place) {
        watch(FREE, () -> free(place), place.toString());
    }

    /// Channels come and go: each is watched from the first look at it on.
    private void channels(Channels open) {
        open.open().stream().map(orderer -> orderer.config().id()).forEach(id -> channel(open, id));
        open.problems().keySet().forEach(id -> channel(open, id));
    }

    private void channel(Channels open, ChannelId id) {
        channels.computeIfAbsent(
                id,
                known -> List.of(
                        metrics.watch(RELATION, () -> relation(open, known), known.name()),
                        metrics.watch(PARTICIPATION, () -> participation(open, known), known.name())));
    }

    private static double relation(Channels open, ChannelId id) {
        boolean observes = open.find(id)
                .map(Orderer::status)
                .filter(status -> status.role() == OrdererStatus.Role.OBSERVER)
                .isPresent();
        return observes ? 2 : 1;
    }

    private static double participation(Channels open, ChannelId id) {
        return open.find(id)
                .map(Orderer::status)
                .map(status -> status.problem().isPresent() ? 3 : 1)
                .orElse(0);
    }

    private double free(Path place) {
        try {
            return world.disk().freeBytes(place);
        } catch (DiskFault e) {
            return Double.NaN;
        }
    }

    private void machine() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        watch(HEAP, () -> memory.getHeapMemoryUsage().getUsed());
        watch(HEAP_MAX, () -> memory.getHeapMemoryUsage().getMax());
        watch(NON_HEAP, () -> memory.getNonHeapMemoryUsage().getUsed());
        watch(THREADS, () -> ManagementFactory.getThreadMXBean().getThreadCount());
        watch(UPTIME, () -> ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0);
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            watch(GC_COUNT, collector::getCollectionCount, collector.getName());
            watch(GC_SECONDS, () -> collector.getCollectionTime() / 1000.0, collector.getName());
        }
        ManagementFactory.getPlatformMXBeans(java.lang.management.BufferPoolMXBean.class)
                .forEach(pool -> watch(DIRECT, pool::getMemoryUsed, pool.getName()));
        var system = ManagementFactory.getOperatingSystemMXBean();
        if (system instanceof com.sun.management.OperatingSystemMXBean process) {
            watch(CPU, () -> process.getProcessCpuTime() / 1e9);
        }
        if (system instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
            watch(FILES, unix::getOpenFileDescriptorCount);
        }
    }

    private void watch(Metric.Gauge metric, DoubleSupplier source, String... labels) {
        watches.add(metrics.watch(metric, source, labels));
    }

    @Override
    public void close() {
        watches.forEach(Metrics.Watch::close);
        channels.values().forEach(list -> list.forEach(Metrics.Watch::close));
    }
}
