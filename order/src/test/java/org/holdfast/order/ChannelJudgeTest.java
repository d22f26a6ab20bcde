package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gate's judge under local settings. The foreign oracle is an envelope that a real orderer refused because its
/// creator's certificate had run out.
class ChannelJudgeTest {
    private static final Instant WHEN = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void anExpiredCreatorIsRefusedUnlessTheSettingsSayOtherwise(@TempDir Path directory) throws Exception {
        ChannelConfig config = ChannelConfig.fromBlock(bytes("base-normal.block"), Crypto.choose());
        EnvelopeView envelope = EnvelopeView.of(bytes("expired-creator.envelope.pb"));
        Consortium people =
                new Consortium(directory.resolve("pki"), new BatchSize(10, 1 << 20, 1 << 19), Duration.ofMillis(200));
        LocalIdentity signer = people.signer(0);
        Ledger ledger = Ledger.open(World.real(), directory.resolve("ledger"), config.id(), LedgerSettings.DEFAULT);
        try {
            assertThat(judgement(config, ledger, signer, true, envelope)
                            .orElseThrow()
                            .code())
                    .isEqualTo(Code.IDENTITY_INVALID);
            assertThat(judgement(config, ledger, signer, false, envelope)).isEmpty();
        } finally {
            ledger.close();
        }
    }

    private static Optional<Refusal> judgement(
            ChannelConfig config, Ledger ledger, LocalIdentity signer, boolean checkExpiry, EnvelopeView envelope) {
        World world = new FaultyWorld(World.real().disk(), new Stopped());
        return new ChannelJudge(() -> config, ledger, world, signer, checkExpiry)
                .judge(envelope)
                .refusal();
    }

    private static ByteString bytes(String name) throws IOException {
        try (InputStream in = ChannelJudgeTest.class.getResourceAsStream("/fabric/" + name)) {
            assertThat(in).isNotNull();
            return ByteString.readFrom(in);
        }
    }

    /// A clock that stands at the time the envelope is judged at.
    private static final class Stopped implements Clock {
        @Override
        public long wallMillis() {
            return WHEN.toEpochMilli();
        }

        @Override
        public long nanos() {
            return 0;
        }
    }
}
