package org.holdfast.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.holdfast.env.Disk;

/// The end of a node's log, read without loading the rest.
final class NodeLog {
    private static final int CHUNK = 64 * 1024;
    private static final int LOOK_BACK = 128 * 1024;
    private static final int WIDTH = 300;
    /// How the node's own log line begins, or the JVM's last words.
    private static final Pattern ERROR = Pattern.compile(
            "(error|fatal)\\||holdfast node:|exception in thread|error[: ]|# a fatal error|terminating due to",
            Pattern.CASE_INSENSITIVE);

    private NodeLog() {}

    /// The line that tells best why a node has ended: its last error, else its last line.
    static String lastWords(Disk disk, Path log) {
        if (!disk.exists(log)) {
            return "it wrote no log";
        }
        String last = "its log is empty";
        String error = "";
        for (String line : tail(disk, log)) {
            if (line.isBlank() || line.startsWith("\tat ") || line.startsWith("    at ")) {
                continue;
            }
            last = line;
            if (isError(line)) {
                error = line;
            }
        }
        String words =
                error.isEmpty() ? "no error in its log, so it was killed from outside; last line: " + last : error;
        return words.length() > WIDTH ? words.substring(0, WIDTH) + "..." : words;
    }

    private static boolean isError(String line) {
        return ERROR.matcher(line).lookingAt();
    }

    private static List<String> tail(Disk disk, Path log) {
        try (Disk.DiskFile file = disk.openRead(log)) {
            long from = Math.max(0, file.size() - LOOK_BACK);
            ByteBuffer buffer = ByteBuffer.allocate(LOOK_BACK);
            file.read(buffer, from);
            String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            return Arrays.asList(text.split("\n", -1));
        }
    }

    /// The offset at which the last so many lines begin.
    static long startOfLast(Disk.DiskFile file, long lines) {
        long size = file.size();
        long position = size;
        long seen = 0;
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
        while (position > 0) {
            int length = (int) Math.min(CHUNK, position);
            buffer.clear().limit(length);
            file.read(buffer, position - length);
            for (int i = length - 1; i >= 0; i--) {
                long at = position - length + i;
                // The line end at the very end closes the last line, it begins none.
                if (buffer.get(i) == '\n' && at != size - 1 && ++seen == lines) {
                    return at + 1;
                }
            }
            position -= length;
        }
        return 0;
    }
}
