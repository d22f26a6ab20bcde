package org.holdfast.order;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Frame;
import org.holdfast.env.Frame.Verdict;
import org.holdfast.wire.MemberId;

/// A channel's marker that keeps a forgotten vote from being cast again. It lies outside the log's directory: whoever
/// loses the log keeps the marker, whoever loses both has no leave to vote.
///
/// The file is a [Frame] of kind `SEAT`, version 1; its body is `<state> <member id>` in ASCII with a state of
/// - `FRESH`: provisioned as one of the first members, has not voted,
/// - `JOINING`: provisioned to be added to a log that exists, has not voted,
/// - `VOTER`: has started; may have voted.
///
/// The step to `VOTER` comes before the log is made, so a start that dies between the two uses the member id up: it
/// never voted, but nobody can tell.
///
/// Written by the thread that opens the channel; not thread-safe.
public final class SeatFile {
    private static final Frame FRAME = new Frame("SEAT", 1, 1);
    private static final Pattern BODY = Pattern.compile("(FRESH|JOINING|VOTER) (\\S{1,64})");

    private final Disk disk;
    private final Path file;

    /// @param file the channel's marker; its directory must exist and must not be the log's
    public SeatFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
    }

    /// Lets a member that never voted start once as one of the log's first members.
    ///
    /// @throws IllegalStateException when there is a marker already: its member may have voted
    public void provision(MemberId member) {
        if (disk.exists(file)) {
            throw new IllegalStateException("seat marker " + file + " exists: a seat is provisioned once");
        }
        write("FRESH", member);
    }

    /// Lets a member start once with nothing, to be added by the others. Over an older marker only with a later
    /// incarnation.
    ///
    /// @throws IllegalStateException when the marker is of this incarnation or a later one
    public void join(MemberId member) {
        Optional<MemberId> held = member();
        if (held.isPresent()
                && held.get().seat().equals(member.seat())
                && held.get().incarnation() >= member.incarnation()) {
            throw new IllegalStateException(
                    "seat marker %s is of %s: %s cannot join as new".formatted(file, held.get(), member));
        }
        write("JOINING", member);
    }

    /// The member the marker is of, if there is one. An unreadable marker is a [DiskFault].
    public Optional<MemberId> member() {
        return read().map(Marker::member);
    }

    /// How a member may start. Changes nothing.
    ///
    /// @param logOnDisk whether the channel's log is there
    public SeatState state(MemberId self, boolean logOnDisk) {
        Optional<Marker> read = read();
        if (read.isEmpty()) {
            return new SeatState.NeedsTakeover(self, "there is no seat marker " + file);
        }
        Marker marker = read.get();
        if (!marker.member().equals(self)) {
            return new SeatState.NeedsTakeover(self, "seat marker " + file + " is of " + marker.member());
        }
        return switch (marker.state()) {
            case "FRESH" -> logOnDisk ? unexpectedLog(self) : new SeatState.FirstStart(self);
            case "JOINING" -> logOnDisk ? unexpectedLog(self) : new SeatState.Joining(self);
            default ->
                logOnDisk
                        ? new SeatState.Restart(self)
                        : new SeatState.NeedsTakeover(self, "it may have voted, and its log is gone");
        };
    }

    /// Like [#state], and uses the one start up: the marker is durable as a voter's when this returns.
    public SeatState enter(MemberId self, boolean logOnDisk) {
        SeatState state = state(self, logOnDisk);
        switch (state) {
            case SeatState.FirstStart first -> write("VOTER", first.member());
            case SeatState.Joining joining -> write("VOTER", joining.member());
            case SeatState.Restart _, SeatState.NeedsTakeover _ -> {}
        }
        return state;
    }

    private SeatState unexpectedLog(MemberId self) {
        return new SeatState.NeedsTakeover(
                self, "seat marker " + file + " is unused, yet there is a log: restored from a copy?");
    }

    private Optional<Marker> read() {
        return switch (FRAME.read(disk, file)) {
            case Verdict.Absent _ -> Optional.empty();
            case Verdict.Sound sound -> Optional.of(parse(new String(sound.body(), StandardCharsets.US_ASCII)));
            case Verdict.Corrupt corrupt ->
                throw new DiskFault("reading seat marker (" + corrupt.reason() + ")", file, null);
            case Verdict.TooOld old ->
                throw new DiskFault("reading seat marker (too old: version " + old.version() + ")", file, null);
            case Verdict.TooNew fresh ->
                throw new DiskFault("reading seat marker (too new: version " + fresh.version() + ")", file, null);
        };
    }

    private Marker parse(String body) {
        Matcher matcher = BODY.matcher(body);
        if (!matcher.matches()) {
            throw new DiskFault("reading seat marker (body is not '<state> <member>')", file, null);
        }
        return new Marker(matcher.group(1), MemberId.parse(matcher.group(2)));
    }

    private void write(String state, MemberId member) {
        FRAME.write(disk, file, (state + " " + member).getBytes(StandardCharsets.US_ASCII));
    }

    private record Marker(String state, MemberId member) {}
}
