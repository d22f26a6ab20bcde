package org.holdfast.order.raft;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.Disk;

/// The segments of one channel's log as Ratis left them. Used before Ratis opens them, by the thread that opens the
/// channel.
///
/// Format, from Ratis 3.3: `log_<first>-<last>` is a closed segment, `log_inprogress_<first>` the open one: 8 bytes of
/// header, then for each entry its length (varint), its bytes and a 4-byte checksum, then zeros.
final class LogOnDisk {
    private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");
    private static final Pattern OPEN = Pattern.compile("log_inprogress_(\\d+)");
    private static final int HEADER = 8;
    private static final int CHECKSUM = 4;
    /// Field 1, varint.
    private static final int TERM_TAG = 8;

    private final Disk disk;
    private final Path directory;

    /// @param directory Ratis' `current` directory of the group
    LogOnDisk(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /// Removes segments when all of them end before a position whose blocks are durable.
    ///
    /// Blocks fetched from others have no log behind them. Ratis opens such a log with its old open segment in place
    /// and then takes no entry ever: what comes next does not follow that segment's end. Nothing is forgotten: every
    /// entry removed is in a durable block, and vote and term are elsewhere.
    ///
    /// @return whether segments were removed
    boolean dropIfBehind(long index) {
        long last = last();
        if (last < 0 || last >= index) {
            return false;
        }
        for (Path path : disk.list(directory)) {
            String name = String.valueOf(path.getFileName());
            if (CLOSED.matcher(name).matches() || OPEN.matcher(name).matches()) {
                disk.delete(path);
            }
        }
        disk.forceDirectory(directory);
        return true;
    }

    /// Cuts an unfinished write off the end of the open segment.
    ///
    /// @return how many bytes shorter it is; 0 when there was none
    int cutUnfinishedWrite() {
        int cut = 0;
        for (Path path : disk.list(directory)) {
            if (OPEN.matcher(String.valueOf(path.getFileName())).matches()) {
                byte[] bytes = disk.read(path);
                OptionalInt end = UnfinishedWrite.in(bytes);
                if (end.isPresent()) {
                    try (Disk.DiskFile file = disk.open(path)) {
                        file.truncate(end.getAsInt());
                        file.force();
                    }
                    cut += bytes.length - end.getAsInt();
                }
            }
        }
        return cut;
    }

    /// Term of the last whole entry; 0 without any.
    long lastTerm() {
        SortedMap<Long, Path> segments = new TreeMap<>(Comparator.reverseOrder());
        for (Path path : disk.list(directory)) {
            String name = String.valueOf(path.getFileName());
            for (Matcher matcher : List.of(CLOSED.matcher(name), OPEN.matcher(name))) {
                if (matcher.matches()) {
                    segments.put(Long.parseLong(matcher.group(1)), path);
                }
            }
        }
        for (Path segment : segments.values()) {
            Entries entries = new Entries(disk.read(segment));
            if (entries.count() > 0) {
                return entries.lastTerm();
            }
        }
        return 0;
    }

    /// Index of the last whole entry, or of the one before the first; -1 without segments.
    private long last() {
        long last = -1;
        for (Path path : disk.list(directory)) {
            String name = String.valueOf(path.getFileName());
            Matcher closed = CLOSED.matcher(name);
            Matcher open = OPEN.matcher(name);
            if (closed.matches()) {
                last = Math.max(last, Long.parseLong(closed.group(2)));
            } else if (open.matches()) {
                last = Math.max(last, Long.parseLong(open.group(1)) - 1 + new Entries(disk.read(path)).count());
            }
        }
        return last;
    }

    /// The whole entries of one segment.
    private static final class Entries {
        private final byte[] segment;
        private int count;
        private long lastTerm;

        Entries(byte[] segment) {
            this.segment = segment;
            if (segment.length > HEADER) {
                try {
                    read(CodedInputStream.newInstance(segment, HEADER, segment.length - HEADER));
                } catch (IOException e) {
                    return; // a length that was not written to its end: what was counted so far is whole
                }
            }
        }

        int count() {
            return count;
        }

        long lastTerm() {
            return lastTerm;
        }

        private void read(CodedInputStream in) throws IOException {
            while (!in.isAtEnd()) {
                int length = in.readRawVarint32();
                int at = HEADER + in.getTotalBytesRead();
                if (length <= 0 || length > segment.length - at - CHECKSUM) {
                    return; // the padding, or an entry that was not written to its end
                }
                in.skipRawBytes(length + CHECKSUM);
                if (segment[at] == TERM_TAG) {
                    lastTerm = CodedInputStream.newInstance(segment, at + 1, length - 1)
                            .readUInt64();
                }
                count++;
            }
        }
    }
}
