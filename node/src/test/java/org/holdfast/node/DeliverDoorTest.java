package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.holdfast.env.World;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.Pem;
import org.holdfast.transport.ListenerSettings;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.orderer.DeliverResponse;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What Deliver asks of its readers besides the recorded cases: binding to the connection, time, expiry; and the forms
/// blocks are given in.
@Timeout(60)
class DeliverDoorTest {
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final long FOR_EVER = -1;

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
        folk = new Folk(directory.resolve("folk"));
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
    void onAMutualConnectionTheRequestIsBoundToItsCertificate() throws Exception {
        DoorSite site = site(DoorSite.Kind.mutual(World.real()));
        RawClient client = keep(site.certifiedClient());
        ByteString hash = ByteString.copyFrom(BlockHeader.sha256()
                .digest(Pem.firstCertificate(World.real().disk().read(site.clientCertificate()), "client.crt")
                        .getEncoded()));
        assertAnswers(client, request(0, 0, header -> header.setTlsCertHash(hash)), "block 0", "SUCCESS");
        assertAnswers(client, request(0, 0, UnaryOperator.identity()), "BAD_REQUEST");
        ByteString other = ByteString.copyFrom(new byte[32]);
        assertAnswers(client, request(0, 0, header -> header.setTlsCertHash(other)), "BAD_REQUEST");
        assertAnswers(client, request(0, 0, header -> header.setTlsCertHash(hash.substring(1))), "BAD_REQUEST");
    }

    @Test
    void aMutualListenerTurnsAwayAClientWithoutCertificate() throws Exception {
        DoorSite site = site(DoorSite.Kind.mutual(World.real()));
        RawClient.Stream stream = keep(site.client()).deliver().send(request(0, 0, UnaryOperator.identity()));
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    /// A listener that lets such a client in, and binds all the same.
    @Test
    void withoutACertificateNothingCanBeBound() throws Exception {
        DoorSite site = site(
                new DoorSite.Kind(World.real(), DeliverDoor.Rules.usual(true), false, ListenerSettings.Limits.DEFAULT));
        RawClient client = keep(site.client());
        ByteString claimed = ByteString.copyFrom(new byte[32]);
        assertAnswers(client, request(0, 0, header -> header.setTlsCertHash(claimed)), "BAD_REQUEST");
    }

    @Test
    void aTimeThatIsNoTimeIsFarOff() throws Exception {
        RawClient client = keep(site(DoorSite.Kind.open(World.real())).client());
        for (long seconds : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 0}) {
            assertAnswers(
                    client,
                    request(
                            0,
                            0,
                            header -> header.setTimestamp(
                                    Folk.timestamp(Duration.ZERO).toBuilder().setSeconds(seconds))),
                    "BAD_REQUEST");
        }
    }

    @Test
    void theTimeWindowIsASetting() throws Exception {
        DeliverDoor.Rules narrow = new DeliverDoor.Rules(false, Duration.ofMinutes(1), true);
        RawClient client = keep(site(new DoorSite.Kind(World.real(), narrow, false, ListenerSettings.Limits.DEFAULT))
                .client());
        assertAnswers(client, request(0, 0, UnaryOperator.identity()), "block 0", "SUCCESS");
        assertAnswers(
                client,
                request(0, 0, header -> header.setTimestamp(Folk.timestamp(Duration.ofMinutes(-2)))),
                "BAD_REQUEST");
    }

    @Test
    void aReaderWhoseCertificateRunsOutIsCutOffWhileItWaits() throws Exception {
        JumpingWorld world = new JumpingWorld();
        RawClient client = keep(site(DoorSite.Kind.open(world)).client());
        RawClient.Stream stream = client.deliver().send(request(0, FOR_EVER, UnaryOperator.identity()));
        assertThat(stream.delivered()).isEqualTo("block 0");
        assertThat(stream.isQuiet(QUIET)).isTrue();
        world.jumpTo(end());
        assertThat(stream.isQuiet(QUIET)).isTrue();
        world.jumpTo(end() + 1000);
        assertThat(stream.delivered()).isEqualTo("FORBIDDEN");
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void expiryNeedNotBeChecked() throws Exception {
        DeliverDoor.Rules rules = new DeliverDoor.Rules(false, Duration.ofMinutes(15), false);
        RawClient client = keep(site(new DoorSite.Kind(World.real(), rules, false, ListenerSettings.Limits.DEFAULT))
                .client());
        ByteString request = Folk.envelope(
                folk.expired, UnaryOperator.identity(), info(0, 0).build().toByteString());
        // Its authority had not begun when it was issued: the policy still has a say.
        assertAnswers(client, request, "FORBIDDEN");
        JumpingWorld world = new JumpingWorld();
        world.jumpTo(end() + 1000);
        RawClient later = keep(site(new DoorSite.Kind(world, rules, false, ListenerSettings.Limits.DEFAULT))
                .client());
        long seconds = (end() + 1000) / 1000;
        assertAnswers(
                later,
                request(
                        0,
                        0,
                        header -> header.setTimestamp(
                                Folk.timestamp(Duration.ZERO).toBuilder().setSeconds(seconds))),
                "block 0",
                "SUCCESS");
    }

    /// Oracle of the form: Fabric 3's description of `HEADER_WITH_SIG`; of the bytes: the stored block.
    @Test
    void headersWithSignaturesCarryNoTransactions() throws Exception {
        RawClient client = keep(site(DoorSite.Kind.open(World.real())).client());
        order(client, "a transaction that a header does not carry");
        SeekInfo info = info(0, 1)
                .setContentType(SeekInfo.SeekContentType.HEADER_WITH_SIG)
                .build();
        RawClient.Stream stream =
                client.deliver().send(Folk.envelope(folk.user, UnaryOperator.identity(), info.toByteString()));
        Block config = DeliverResponse.parseFrom(stream.message()).getBlock();
        assertThat(config.toByteString()).as("a config block, whole").isEqualTo(channel.stored(0));
        Block header = DeliverResponse.parseFrom(stream.message()).getBlock();
        Block stored = Block.parseFrom(channel.stored(1));
        assertThat(header.hasData()).isFalse();
        assertThat(header).isEqualTo(stored.toBuilder().clearData().build());
        assertThat(header.getMetadata().getMetadataCount()).isEqualTo(5);
        assertThat(stream.delivered()).isEqualTo("SUCCESS");
    }

    @Test
    void aReaderThatLeavesLeavesNothingBehind() throws Exception {
        DoorSite site = site(DoorSite.Kind.open(World.real()));
        RawClient client = keep(site.client());
        List<RawClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            streams.add(client.deliver().send(request(0, FOR_EVER, UnaryOperator.identity())));
        }
        for (RawClient.Stream stream : streams) {
            assertThat(stream.delivered()).isEqualTo("block 0");
        }
        assertThat(site.delivering).hasValue(50);
        streams.subList(0, 25).forEach(RawClient.Stream::cancel);
        await().untilAtomic(site.delivering, org.hamcrest.Matchers.is(25));
        client.close();
        await().untilAtomic(site.delivering, org.hamcrest.Matchers.is(0));
    }

    @Test
    void aHalfClosedStreamStillGetsItsAnswer() throws Exception {
        RawClient client = keep(site(DoorSite.Kind.open(World.real())).client());
        RawClient.Stream stream = client.deliver().send(request(0, 1, UnaryOperator.identity()));
        stream.halfClose();
        assertThat(stream.delivered()).isEqualTo("block 0");
        order(client, "the block it waits for");
        assertThat(stream.delivered()).isEqualTo("block 1");
        assertThat(stream.delivered()).isEqualTo("SUCCESS");
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void aMessageThatIsNoEnvelopeEndsTheCall() throws Exception {
        RawClient client = keep(site(DoorSite.Kind.open(World.real())).client());
        RawClient.Stream stream = client.deliver().send(ByteString.copyFrom(new byte[] {0x0a, 0x7f, 1}));
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void storedBlocksGoOutByteForByte() throws Exception {
        RawClient client = keep(site(DoorSite.Kind.open(World.real())).client());
        order(client, "one");
        order(client, "two");
        RawClient.Stream stream = client.deliver().send(request(0, 2, UnaryOperator.identity()));
        for (int number = 0; number <= 2; number++) {
            ByteString response = stream.message();
            assertThat(response.substring(
                            response.size() - channel.stored(number).size()))
                    .isEqualTo(channel.stored(number));
        }
    }

    private long end() {
        return folk.user.certificate().getNotAfter().toInstant().toEpochMilli();
    }

    private void order(RawClient client, String text) throws Exception {
        long height = channel.height();
        RawClient.Stream stream = client.broadcast();
        stream.send(Folk.envelope(folk.user, UnaryOperator.identity(), ByteString.copyFromUtf8(text)));
        assertThat(stream.answer().getStatusValue()).isEqualTo(200);
        stream.halfClose();
        await().until(() -> channel.height() > height);
        assertThat(Envelope.parseFrom(Block.parseFrom(channel.stored(height))
                                .getData()
                                .getData(0))
                        .getPayload()
                        .toStringUtf8())
                .contains(text);
    }

    private static void assertAnswers(RawClient client, ByteString request, String... wanted) throws Exception {
        RawClient.Stream stream = client.deliver().send(request);
        for (String answer : wanted) {
            assertThat(stream.delivered()).isEqualTo(answer);
        }
        stream.halfClose();
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);
    }

    private ByteString request(long from, long to, UnaryOperator<ChannelHeader.Builder> header) {
        return Folk.envelope(
                folk.user,
                builder -> header.apply(builder.setType(HeaderType.DELIVER_SEEK_INFO_VALUE)),
                info(from, to).build().toByteString());
    }

    private static SeekInfo.Builder info(long from, long to) {
        return SeekInfo.newBuilder().setStart(at(from)).setStop(at(to));
    }

    private static SeekPosition at(long number) {
        return SeekPosition.newBuilder()
                .setSpecified(SeekSpecified.newBuilder().setNumber(number))
                .build();
    }

    private DoorSite site(DoorSite.Kind kind) throws Exception {
        return keep(new DoorSite(
                material, kind, id -> Optional.of(channel.orderer).filter(one -> id.equals(Folk.CHANNEL))));
    }

    private <T extends AutoCloseable> T keep(T part) {
        open.add(part);
        return part;
    }
}
