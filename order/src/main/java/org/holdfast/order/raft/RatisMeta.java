package org.holdfast.order.raft;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Frame;
import org.holdfast.env.Frame.Verdict;

/// What Ratis keeps of one channel beside its log, and our copy of it. Ratis writes both files through a stream that
/// takes the old file's place even when the write failed, so a full disk leaves them empty: the vote that was cast
/// would be forgotten, or the members whose entry the log has given back.
///
/// Copied before anybody may rest on it, restored before Ratis opens the log:
///
/// - term and vote (`current/raft-meta`), before a vote leaves. Restored, the term is no less than that of the last
///   entry: whoever took entries of a term in does not go back behind it. A vote in that term was never told, or it
///   would be in the copy.
/// - the newest members (`current/raft-meta.conf`), before the log gives anything back: the entry that says so is in
///   the log or in the copy.
///
/// One [Frame] each, version 1: kind `VOTE`, the body is Ratis' own form, properties `term` and `votedFor` in UTF-8
/// with a line end behind each; kind `CONF`, the body is the log entry of the configuration, Ratis' protobuf. Opening
/// and the engine's background work call this one after the other, and [VoteBarrier] one [#keepVote] at a time.
final class RatisMeta {
    private static final Frame VOTE = new Frame("VOTE", 1, 1);
    private static final Frame CONF = new Frame("CONF", 1, 1);
    private static final String TERM = "term";
    private static final String VOTED_FOR = "votedFor";

    private final Disk disk;
    private final Path group;
    private final String name;
    private final Path votes;
    private final Path members;

    /// @param storage the engine's directory; the group's own is `groups/<name>` below it
    RatisMeta(Disk disk, Path storage, String name) {
        this.disk = disk;
        this.name = name;
        this.group = storage.resolve("groups").resolve(name);
        this.votes = storage.resolve("votes");
        this.members = storage.resolve("members");
    }

    /// Before Ratis makes a new log: nothing was voted, no members are known.
    void begin() {
        disk.createDirectories(votes);
        disk.createDirectories(members);
        disk.delete(members.resolve(name));
        VOTE.write(disk, votes.resolve(name), new Ballot(0, "").bytes());
    }

    /// After a log was deleted.
    void forget() {
        disk.delete(votes.resolve(name));
        disk.delete(members.resolve(name));
    }

    /// Before Ratis opens a log that is there.
    ///
    /// @param lastTerm asked for the term of the last entry that was taken in, in the log or in blocks
    /// @return whether Ratis' files had to be mended. Throws [DiskFault] when term and vote are in neither place: this
    ///     member id must not vote again
    boolean restore(LongSupplier lastTerm) {
        disk.createDirectories(votes);
        disk.createDirectories(members);
        boolean mended = restoreVote(lastTerm);
        return restoreMembers() || mended;
    }

    /// Returns when the vote that Ratis has written is durable in our copy.
    void keepVote() {
        Path file = voteFile();
        byte[] bytes = disk.read(file);
        if (Ballot.read(bytes).isEmpty()) {
            throw new DiskFault("reading term and vote (not written to its end)", file, null);
        }
        VOTE.write(disk, votes.resolve(name), bytes);
    }

    /// Returns when the newest members are durable in our copy.
    void keepMembers(LogEntryProto entry) {
        CONF.write(disk, members.resolve(name), entry.toByteArray());
    }

    /// Frees the lock of an opening that failed: Ratis keeps it until the process ends, and the next try would meet it.
    /// The file is the lock's only name, so a new one is free.
    void unlock() {
        disk.delete(group.resolve("in_use.lock"));
    }

    private boolean restoreVote(LongSupplier lastTerm) {
        Path file = voteFile();
        Optional<Ballot> written = disk.exists(file) ? Ballot.read(disk.read(file)) : Optional.empty();
        Optional<Ballot> kept = body(VOTE, votes.resolve(name)).flatMap(Ballot::read);
        Ballot newest = written.map(w -> kept.map(w::orNewer).orElse(w))
                .or(() -> kept)
                .orElseThrow(() -> new DiskFault(
                        "reading term and vote (not written to its end, and no copy of it; empty the node's directory"
                                + " of this channel's log, it comes back as its next incarnation)",
                        file,
                        null));
        Ballot sound = written.isPresent() ? newest : newest.atLeast(lastTerm.getAsLong());
        if (!kept.equals(Optional.of(sound))) {
            VOTE.write(disk, votes.resolve(name), sound.bytes());
        }
        boolean broken = !written.equals(Optional.of(sound));
        if (broken) {
            disk.replace(file, sound.bytes());
        }
        return broken;
    }

    private boolean restoreMembers() {
        Path file = group.resolve("current").resolve("raft-meta.conf");
        Optional<LogEntryProto> kept = body(CONF, members.resolve(name)).flatMap(RatisMeta::entry);
        Optional<LogEntryProto> written = disk.exists(file) ? entry(disk.read(file)) : Optional.empty();
        boolean broken = kept.isPresent()
                && (written.isEmpty() || written.get().getIndex() < kept.get().getIndex());
        if (broken) {
            disk.replace(file, kept.get().toByteArray());
        }
        return broken;
    }

    private Optional<byte[]> body(Frame frame, Path file) {
        return switch (frame.read(disk, file)) {
            case Verdict.Absent _ -> Optional.empty();
            case Verdict.Sound sound -> Optional.of(sound.body());
            case Verdict.Corrupt corrupt -> throw new DiskFault("reading (" + corrupt.reason() + ")", file, null);
            case Verdict.TooOld old -> throw new DiskFault("reading (too old: " + old.version() + ")", file, null);
            case Verdict.TooNew fresh -> throw new DiskFault("reading (too new: " + fresh.version() + ")", file, null);
        };
    }

    private Path voteFile() {
        return group.resolve("current").resolve("raft-meta");
    }

    private static Optional<LogEntryProto> entry(byte[] bytes) {
        try {
            return Optional.of(LogEntryProto.parseFrom(bytes)).filter(LogEntryProto::hasConfigurationEntry);
        } catch (InvalidProtocolBufferException torn) {
            return Optional.empty();
        }
    }

    /// A term and whom this member has voted for in it; nobody is the empty string.
    private record Ballot(long term, String votedFor) {
        /// Empty when the file was not written to its end.
        static Optional<Ballot> read(byte[] file) {
            Properties properties = new Properties();
            try {
                properties.load(new ByteArrayInputStream(file));
            } catch (IOException impossible) {
                throw new IllegalStateException("reading from memory", impossible);
            }
            String term = properties.getProperty(TERM, "");
            String votedFor = properties.getProperty(VOTED_FOR);
            boolean whole = file.length > 0 && file[file.length - 1] == '\n';
            return whole && votedFor != null && term.matches("\\d{1,18}")
                    ? Optional.of(new Ballot(Long.parseLong(term), votedFor))
                    : Optional.empty();
        }

        /// This one or the other: the later term, and in the same term the one that has a vote.
        Ballot orNewer(Ballot other) {
            return other.term > term || (other.term == term && votedFor.isEmpty()) ? other : this;
        }

        Ballot atLeast(long other) {
            return other > term ? new Ballot(other, "") : this;
        }

        byte[] bytes() {
            Properties properties = new Properties();
            properties.setProperty(TERM, Long.toString(term));
            properties.setProperty(VOTED_FOR, votedFor);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                properties.store(out, null);
            } catch (IOException impossible) {
                throw new IllegalStateException("writing to memory", impossible);
            }
            return out.toByteArray();
        }
    }
}
