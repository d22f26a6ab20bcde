package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.Optional;
import org.holdfast.env.Clock;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.Block;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A machine without the native library judges as one that has it. Oracles: the recorded envelopes and blocks, judged
/// with BouncyCastle alone; what the native provider says of them is compared with real orderers in [AdmissionTest] and
/// [BlockSignaturesTest].
class PortableCryptoTest {
    private static final Crypto PORTABLE = Crypto.bouncyCastle();
    private static final Clock CLOCK = new Clock() {
        @Override
        public long wallMillis() {
            return Instant.parse("2027-01-01T00:00:00Z").toEpochMilli();
        }

        @Override
        public long nanos() {
            return 0;
        }
    };

    @Test
    void everyRecordedEnvelopeGetsTheSameAnswer() {
        JsonNode file = JsonMapper.shared()
                .readTree(Golden.bytes("envelopes/cases.json").toByteArray());
        int admitted = 0;
        int refused = 0;
        for (JsonNode recorded : file.get("cases")) {
            ByteString bytes = Golden.bytes("envelopes/" + recorded.get("file").asString());
            EnvelopeView envelope;
            try {
                envelope = EnvelopeView.of(bytes);
            } catch (InvalidProtocolBufferException undecodable) {
                continue; // no signature is looked at
            }
            ByteString base = Golden.bytes(recorded.get("base").asString());
            Optional<Refusal> portable = Admission.check(envelope, ChannelConfig.fromBlock(base, PORTABLE), CLOCK);
            assertThat(portable)
                    .as(recorded.get("name").asString())
                    .isEqualTo(Admission.check(envelope, ChannelConfig.fromBlock(base, Golden.CRYPTO), CLOCK));
            if (portable.isEmpty()) {
                admitted++;
            } else {
                refused++;
            }
        }
        assertThat(admitted).isGreaterThan(5);
        assertThat(refused).isGreaterThan(10);
    }

    @Test
    void everyRecordedBlockVerifies() {
        ChannelConfig config = ChannelConfig.fromBlock(Golden.bytes("blocks/genesis-2.5-blkch.block"), PORTABLE);
        for (int number = 1; number <= 7; number++) {
            String path = "blocks/blkch/orderer1/%02d.block".formatted(number);
            Block block = Golden.block(path);
            BlockHeader header = Golden.header(block);
            ByteString slot = block.getMetadata().getMetadata(0);
            assertThat(BlockSignatures.verify(config, header, slot).satisfied())
                    .as(path)
                    .isTrue();
            BlockHeader other = new BlockHeader(header.number() + 1, header.previousHash(), header.dataHash());
            assertThat(BlockSignatures.verify(config, other, slot).satisfied()).isFalse();
        }
    }
}
