package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.EnvelopeView;
import org.jspecify.annotations.Nullable;

/// Where blocks and transactions lie. Everything in it can be rebuilt from the segments, so nothing need be durable
/// before [#flush]; a batch per block keeps it whole.
///
/// | key | value |
/// |---|---|
/// | `v` | format version 1, 4 bytes |
/// | `h` | indexed height: number of the first block that is not in the index, 8 bytes |
/// | `n` number(8) | segment(4) offset(8) length(4) |
/// | `b` header hash | number(8) |
/// | `t` SHA-256(transaction id) number(8) position(4) | nothing; the first in key order is the first in the ledger |
final class BlockIndex implements AutoCloseable {
    private static final int VERSION = 1;
    private static final int HASH = 32;
    private static final byte[] VERSION_KEY = {'v'};
    private static final byte[] HEIGHT_KEY = {'h'};

    private final IndexStore store;

    BlockIndex(IndexStore store) {
        this.store = store;
    }

    /// Where a block's record lies.
    ///
    /// @param offset of the record's header
    /// @param length of the body
    record Location(int segment, long offset, int length) {}

    /// Opens for reading and writing, created if absent.
    static BlockIndex open(Path path) throws IOException {
        return new BlockIndex(RocksStore.open(path));
    }

    /// Opens for reading beside a process that may be writing; sees what was flushed.
    static BlockIndex openRead(Path path) throws IOException {
        return new BlockIndex(RocksStore.openRead(path));
    }

    /// Whether this version wrote it; an empty index counts.
    boolean isOurs() {
        byte[] version = get(VERSION_KEY);
        return version == null
                ? get(HEIGHT_KEY) == null
                : ByteBuffer.wrap(version).getInt() == VERSION;
    }

    /// Number of the first block that is not indexed; empty in a new index.
    OptionalLong height() {
        return number(get(HEIGHT_KEY));
    }

    /// Indexes one block; blocks come in order.
    ///
    /// @param data the block's envelopes
    /// @param hash of the block's header
    void put(StoredBlock block, List<ByteString> data, Location location, ByteString hash) {
        store.write(batch -> {
            ByteBuffer place = ByteBuffer.allocate(16);
            place.putInt(location.segment).putLong(location.offset).putInt(location.length);
            batch.put(key('n', block.number()), place.array());
            batch.put(hashKey(hash), big(block.number()));
            putTransactions(batch, block.number(), data);
            batch.put(HEIGHT_KEY, big(block.number() + 1));
            batch.put(VERSION_KEY, ByteBuffer.allocate(4).putInt(VERSION).array());
        });
    }

    private static void putTransactions(IndexStore.Batch batch, long number, List<ByteString> data) {
        for (int position = 0; position < data.size(); position++) {
            String id = transactionId(data.get(position));
            if (!id.isEmpty()) {
                batch.put(transactionKey(id, number, position), new byte[0]);
            }
        }
    }

    /// The transaction id an envelope states; empty when it states none or cannot be read (a block may carry such).
    static String transactionId(ByteString envelope) {
        try {
            return EnvelopeView.of(envelope).channelHeader().getTxId();
        } catch (InvalidProtocolBufferException unreadable) {
            return "";
        }
    }

    @Nullable
    Location location(long number) {
        byte[] value = get(key('n', number));
        if (value == null) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(value);
        return new Location(in.getInt(), in.getLong(), in.getInt());
    }

    OptionalLong numberOf(ByteString hash) {
        return number(get(hashKey(hash)));
    }

    @Nullable
    TxPlace transaction(String id) {
        byte[] from = transactionKey(id, 0, 0);
        byte[] found = store.keyFrom(from);
        if (found == null || !startsAlike(found, from)) {
            return null;
        }
        ByteBuffer place = ByteBuffer.wrap(found, 1 + HASH, 12);
        return new TxPlace(place.getLong(), place.getInt());
    }

    /// Forgets every block from a number on: the files do not have them. Walks the whole index; rare.
    void trim(long height) {
        List<byte[]> gone = new ArrayList<>();
        store.forEach((key, value) -> {
            if (numberIn(key, value) >= height) {
                gone.add(key);
            }
        });
        store.write(batch -> {
            gone.forEach(batch::delete);
            batch.put(HEIGHT_KEY, big(height));
        });
    }

    private static long numberIn(byte[] key, byte[] value) {
        return switch (key[0]) {
            case 'n' -> ByteBuffer.wrap(key).getLong(1);
            case 'b' -> ByteBuffer.wrap(value).getLong();
            case 't' -> ByteBuffer.wrap(key).getLong(1 + HASH);
            default -> -1;
        };
    }

    /// Returns when everything put so far is on the device.
    void flush() {
        store.flush();
    }

    /// What was not flushed may have to be indexed again from the files.
    @Override
    public void close() {
        store.close();
    }

    private byte @Nullable [] get(byte[] key) {
        return store.get(key);
    }

    private static OptionalLong number(byte @Nullable [] value) {
        return value == null
                ? OptionalLong.empty()
                : OptionalLong.of(ByteBuffer.wrap(value).getLong());
    }

    private static byte[] big(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    private static byte[] key(char kind, long number) {
        return ByteBuffer.allocate(9).put((byte) kind).putLong(number).array();
    }

    private static byte[] hashKey(ByteString hash) {
        byte[] key = new byte[1 + hash.size()];
        key[0] = 'b';
        hash.copyTo(key, 1);
        return key;
    }

    private static byte[] transactionKey(String id, long number, int position) {
        byte[] hash = BlockHeader.sha256().digest(id.getBytes(StandardCharsets.UTF_8));
        ByteBuffer key = ByteBuffer.allocate(1 + HASH + 12);
        return key.put((byte) 't').put(hash).putLong(number).putInt(position).array();
    }

    private static boolean startsAlike(byte[] key, byte[] other) {
        return key.length == other.length && Arrays.equals(key, 0, 1 + HASH, other, 0, 1 + HASH);
    }
}
