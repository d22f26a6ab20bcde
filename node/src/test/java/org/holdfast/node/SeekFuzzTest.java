package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.InvalidProtocolBufferException;
import java.math.BigInteger;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal.Refused;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekPosition;

/// What readers ask Deliver for.
class SeekFuzzTest {
    private static final long HEIGHT = 8;

    /// `orderer.SeekInfo`. A refusal, or a range that begins at the tip at the latest and, when its end is a number,
    /// does not end before it begins.
    @FuzzTest
    void seek(byte[] input) {
        SeekInfo info;
        try {
            info = SeekInfo.parseFrom(input);
        } catch (InvalidProtocolBufferException undecodable) {
            return;
        }
        Seek seek;
        try {
            seek = Seek.of(info, HEIGHT);
        } catch (Refused refused) {
            assertThat(refused.refusal().code()).isIn(Code.SEEK_MALFORMED, Code.SEEK_BEYOND_TIP);
            assertThat(refused.refusal().text()).isNotBlank();
            return;
        }
        assertThat(seek).isEqualTo(Seek.of(info, HEIGHT));
        assertThat(seek.from()).isBetween(0L, HEIGHT);
        if (info.getStop().getTypeCase() == SeekPosition.TypeCase.SPECIFIED) {
            BigInteger last = new BigInteger(Long.toUnsignedString(seek.last()));
            assertThat(last).isGreaterThanOrEqualTo(BigInteger.valueOf(seek.from()));
            assertThat(last)
                    .isEqualTo(new BigInteger(
                            Long.toUnsignedString(info.getStop().getSpecified().getNumber())));
        }
    }
}
