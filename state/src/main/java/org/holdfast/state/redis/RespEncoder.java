package org.holdfast.state.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.holdfast.state.Numbers;
import org.holdfast.state.Reply;

/// Writes replies in the second or third version of the Redis serialization protocol. What the second version has no
/// word for takes the form Redis 7 gives it: a map is a list of keys and values, a truth is 1 or 0, a real number is
/// text.
final class RespEncoder {
    private static final int SMALL_MAX = 1024;
    private static final byte[][] SMALL = new byte[SMALL_MAX][];

    static {
        for (int i = 0; i < SMALL_MAX; i++) {
            SMALL[i] = ascii(i + "\r\n");
        }
    }

    private RespEncoder() {}

    /// Appends a reply.
    ///
    /// @param version 2 or 3
    static void write(ByteBuf out, Reply reply, int version) {
        boolean three = version == 3;
        switch (reply) {
            case Reply.Nil _ -> ByteBufUtil.writeAscii(out, three ? "_\r\n" : "$-1\r\n");
            case Reply.NilListing _ -> ByteBufUtil.writeAscii(out, three ? "_\r\n" : "*-1\r\n");
            case Reply.Status status -> line(out, '+', status.text());
            case Reply.Failure failure -> line(out, '-', failure.line());
            case Reply.Whole whole -> header(out, ':', whole.value());
            case Reply.Real real -> real(out, Numbers.text(real.value()), three);
            case Reply.Decimal decimal -> real(out, decimal.text(), three);
            case Reply.Bulk bulk -> bulk(out, bulk.bytes());
            case Reply.Listing listing -> {
                header(out, '*', listing.items().size());
                all(out, listing.items(), version);
            }
            case Reply.Distinct distinct -> {
                header(out, three ? '~' : '*', distinct.items().size());
                all(out, distinct.items(), version);
            }
            case Reply.Pairs pairs -> {
                int size = pairs.entries().size();
                header(out, three ? '%' : '*', three ? size : 2L * size);
                for (Reply.Pair entry : pairs.entries()) {
                    write(out, entry.key(), version);
                    write(out, entry.value(), version);
                }
            }
            case Reply.Rows rows -> {
                List<? extends Reply> items = three ? rows.rows() : rows.cells();
                header(out, '*', items.size());
                all(out, items, version);
            }
            case Reply.Truth truth -> {
                String two = truth.value() ? ":1\r\n" : ":0\r\n";
                ByteBufUtil.writeAscii(out, three ? truth.value() ? "#t\r\n" : "#f\r\n" : two);
            }
            case Reply.Text text -> text(out, text, three);
        }
    }

    private static void all(ByteBuf out, List<? extends Reply> items, int version) {
        for (Reply item : items) {
            write(out, item, version);
        }
    }

    // No text of ours or of a client ends a line early.
    private static void line(ByteBuf out, char kind, String text) {
        out.writeByte(kind);
        boolean clean = text.indexOf('\r') < 0 && text.indexOf('\n') < 0;
        ByteBufUtil.writeUtf8(out, clean ? text : text.replace('\r', ' ').replace('\n', ' '));
        end(out);
    }

    /// A kind and a number.
    static void header(ByteBuf out, char kind, long number) {
        out.writeByte(kind);
        if (number >= 0 && number < SMALL_MAX) {
            out.writeBytes(SMALL[(int) number]);
        } else {
            ByteBufUtil.writeAscii(out, Long.toString(number));
            end(out);
        }
    }

    private static void bulk(ByteBuf out, byte[] bytes) {
        header(out, '$', bytes.length);
        out.writeBytes(bytes);
        end(out);
    }

    private static void text(ByteBuf out, Reply.Text text, boolean three) {
        byte[] bytes = text.text().getBytes(StandardCharsets.UTF_8);
        if (!three) {
            bulk(out, bytes);
            return;
        }
        header(out, '=', bytes.length + 4L);
        ByteBufUtil.writeAscii(out, text.format());
        out.writeByte(':');
        out.writeBytes(bytes);
        end(out);
    }

    private static void real(ByteBuf out, String number, boolean three) {
        byte[] digits = ascii(number);
        if (three) {
            out.writeByte(',');
            out.writeBytes(digits);
            end(out);
        } else {
            bulk(out, digits);
        }
    }

    private static void end(ByteBuf out) {
        out.writeShort(('\r' << 8) | '\n');
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
