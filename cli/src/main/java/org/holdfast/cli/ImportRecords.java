package org.holdfast.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandTable;
import org.jspecify.annotations.Nullable;

/// A file of keys and values, or of commands, read one record after the other. Belongs to one thread.
///
/// - `tsv`: a line each, key TAB value. `\t`, `\n`, `\r` and `\\` stand for a tab, a line feed, a carriage return and a
///   backslash; nothing else may follow a backslash. Bytes are taken as they are. A line without a tab is a failure.
/// - `resp`: commands as Redis clients send them, arrays of bulk strings (Redis protocol specification), the format
///   that `redis-cli --pipe` takes.
abstract class ImportRecords implements AutoCloseable {
    /// Longest record: the longest command a node takes.
    static final int RECORD_BYTES_MAX = 8 << 20;

    private static final int BUFFER = 1 << 16;
    private static final byte[] ONCE = {'O', 'N', 'C', 'E'};
    /// What the protocol adds to a word, about.
    private static final int AROUND_WORD = 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int until;
    private long position;
    /// Number of the last record.
    protected long number;

    /// One record.
    ///
    /// @param number of the line, or of the command, from 1
    /// @param end the file's position behind it
    /// @param command as it is sent; empty when the record is not usable
    /// @param keyHash the same for records of the same key
    /// @param fault why it is not; null when it is
    record Item(
            long number,
            long end,
            byte[] command,
            int keyHash,
            @Nullable String fault) {
        static Item unusable(long number, long end, String fault) {
            return new Item(number, end, new byte[0], 0, fault);
        }
    }

    /// @param in at `position` of the file
    /// @param number of the records before it
    protected ImportRecords(InputStream in, long position, long number) {
        this.in = in;
        this.position = position;
        this.number = number;
    }

    /// The next record; empty at the end. Throws [CommandFault] where the file cannot be read any further.
    abstract Optional<Item> next() throws IOException;

    /// Records read so far, with those before the beginning.
    long count() {
        return number;
    }

    long position() {
        return position;
    }

    /// The next byte; -1 at the end.
    protected final int read() throws IOException {
        if (at == until) {
            at = 0;
            until = Math.max(0, in.read(buffer));
            if (until == 0) {
                return -1;
            }
        }
        position++;
        return buffer[at++] & 0xff;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /// A command as Redis clients send it.
    static byte[] command(List<byte[]> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("*" + words.size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : words) {
            out.writeBytes(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(word);
            out.write('\r');
            out.write('\n');
        }
        return out.toByteArray();
    }

    /// Lines of key and value.
    static final class Tsv extends ImportRecords {
        private static final byte[] SET = {'S', 'E', 'T'};
        private final byte[] prefix;

        /// @param prefix put before each key
        Tsv(InputStream in, long position, long number, String prefix) {
            super(in, position, number);
            this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        Optional<Item> next() throws IOException {
            ByteArrayOutputStream key = new ByteArrayOutputStream();
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            key.writeBytes(prefix);
            ByteArrayOutputStream part = key;
            boolean inValue = false;
            String fault = null;
            int next = read();
            if (next < 0) {
                return Optional.empty();
            }
            number++;
            for (; next >= 0 && next != '\n'; next = read()) {
                if (next == '\t' && !inValue) {
                    part = value;
                    inValue = true;
                } else if (next != '\\') {
                    part.write(next);
                } else {
                    int letter = read();
                    int escaped = escaped(letter);
                    if (escaped < 0) {
                        fault = "a backslash is followed by something else than t, n, r or a backslash";
                    } else {
                        part.write(escaped);
                    }
                    if (letter == '\n') { // the line's end all the same: the next one is a record of its own
                        break;
                    }
                }
                if (key.size() + value.size() > RECORD_BYTES_MAX) {
                    fault = "longer than " + RECORD_BYTES_MAX + " bytes";
                    part.reset();
                }
            }
            if (fault == null && !inValue) {
                fault = "there is no tab between key and value";
            }
            if (fault != null) {
                return Optional.of(Item.unusable(number, position(), fault));
            }
            byte[] name = key.toByteArray();
            byte[] command = command(List.of(SET, name, value.toByteArray()));
            return Optional.of(new Item(number, position(), command, Arrays.hashCode(name), null));
        }

        private static int escaped(int letter) {
            return switch (letter) {
                case 't' -> '\t';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case '\\' -> '\\';
                default -> -1;
            };
        }
    }

    /// Commands as they are sent: those that change keys under an id each (`ONCE`, docs/redis.md), made of the import's
    /// name and the place in the file, so that one which is sent again is not carried out twice. A command about
    /// its connection is no record: connections of an import come and go, and what belongs together would be torn.
    static final class Resp extends ImportRecords {
        private static final int WORDS_MAX = 1 << 20;
        private static final int NAME_MAX = 64;
        private static final Set<String> OF_CONNECTIONS =
                Set.of("multi", "exec", "discard", "watch", "unwatch", "reset", "hello", "auth", "client", "quit");
        private final String run;

        /// @param run names the import
        Resp(InputStream in, long position, long number, String run) {
            super(in, position, number);
            this.run = run;
        }

        @Override
        Optional<Item> next() throws IOException {
            int first = read();
            if (first < 0) {
                return Optional.empty();
            }
            number++;
            long start = position() - 1;
            int count = length(first, '*', WORDS_MAX);
            List<byte[]> words = new ArrayList<>();
            long bytes = 0;
            for (int i = 0; i < count; i++) {
                int length = length(read(), '$', RECORD_BYTES_MAX);
                bytes += length + AROUND_WORD;
                if (bytes > RECORD_BYTES_MAX) {
                    throw broken("is longer than " + RECORD_BYTES_MAX + " bytes");
                }
                words.add(word(length));
            }
            if (words.isEmpty()) {
                return Optional.of(Item.unusable(number, position(), "an empty command"));
            }
            String name = name(words.getFirst());
            if (OF_CONNECTIONS.contains(name)) {
                return Optional.of(Item.unusable(
                        number,
                        position(),
                        name.toUpperCase(Locale.ROOT)
                                + " is about a connection, and an import has several, one after the"
                                + " other: give keys their values by single commands"));
            }
            int keyHash = words.size() > 1 ? Arrays.hashCode(words.get(1)) : 0;
            List<byte[]> sent = takesId(name) ? under(run + ":" + Long.toHexString(start), words) : words;
            return Optional.of(new Item(number, position(), command(sent), keyHash, null));
        }

        private byte[] word(int length) throws IOException {
            byte[] word = new byte[length];
            for (int i = 0; i < length; i++) {
                int next = read();
                if (next < 0) {
                    throw broken("is not whole");
                }
                word[i] = (byte) next;
            }
            if (read() != '\r' || read() != '\n') {
                throw broken("is not whole");
            }
            return word;
        }

        private static List<byte[]> under(String id, List<byte[]> words) {
            List<byte[]> all = new ArrayList<>();
            all.add(ONCE);
            all.add(id.getBytes(StandardCharsets.US_ASCII));
            all.addAll(words);
            return all;
        }

        private static String name(byte[] first) {
            return first.length > NAME_MAX
                    ? ""
                    : new String(first, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        }

        private static boolean takesId(String name) {
            CommandSpec spec = CommandTable.find(name);
            return spec != null
                    && spec.home() == CommandSpec.Home.STATE
                    && spec.writes()
                    && !spec.flags().contains("blocking");
        }

        private int length(int first, char kind, int most) throws IOException {
            if (first != kind) {
                throw broken("does not go on with '" + kind + "': this is no file of Redis commands");
            }
            int length = 0;
            int digits = 0;
            int next = read();
            for (; next >= '0' && next <= '9' && digits < 9; next = read()) {
                length = length * 10 + next - '0';
                digits++;
            }
            if (digits == 0 || next != '\r' || read() != '\n' || length > most) {
                throw broken("has a wrong length behind '" + kind + "'");
            }
            return length;
        }

        private CommandFault broken(String how) {
            return CommandFault.failed("command %d, which ends near byte %d, %s", number, position(), how);
        }
    }
}
