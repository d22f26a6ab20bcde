package org.holdfast.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `holdfast status`.
@Command(
        name = "status",
        description = "Shows every node: process, health, and its place in every channel.",
        footer = {
            "",
            "Exit code 0 even when nodes are down: the answer is the result.",
            "",
            "Examples:",
            "  holdfast status",
            "  holdfast status --json | jq '.nodes[] | select(.healthy | not) | .name'"
        })
final class StatusCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final DirOption dirOption = new DirOption();

    @Option(names = "--json", description = "One JSON object.")
    private boolean json;

    /// The shape of `--json`.
    record Answer(List<NodeStatus> nodes) {}

    StatusCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        NetworkDir dir = dirOption.open(session);
        List<NodeStatus> status = new Nodes(session, dir, dir.load()).status();
        if (json) {
            session.screen().print(Json.pretty(new Answer(status)));
        } else {
            table(status).forEach(session.screen()::say);
        }
        return 0;
    }

    static List<String> table(List<NodeStatus> status) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NODE", "HEALTHY", "PID", "CHANNEL", "ROLE", "LEADER", "TERM", "HEIGHT", "LAG"));
        List<String> notes = new ArrayList<>();
        for (NodeStatus one : status) {
            String pid = one.pid() == null ? "-" : one.pid().toString();
            String healthy = one.healthy() ? "yes" : "no";
            if (one.channels().isEmpty()) {
                rows.add(List.of(one.name(), healthy, pid, "-", "-", "-", "-", "-", "-"));
            }
            for (NodeStatus.Channel channel : one.channels()) {
                rows.add(List.of(
                        one.name(),
                        healthy,
                        pid,
                        channel.name(),
                        channel.role(),
                        channel.leader() == null ? "none" : channel.leader(),
                        Long.toString(channel.term()),
                        Long.toString(channel.height()),
                        Long.toString(channel.lag())));
            }
            one.problems().forEach(problem -> notes.add(one.name() + ": " + problem));
        }
        List<String> lines = new ArrayList<>(aligned(rows));
        lines.addAll(notes);
        return lines;
    }

    /// Rows as lines, each column as wide as its widest cell.
    static List<String> aligned(List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
