package org.holdfast.state.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.holdfast.state.Command;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;

/// Commands about the server: INFO, SLOWLOG, LATENCY, and what harnesses call without needing it.
final class ServerCommands {
    private static final int SLOW_SHOWN = 10;
    private static final double MILLIS = 1e3;

    // The section that is left out unless asked for.
    private static final String COMMANDS = "Commandstats";

    private final long startedNanos;
    private final IntPort port;
    private final CommandFigures calls;

    /// The port the door listens on; known after the commands are.
    interface IntPort {
        int get();
    }

    ServerCommands(long startedNanos, IntPort port, CommandFigures calls) {
        this.startedNanos = startedNanos;
        this.port = port;
        this.calls = calls;
    }

    void register(Map<String, DoorCommand> into) {
        into.put("info", this::info);
        into.put("time", (session, _) -> {
            long millis = session.door().world().clock().wallMillis();
            return Answers.texts(List.of(Long.toString(millis / 1000), Long.toString(millis % 1000 * 1000)));
        });
        into.put("role", (_, _) -> new Reply.Listing(List.of(Reply.bulk("master"), Reply.of(0), Reply.EMPTY)));
        into.put("slowlog|get", ServerCommands::slowLog);
        into.put(
                "slowlog|len", (session, _) -> Reply.of(session.door().slowLog().size()));
        into.put("slowlog|reset", (session, _) -> {
            session.door().slowLog().clear();
            return Reply.OK;
        });
        into.put("slowlog|help", (_, _) -> Answers.texts(List.of("SLOWLOG GET [count] | LEN | RESET")));
        into.put("latency|latest", (_, _) -> Reply.EMPTY);
        into.put("latency|history", (_, _) -> Reply.EMPTY);
        into.put("latency|histogram", (_, _) -> new Reply.Pairs(List.of()));
        into.put("latency|reset", (_, _) -> Reply.of(0));
        into.put("latency|doctor", (_, _) -> new Reply.Text("txt", "Latencies are in the node's /metrics.\n"));
        into.put("latency|help", (_, _) -> Answers.texts(List.of("LATENCY LATEST | HISTORY event | RESET")));
        into.put("function", (_, command) -> {
            boolean flush = Answers.lower(command.argv().get(1)).equals("flush");
            return flush ? Reply.OK : Answers.unsupported("functions");
        });
        // A reply to a write already stands for a majority of durable copies.
        into.put("wait", (_, command) -> wait(command));
        into.put(
                "lolwut", (_, _) -> new Reply.Text("txt", "Holdfast, speaking Redis " + SessionCommands.SPOKEN + "\n"));
    }

    private static Reply wait(Command command) {
        boolean whole = Numbers.whole(command.argv().get(1)).isPresent()
                && Numbers.whole(command.argv().get(2)).isPresent();
        return whole ? Reply.of(0) : Answers.NOT_WHOLE;
    }

    private static Reply slowLog(Session session, Command command) {
        List<byte[]> argv = command.argv();
        if (argv.size() > 3) {
            return Answers.arity("slowlog|get");
        }
        long count = SLOW_SHOWN;
        if (argv.size() == 3) {
            OptionalLong asked = Numbers.whole(argv.get(2));
            if (asked.orElse(-2) < -1) {
                return Answers.err("count should be greater than or equal to -1");
            }
            count = asked.getAsLong() == -1 ? Integer.MAX_VALUE : asked.getAsLong();
        }
        return session.door().slowLog().newest((int) Math.min(count, Integer.MAX_VALUE));
    }

    private Reply info(Session session, Command command) {
        Set<String> wanted = new TreeSet<>();
        command.argv().stream().skip(1).forEach(word -> wanted.add(Answers.lower(word)));
        boolean all = wanted.contains("all") || wanted.contains("everything");
        boolean usual = all || wanted.isEmpty() || wanted.contains("default");
        StringBuilder text = new StringBuilder();
        sections(session).forEach((name, lines) -> {
            boolean asked = wanted.contains(name.toLowerCase(Locale.ROOT));
            if (asked || (name.equals(COMMANDS) ? all : usual)) {
                text.append(text.isEmpty() ? "" : "\r\n")
                        .append("# ")
                        .append(name)
                        .append("\r\n");
                lines.forEach(line -> text.append(line).append("\r\n"));
            }
        });
        return new Reply.Text("txt", text.toString());
    }

    private Map<String, List<String>> sections(Session session) {
        Doorway door = session.door();
        Map<String, List<String>> sections = new LinkedHashMap<>();
        long up = TimeUnit.NANOSECONDS.toSeconds(door.nanos() - startedNanos);
        sections.put(
                "Server",
                lines(
                        "redis_version:" + SessionCommands.SPOKEN,
                        "redis_mode:standalone",
                        "server_name:holdfast",
                        "arch_bits:64",
                        "tcp_port:" + port.get(),
                        "server_time_usec:" + door.world().clock().wallMillis() * 1000,
                        "uptime_in_seconds:" + up,
                        "uptime_in_days:" + up / 86_400));
        long waiting = door.sessions().all().stream()
                .filter(other -> other.waiting() != null)
                .count();
        sections.put(
                "Clients",
                lines(
                        "connected_clients:" + door.sessions().count(),
                        "maxclients:" + door.tuning().clients,
                        "blocked_clients:" + waiting));
        Runtime runtime = Runtime.getRuntime();
        sections.put(
                "Memory",
                lines(
                        "used_memory:" + (runtime.totalMemory() - runtime.freeMemory()),
                        "maxmemory:" + runtime.maxMemory(),
                        "maxmemory_policy:noeviction",
                        "unanswered_bytes:" + door.unanswered().get()));
        sections.put("Persistence", lines("loading:0", "aof_enabled:1", "rdb_bgsave_in_progress:0"));
        sections.put(
                "Stats",
                lines(
                        "total_connections_received:" + door.figures().count(DoorFigures.OPENED),
                        "total_commands_processed:" + door.figures().count(DoorFigures.COMMANDS),
                        "instantaneous_ops_per_sec:0"));
        sections.put("Replication", lines("role:master", "connected_slaves:0", "master_repl_offset:0"));
        sections.put("CPU", processor());
        sections.put(COMMANDS, calls.commands());
        sections.put("Errorstats", calls.errors());
        sections.put("Cluster", lines("cluster_enabled:0"));
        for (Backend.Section section : door.backend().info()) {
            sections.computeIfAbsent(section.name(), _ -> new ArrayList<>()).addAll(section.lines());
        }
        return sections;
    }

    // All of it counts as the user's: Java does not tell the system's part.
    private static List<String> processor() {
        double seconds = ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / MILLIS;
        return lines(
                "used_cpu_sys:0.000000",
                String.format(Locale.ROOT, "used_cpu_user:%.6f", seconds),
                "used_cpu_sys_children:0.000000",
                "used_cpu_user_children:0.000000");
    }

    private static List<String> lines(String... lines) {
        return new ArrayList<>(List.of(lines));
    }
}
