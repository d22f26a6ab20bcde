package org.holdfast.order.raft;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Frame;
import org.holdfast.env.Frame.Verdict;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.MemberId;

/// The members a log began with, kept until its own configuration takes over. Ratis writes no configuration before
/// the first leader does, so members that all stop before that would otherwise wait for each other for good.
///
/// One [Frame] per group, kind `FRST`, version 1; the body is a line `<member id>@<host:port>` per member, ASCII.
final class FirstMembers {
    private static final Frame FRAME = new Frame("FRST", 1, 1);

    private final Disk disk;
    private final Path directory;

    /// @param directory made if absent
    FirstMembers(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
        disk.createDirectories(directory);
    }

    void keep(String group, List<Seated> members) {
        String body = String.join(
                "\n", members.stream().map(m -> m.member() + "@" + m.address()).toList());
        FRAME.write(disk, directory.resolve(group), body.getBytes(StandardCharsets.US_ASCII));
    }

    void forget(String group) {
        disk.delete(directory.resolve(group));
    }

    /// The members the log began with; empty when this member joined it later.
    List<Seated> of(String group) {
        Path file = directory.resolve(group);
        return switch (FRAME.read(disk, file)) {
            case Verdict.Absent _ -> List.of();
            case Verdict.Sound sound -> parse(new String(sound.body(), StandardCharsets.US_ASCII));
            case Verdict.Corrupt corrupt -> throw new DiskFault("reading (" + corrupt.reason() + ")", file, null);
            case Verdict.TooOld old -> throw new DiskFault("reading (too old: " + old.version() + ")", file, null);
            case Verdict.TooNew fresh -> throw new DiskFault("reading (too new: " + fresh.version() + ")", file, null);
        };
    }

    private static List<Seated> parse(String body) {
        List<Seated> members = new ArrayList<>();
        body.lines().forEach(line -> {
            int at = line.indexOf('@');
            members.add(new Seated(MemberId.parse(line.substring(0, at)), line.substring(at + 1)));
        });
        return members;
    }
}
