package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.holdfast.env.World;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.ledger.BlockView;
import org.holdfast.transport.ListenerSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The rules of a Broadcast stream that no recorded envelope shows.
@Timeout(60)
class BroadcastDoorTest {
    private static final int MANY = 10_000;

    @TempDir
    static Path directory;

    private static Folk folk;
    private static OrganizationFiles material;

    @TempDir
    Path ledger;

    private final List<AutoCloseable> open = new ArrayList<>();
    private OneChannel channel;

    @BeforeAll
    static void people() {
        folk = new Folk(directory.resolve("folk"), 500);
        material = DoorSite.material(directory.resolve("site"));
    }

    @BeforeEach
    void channel() throws Exception {
        channel = keep(new OneChannel(World.real(), ledger, folk.genesis, folk.config(), folk.ordererNode));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable part : open.reversed()) {
            part.close();
        }
    }

    @Test
    void aClientThatDoesNotReadIsAnsweredWhenItDoes() throws Exception {
        RawClient.Stream stream = client(ListenerSettings.Limits.DEFAULT).broadcastUnread();
        List<ByteString> sent = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            ByteString envelope = envelope("envelope " + i);
            sent.add(envelope);
            stream.send(envelope);
        }
        stream.halfClose();
        stream.read(MANY + 1);
        for (int i = 0; i < MANY; i++) {
            assertThat(stream.answer().getStatusValue()).as("answer %d", i).isEqualTo(200);
        }
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
        await().until(() -> ordered().size() == MANY);
        assertThat(ordered().equals(sent))
                .as("all of them, once, in this order")
                .isTrue();
    }

    private List<ByteString> ordered() throws InvalidProtocolBufferException {
        List<ByteString> ordered = new ArrayList<>();
        for (long number = 1; number < channel.height(); number++) {
            ordered.addAll(BlockView.of(channel.stored(number)).data());
        }
        return ordered;
    }

    @Test
    void aHalfClosedStreamStillGetsItsAnswers() throws Exception {
        channel.log.hold(true);
        RawClient.Stream stream = client(ListenerSettings.Limits.DEFAULT).broadcast();
        for (int i = 0; i < 5; i++) {
            stream.send(envelope("envelope " + i));
        }
        stream.halfClose();
        channel.log.hold(false);
        for (int i = 0; i < 5; i++) {
            assertThat(stream.answer().getStatusValue()).isEqualTo(200);
        }
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void aMessageLargerThanTheListenerTakesIsNamedSo() throws Exception {
        ListenerSettings.Limits usual = ListenerSettings.Limits.DEFAULT;
        RawClient client = client(new ListenerSettings.Limits(
                1 << 20, usual.connections(), usual.window(), usual.unansweredBytes(), usual.timeouts()));
        RawClient.Stream large = client.broadcast().send(ByteString.copyFrom(new byte[(1 << 20) + 1]));
        Status status = large.end();
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription()).contains("larger than max").contains("1048576");
        // gRPC for Java resets what is larger still.
        assertThat(client.broadcast()
                        .send(ByteString.copyFrom(new byte[3 << 20]))
                        .end()
                        .isOk())
                .isFalse();
        // The connection lives on.
        RawClient.Stream small = client.broadcast().send(envelope("small"));
        assertThat(small.answer().getStatusValue()).isEqualTo(200);
        small.halfClose();
    }

    @Test
    void strangersAndFormerMembersAreToldWhatTheyLack() throws Exception {
        RawClient client = client(ListenerSettings.Limits.DEFAULT);
        assertRefused(
                client,
                Folk.envelope(folk.foreignMsp, UnaryOperator.identity(), ByteString.EMPTY),
                403,
                "HF-106",
                "permission denied");
        assertRefused(
                client,
                Folk.envelope(folk.foreignCa, UnaryOperator.identity(), ByteString.EMPTY),
                403,
                "HF-106",
                "permission denied");
        assertRefused(
                client,
                Folk.envelope(folk.expired, UnaryOperator.identity(), ByteString.EMPTY),
                400,
                "HF-105",
                "identity expired");
        assertRefused(
                client,
                Folk.envelope(folk.user, header -> header.setChannelId("other"), ByteString.EMPTY),
                400,
                "HF-102",
                "channel creation request not allowed");
    }

    @Test
    void withoutALeaderAnEnvelopeWaitsAndIsThenTold() throws Exception {
        channel.log.lead(false);
        RawClient.Stream stream = client(ListenerSettings.Limits.DEFAULT).broadcast();
        stream.send(envelope("for nobody")).send(envelope("for the next leader"));
        assertThat(stream.isQuiet(Duration.ofMillis(200))).isTrue();
        channel.log.lead(true);
        assertThat(stream.answer().getStatusValue()).isEqualTo(200);
        assertThat(stream.answer().getStatusValue()).isEqualTo(200);
        stream.halfClose();
    }

    private static void assertRefused(RawClient client, ByteString envelope, int status, String... words)
            throws Exception {
        RawClient.Stream stream = client.broadcast().send(envelope);
        var answer = stream.answer();
        assertThat(answer.getStatusValue()).as(answer.getInfo()).isEqualTo(status);
        assertThat(answer.getInfo()).contains(words);
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    }

    private ByteString envelope(String text) {
        return Folk.envelope(folk.user, UnaryOperator.identity(), ByteString.copyFromUtf8(text));
    }

    private RawClient client(ListenerSettings.Limits limits) throws Exception {
        DoorSite site = keep(new DoorSite(
                material,
                new DoorSite.Kind(World.real(), DeliverDoor.Rules.usual(false), false, limits),
                id -> Optional.of(channel.orderer).filter(one -> id.equals(Folk.CHANNEL))));
        return keep(site.client());
    }

    private <T extends AutoCloseable> T keep(T part) {
        open.add(part);
        return part;
    }
}
