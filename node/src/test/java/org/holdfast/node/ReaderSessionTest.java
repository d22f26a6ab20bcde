package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.holdfast.order.OrdererStatus;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.junit.jupiter.api.Test;

/// A reader while its channel changes.
///
/// Oracle: a recorded channel before and after the update that revoked one of its users, and an envelope this user
/// signed (`fabric/config-updates`, `fabric/envelopes`).
class ReaderSessionTest {
    private static final Clock CLOCK = World.real().clock();

    private final AtomicReference<ChannelConfig> config =
            new AtomicReference<>(config("config-updates/base-normal.block"));
    private final AtomicReference<OrdererStatus> status = new AtomicReference<>(status(true, Optional.empty()));

    @Test
    void aRevokedReaderIsStoppedWhenTheConfigMoves() throws IOException {
        ReaderSession revoked = session("crl-revoked-user", false);
        ReaderSession other = session("tx-endorser", false);
        assertThatCode(revoked::requireAdmitted).doesNotThrowAnyException();
        assertThatCode(other::requireAdmitted).doesNotThrowAnyException();
        config.set(config("config-updates/accepted/crl-added.result.block"));
        assertThatThrownBy(revoked::requireAdmitted)
                .hasMessageContaining("HF-304")
                .hasMessageContaining("permission");
        assertThatCode(other::requireAdmitted).doesNotThrowAnyException();
    }

    @Test
    void aReaderIsStoppedWhenMaintenanceBegins() throws IOException {
        ReaderSession user = session("tx-endorser", false);
        ReaderSession orderer = session("tx-orderer-node", false);
        assertThatCode(user::requireAdmitted).doesNotThrowAnyException();
        config.set(config("config-updates/base-maintenance.block"));
        assertThatThrownBy(user::requireAdmitted).hasMessageContaining("HF-304");
        assertThatCode(orderer::requireAdmitted).doesNotThrowAnyException();
    }

    @Test
    void onlyAStrictReaderNeedsALeader() throws IOException {
        ReaderSession strict = session("tx-endorser", true);
        ReaderSession bestEffort = session("tx-endorser", false);
        assertThatCode(strict::requireLeader).doesNotThrowAnyException();
        status.set(status(false, Optional.empty()));
        assertThatThrownBy(strict::requireLeader).hasMessageContaining("no Raft leader");
        assertThatCode(bestEffort::requireLeader).doesNotThrowAnyException();
        status.set(status(true, Optional.of("the disk is full")));
        assertThatThrownBy(strict::requireLeader).hasMessageContaining("the disk is full");
    }

    private ReaderSession session(String envelope, boolean strict) throws IOException {
        EnvelopeView request = EnvelopeView.of(bytes("envelopes/" + envelope + ".envelope.pb"));
        assertThat(request.creator()).isNotEmpty();
        return new ReaderSession(
                new ReaderSession.Channel(
                        () -> Objects.requireNonNull(config.get()), () -> Objects.requireNonNull(status.get())),
                request,
                CLOCK,
                new ReaderSession.Demands(strict, true));
    }

    private static OrdererStatus status(boolean led, Optional<String> problem) {
        MemberId member = new MemberId("0123456789abcdef", 1);
        return new OrdererStatus(
                OrdererStatus.Role.FOLLOWER, led ? Optional.of(member) : Optional.empty(), 1, 1, 0, List.of(), problem);
    }

    private static ChannelConfig config(String path) {
        try {
            return ChannelConfig.fromBlock(bytes(path), OneChannel.CRYPTO);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ByteString bytes(String path) throws IOException {
        try (InputStream in = ReaderSessionTest.class.getResourceAsStream("/fabric/" + path)) {
            return ByteString.readFrom(Objects.requireNonNull(in, path));
        }
    }
}
