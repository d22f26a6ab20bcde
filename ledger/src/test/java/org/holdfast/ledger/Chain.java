package org.holdfast.ledger;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.Payload;

/// Makes a chain of blocks, the same for the same numbers.
final class Chain {
    static final ChannelId CHANNEL = new ChannelId("ch1");
    private static final int SLOTS = 5;

    private Chain() {}

    /// The first blocks of the chain.
    static List<StoredBlock> of(int blocks, int transactions, int bytes) {
        List<StoredBlock> chain = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            chain.add(next(chain.isEmpty() ? null : chain.getLast(), transactions, bytes));
        }
        return chain;
    }

    static StoredBlock next(@org.jspecify.annotations.Nullable StoredBlock previous, int transactions, int bytes) {
        long number = previous == null ? 0 : previous.number() + 1;
        List<ByteString> data = new ArrayList<>();
        for (int i = 0; i < transactions; i++) {
            data.add(envelope(txId(number, i), bytes, number * 1000 + i));
        }
        BlockHeader header = previous == null
                ? new BlockHeader(0, ByteString.EMPTY, BlockHeader.dataHash(data))
                : BlockHeader.after(previous.header(), data);
        List<ByteString> metadata = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            metadata.add(i == 0 ? ByteString.copyFromUtf8("signature") : ByteString.EMPTY);
        }
        return new StoredBlock(header, BlockBytes.encode(header, data, metadata));
    }

    static String txId(long block, int position) {
        return "tx-" + block + "-" + position;
    }

    static ByteString envelope(String txId, int bytes, long seed) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        ChannelHeader channel = ChannelHeader.newBuilder()
                .setType(3)
                .setChannelId(CHANNEL.name())
                .setTxId(txId)
                .build();
        Payload payload = Payload.newBuilder()
                .setHeader(Header.newBuilder().setChannelHeader(channel.toByteString()))
                .setData(ByteString.copyFrom(noise))
                .build();
        return Envelope.newBuilder()
                .setPayload(payload.toByteString())
                .setSignature(ByteString.copyFromUtf8("sig"))
                .build()
                .toByteString();
    }
}
