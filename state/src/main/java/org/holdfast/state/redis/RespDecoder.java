package org.holdfast.state.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ByteProcessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads requests off a connection's bytes: arrays of bulk strings, or words on a line (the Redis serialization
/// protocol as its specification describes it; limits and fault texts are those of Redis 7.0).
///
/// Every byte is looked at once and leaves the input at once: a started line or bulk string is kept here, so a client
/// that sends byte by byte costs no more than one that sends blocks, and a bulk string is only given memory as its
/// bytes come. Used by one thread.
final class RespDecoder {
    /// A line (of words, or a length) may have this many bytes.
    static final int LINE_MAX = 64 << 10;

    /// A request may have this many words.
    static final int WORDS_MAX = 1 << 20;

    /// Before a client is known, a request has at most this many words...
    static final int UNKNOWN_WORDS_MAX = 10;

    /// ...of at most this many bytes.
    static final int UNKNOWN_BULK_MAX = 16384;

    private static final int FIRST_BYTES = 32 << 10;
    private static final int WORDS_RESERVED = 16;
    private static final int WORD_BYTES = 16;
    private static final byte[] EMPTY = new byte[0];
    private static final ByteProcessor UNTIL_LF = value -> value != '\n';
    private static final ByteProcessor UNTIL_CR = value -> value != '\r';

    private final long requestBytes;
    private byte[] line = EMPTY;
    private int lineLength;
    private int wordsLeft;
    private List<byte[]> words = new ArrayList<>();
    private byte @Nullable [] bulk;
    private int bulkLength;
    private int bulkFilled;
    private long bytes;
    private boolean started;

    /// @param requestBytes all words of a request together, each counted with 16 bytes for itself
    RespDecoder(long requestBytes) {
        this.requestBytes = requestBytes;
    }

    /// Whether a request has begun and not ended.
    boolean inRequest() {
        return started;
    }

    /// The next request that is complete.
    ///
    /// @param bulkMax largest bulk string taken now
    /// @param known whether the client has said who it is; what strangers may send is less
    /// @return its words, at least one; null when the input was used up before the end of a request
    @Nullable
    List<byte[]> next(ByteBuf in, int bulkMax, boolean known) throws ProtocolFault {
        while (in.isReadable()) {
            if (bulk != null) {
                if (!fill(in)) {
                    return null;
                }
            } else if (wordsLeft > 0) {
                if (!bulkHeader(in, bulkMax, known)) {
                    return null;
                }
            } else if (!requestHeader(in, known)) {
                return null;
            }
            if (wordsLeft == 0 && !words.isEmpty()) {
                List<byte[]> whole = words;
                words = new ArrayList<>();
                bytes = 0;
                started = false;
                return whole;
            }
        }
        return null;
    }

    // A request in words, its number of words, or nothing of worth (an empty line, an empty array).
    private boolean requestHeader(ByteBuf in, boolean known) throws ProtocolFault {
        started = true;
        int first = lineLength > 0 ? line[0] : in.getByte(in.readerIndex());
        if (first != '*') {
            byte[] text = takeLine(in, false, "too big inline request");
            if (text == null) {
                return false;
            }
            words = InlineWords.split(text);
            started = false;
            return true;
        }
        byte[] text = takeLine(in, true, "too big mbulk count string");
        if (text == null) {
            return false;
        }
        long count = number(text, "invalid multibulk length");
        if (count > WORDS_MAX) {
            throw new ProtocolFault("invalid multibulk length");
        }
        if (!known && count > UNKNOWN_WORDS_MAX) {
            throw new ProtocolFault("unauthenticated multibulk length");
        }
        wordsLeft = (int) Math.max(count, 0);
        started = wordsLeft > 0;
        words = new ArrayList<>(Math.min(wordsLeft, WORDS_RESERVED));
        return true;
    }

    private boolean bulkHeader(ByteBuf in, int bulkMax, boolean known) throws ProtocolFault {
        byte[] text = takeLine(in, true, "too big bulk count string");
        if (text == null) {
            return false;
        }
        if (text.length == 0 || text[0] != '$') {
            // An empty line begins with its own end, as Redis sees it.
            throw new ProtocolFault("expected '$', got '%c'".formatted(text.length == 0 ? '\r' : text[0] & 0xff));
        }
        long length = number(text, "invalid bulk length");
        if (length < 0 || length > bulkMax) {
            throw new ProtocolFault("invalid bulk length");
        }
        if (!known && length > UNKNOWN_BULK_MAX) {
            throw new ProtocolFault("unauthenticated bulk length");
        }
        bytes += length + WORD_BYTES;
        if (bytes > requestBytes) {
            throw new ProtocolFault("request of more than " + requestBytes + " bytes");
        }
        bulkLength = (int) length;
        bulkFilled = 0;
        bulk = new byte[Math.min(bulkLength, Math.max(FIRST_BYTES, Math.min(bulkLength, in.readableBytes())))];
        return true;
    }

    // Its two closing bytes are counted, not looked at, as in Redis.
    private boolean fill(ByteBuf in) {
        byte[] target = bulk;
        if (target == null) {
            return false;
        }
        int wanted = Math.min(bulkLength - bulkFilled, in.readableBytes());
        if (wanted > 0) {
            if (bulkFilled + wanted > target.length) {
                int more = (int) Math.min(bulkLength, Math.max(2L * target.length, bulkFilled + (long) wanted));
                target = Arrays.copyOf(target, more);
                bulk = target;
            }
            in.readBytes(target, bulkFilled, wanted);
            bulkFilled += wanted;
        }
        int closing = Math.min(bulkLength + 2 - bulkFilled, in.readableBytes());
        if (bulkFilled >= bulkLength && closing > 0) {
            in.skipBytes(closing);
            bulkFilled += closing;
        }
        if (bulkFilled < bulkLength + 2) {
            return false;
        }
        words.add(target);
        bulk = null;
        wordsLeft--;
        return true;
    }

    /// A line without its end, or null when its end is yet to come.
    ///
    /// @param two whether it ends at a carriage return, and takes one more byte with it, whatever that is; else it ends
    ///     at a line feed
    private byte @Nullable [] takeLine(ByteBuf in, boolean two, String tooLong) throws ProtocolFault {
        int from = in.readerIndex();
        if (two && lineLength > 0 && line[lineLength - 1] == '\r') {
            in.skipBytes(1);
            return kept(lineLength - 1);
        }
        int at = in.forEachByte(two ? UNTIL_CR : UNTIL_LF);
        int length = (at < 0 ? in.writerIndex() : at) - from;
        boolean whole = at >= 0 && (!two || at + 1 < in.writerIndex());
        if (lineLength + length > LINE_MAX) {
            throw new ProtocolFault(tooLong);
        }
        if (!whole) {
            keep(in, in.readableBytes());
            return null;
        }
        byte[] text;
        if (lineLength == 0) {
            text = ByteBufUtil.getBytes(in, from, length);
            in.skipBytes(length);
        } else {
            keep(in, length);
            text = kept(lineLength);
        }
        in.skipBytes(two ? 2 : 1);
        return text;
    }

    private void keep(ByteBuf in, int length) {
        if (lineLength + length > line.length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, Math.max(64, lineLength + length)));
        }
        in.readBytes(line, lineLength, length);
        lineLength += length;
    }

    private byte[] kept(int length) {
        byte[] text = Arrays.copyOf(line, length);
        lineLength = 0;
        // The line of one long request does not stay with an idle connection.
        line = EMPTY;
        return text;
    }

    /// The number after the first byte: digits without a sign, leading zeros or spaces, or a minus and such digits.
    private static long number(byte[] text, String fault) throws ProtocolFault {
        int at = 1;
        boolean negative = text.length > 1 && text[1] == '-';
        if (negative) {
            at++;
        }
        int digits = text.length - at;
        if (digits < 1 || digits > 18 || (text[at] == '0' && (negative || digits > 1))) {
            throw new ProtocolFault(fault);
        }
        long value = 0;
        for (; at < text.length; at++) {
            if (text[at] < '0' || text[at] > '9') {
                throw new ProtocolFault(fault);
            }
            value = value * 10 + text[at] - '0';
        }
        return negative ? -value : value;
    }
}
