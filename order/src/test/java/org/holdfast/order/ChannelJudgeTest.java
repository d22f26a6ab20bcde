package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
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
        Ledger ledger = Ledger.open(World.real(), directory, config.id(), LedgerSettings.DEFAULT);
        try {
            ChannelJudge strict = new ChannelJudge(config, ledger, new Stopped(), true);
            assertThat(strict.refuse(envelope).orElseThrow().code()).isEqualTo(Code.IDENTITY_INVALID);
            ChannelJudge lenient = new ChannelJudge(config, ledger, new Stopped(), false);
            assertThat(lenient.refuse(envelope)).isEmpty();
        } finally {
            ledger.close();
        }
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
