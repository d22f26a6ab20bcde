package org.holdfast.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Supplier;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// What the state has answered to requests that had an id, while one batch is applied: the same id of the same user
/// again gets the same answer, and nothing is carried out a second time.
///
/// An id is remembered for a time, by the record's clock, and while not too many newer ones have come: both follow from
/// the blocks alone, so every replica forgets the same one at the same block. Receipts lie beside what clients see:
/// they survive FLUSHALL, and the digest does not count them. What a wrong one would do is in the digest: where one
/// node lacks a receipt, it carries a command out that others do not, and their contents differ from that block on.
///
/// They are numbered in the order in which they were made; times never go back, so that is the order of times too. One
/// thread.
final class Receipts {
    /// Ids that a shard remembers.
    static final int KEPT_MAX = 100_000;

    /// How long one is remembered, milliseconds of record time.
    static final long WINDOW_MILLIS = 600_000;

    /// Bytes of a reply that is kept ([ReplyBytes]); of a longer one it is only known that it was given.
    static final int REPLY_BYTES_MAX = 4_096;

    /// Receipts whose time is over that one batch removes.
    static final int FORGOTTEN_PER_BATCH = 2_000;

    private static final int VERSION = 1;
    private static final int HASH_BYTES = 32;

    private final Overlay records;
    private final long nowMillis;
    private final long block;

    /// Numbers of the oldest receipt and of the next one.
    private long oldest;
    private long next;

    /// What is remembered of a request.
    ///
    /// @param words hash of what was asked
    /// @param timeMillis record time of the block
    /// @param number in the order of all receipts
    /// @param reply as [ReplyBytes]; empty when it was too long
    private record Receipt(byte[] words, long timeMillis, long block, long number, byte[] reply) {
        byte[] encode() {
            return ByteBuffer.allocate(1 + HASH_BYTES + 3 * Long.BYTES + reply.length)
                    .put((byte) VERSION)
                    .put(words)
                    .putLong(timeMillis)
                    .putLong(block)
                    .putLong(number)
                    .put(reply)
                    .array();
        }

        static Receipt decode(byte[] stored) {
            ByteBuffer bytes = versioned(stored);
            byte[] words = new byte[HASH_BYTES];
            bytes.get(words);
            long timeMillis = bytes.getLong();
            long block = bytes.getLong();
            long number = bytes.getLong();
            byte[] reply = new byte[bytes.remaining()];
            bytes.get(reply);
            return new Receipt(words, timeMillis, block, number, reply);
        }

        /// Whether its reply is one that is kept. One that cannot be read fails as [Invariant] or for want of bytes.
        boolean isReadable() {
            ByteBuffer bytes = ByteBuffer.wrap(reply);
            if (reply.length > 0 && reply.length <= REPLY_BYTES_MAX) {
                Reply _ = ReplyBytes.read(bytes);
            }
            return !bytes.hasRemaining();
        }
    }

    /// @param below what is stored, as it was before the batch
    Receipts(Store below, long nowMillis, long block) {
        this.records = new Overlay(below);
        this.nowMillis = nowMillis;
        this.block = block;
        byte[] stored = records.get(Layout.receiptNumbers());
        if (stored != null) {
            ByteBuffer bytes = versioned(stored);
            oldest = bytes.getLong();
            next = bytes.getLong();
        }
    }

    /// What the batch changes of them: to be written with what else it changes.
    Overlay records() {
        return records;
    }

    /// Removes receipts whose time is over, the oldest first.
    void forget() {
        long before = oldest;
        while (oldest < next && oldest - before < FORGOTTEN_PER_BATCH && isOver(timeOf(oldest))) {
            dropOldest();
        }
        if (oldest != before) {
            count();
        }
    }

    /// Answers a request with an id: from its receipt if there is one, else by running it.
    Reply once(Batch.Once id, Batch.Group group, Supplier<Reply> run) {
        byte[] at = Layout.receipt(hash(id));
        byte[] words = hash(group);
        byte[] stored = records.get(at);
        if (stored != null) {
            Receipt known = Receipt.decode(stored);
            if (!isOver(known.timeMillis)) {
                return Arrays.equals(words, known.words) ? again(known) : reused(id);
            }
        }
        Reply reply = run.get();
        keep(at, words, reply);
        return reply;
    }

    private static Reply again(Receipt known) {
        return known.reply.length == 0
                ? new Reply.Failure(
                        "DONE",
                        ("the command with this request id was carried out in block %d; its reply was longer"
                                        + " than %d bytes and was not kept")
                                .formatted(known.block, REPLY_BYTES_MAX))
                : ReplyBytes.read(ByteBuffer.wrap(known.reply));
    }

    private static Reply reused(Batch.Once id) {
        return new Reply.Failure(
                "IDREUSED",
                ("request id '%s' was used for another command within the last %d minutes:"
                                + " nothing was done; a new command takes a new id")
                        .formatted(CommandTable.shown(id.id()), WINDOW_MILLIS / 60_000));
    }

    private void keep(byte[] at, byte[] words, Reply reply) {
        while (next - oldest >= KEPT_MAX) {
            dropOldest();
        }
        byte[] kept = ReplyBytes.of(reply, REPLY_BYTES_MAX).orElse(Layout.NOTHING);
        records.put(at, new Receipt(words, nowMillis, block, next, kept).encode());
        records.put(
                Layout.receiptOrder(next),
                ByteBuffer.allocate(1 + Long.BYTES + at.length)
                        .put((byte) VERSION)
                        .putLong(nowMillis)
                        .put(at)
                        .array());
        next++;
        count();
    }

    private void count() {
        records.put(
                Layout.receiptNumbers(),
                ByteBuffer.allocate(1 + 2 * Long.BYTES)
                        .put((byte) VERSION)
                        .putLong(oldest)
                        .putLong(next)
                        .array());
    }

    private boolean isOver(long timeMillis) {
        return nowMillis - timeMillis >= WINDOW_MILLIS;
    }

    private long timeOf(long number) {
        return versioned(order(number)).getLong();
    }

    private byte[] order(long number) {
        byte[] stored = records.get(Layout.receiptOrder(number));
        if (stored == null) {
            throw Invariant.broken("receipt %d of %d to %d is not there", number, oldest, next);
        }
        return stored;
    }

    private void dropOldest() {
        byte[] stored = order(oldest);
        byte[] at = Arrays.copyOfRange(stored, 1 + Long.BYTES, stored.length);
        byte @Nullable [] receipt = records.get(at);
        // An id that came again after its time has a newer receipt in the same place.
        if (receipt != null && Receipt.decode(receipt).number == oldest) {
            records.delete(at);
        }
        records.delete(Layout.receiptOrder(oldest));
        oldest++;
    }

    /// Whether receipts and their order agree with each other, and their replies can be read, in a store that is
    /// between two batches. A reply that cannot be would end the applying of a block, again at every start.
    ///
    /// @param timeMillis its latest record time
    static boolean agree(Store store, long timeMillis) {
        Receipts all = new Receipts(store, timeMillis, 0);
        long[] next = {all.oldest};
        long[] own = {0};
        boolean[] right = {all.oldest >= 0 && all.next - all.oldest <= KEPT_MAX};
        store.up(Layout.receiptOrder(0), Layout.receiptNumbers(), (at, value) -> {
            ByteBuffer order = versioned(value);
            long time = order.getLong();
            byte[] place = new byte[order.remaining()];
            order.get(place);
            byte[] stored = store.get(place);
            Receipt receipt = stored == null ? null : Receipt.decode(stored);
            long number = Layout.blockOf(at);
            right[0] &= number == next[0]
                    && time <= timeMillis
                    && receipt != null
                    && receipt.number >= number
                    && receipt.isReadable();
            own[0] += receipt != null && receipt.number == number ? 1 : 0;
            next[0]++;
            return right[0];
        });
        store.up(new byte[] {Layout.RECEIPT}, Layout.receiptOrder(0), (at, value) -> {
            own[0]--;
            return true;
        });
        return right[0] && next[0] == all.next && own[0] == 0;
    }

    private static ByteBuffer versioned(byte[] stored) {
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        int version = bytes.get();
        Invariant.check(version == VERSION, "a receipt of version %d", version);
        return bytes;
    }

    private static byte[] hash(Batch.Once id) {
        MessageDigest hash = Layout.sha256();
        sized(hash, id.user().getBytes(StandardCharsets.UTF_8));
        hash.update(id.id());
        return hash.digest();
    }

    /// Of the commands alone: who tries again may have watched again, and seen other versions.
    private static byte[] hash(Batch.Group group) {
        MessageDigest hash = Layout.sha256();
        hash.update((byte) (group.transaction() ? 1 : 0));
        for (Command command : group.commands()) {
            number(hash, command.argv().size());
            command.argv().forEach(word -> sized(hash, word));
        }
        return hash.digest();
    }

    private static void sized(MessageDigest hash, byte[] word) {
        number(hash, word.length);
        hash.update(word);
    }

    private static void number(MessageDigest hash, int number) {
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    }
}
