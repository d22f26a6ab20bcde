package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekNewest;
import org.hyperledger.fabric.protos.orderer.SeekNextCommit;
import org.hyperledger.fabric.protos.orderer.SeekOldest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Seek requests sent to the Deliver service over a socket.
///
/// Oracle: what a real Fabric orderer 2.5.12 answered to the same requests (`fabric/deliver/cases.json`), on a channel
/// of the same height whose members are ours: the recorded clients' keys are not there.
@Timeout(60)
class GoldenDeliverTest {
    private static final int HEIGHT = 8;
    /// The real orderer was watched for 2.5 s before it was said to wait.
    private static final Duration QUIET = Duration.ofMillis(100);

    private static final JsonNode RECORDED =
            JsonMapper.shared().readTree(bytes("/fabric/deliver/cases.json").toByteArray());

    @TempDir
    static Path directory;

    private static final List<OneChannel> CHANNELS = new ArrayList<>();
    private static final AtomicReference<OneChannel> SERVED = new AtomicReference<>();
    private static final AtomicReference<OneChannel> LOW = new AtomicReference<>();
    private static Folk folk;
    private static OneChannel tall;
    private static DoorSite site;
    private static RawClient client;

    @BeforeAll
    static void open() throws Exception {
        folk = new Folk(directory.resolve("folk"));
        site = new DoorSite(
                DoorSite.material(directory.resolve("site")),
                DoorSite.Kind.open(World.real()),
                id -> Optional.ofNullable(SERVED.get())
                        .map(one -> one.orderer)
                        .filter(orderer -> orderer.config().id().equals(id)));
        client = site.client();
        tall = channel(folk.config(), HEIGHT);
        SERVED.set(tall);
    }

    @AfterAll
    static void close() {
        client.close();
        site.close();
        CHANNELS.forEach(OneChannel::close);
    }

    static Stream<JsonNode> table() {
        return StreamSupport.stream(RECORDED.get("table").spliterator(), false);
    }

    static Stream<JsonNode> leaderless() {
        return StreamSupport.stream(RECORDED.get("leaderless").get("table").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("table")
    void theSeekTableGivesTheRecordedSequences(JsonNode row) throws Exception {
        SERVED.set(tall);
        assertRow(row, request(row));
    }

    @ParameterizedTest
    @MethodSource("leaderless")
    void withoutALeader(JsonNode row) throws Exception {
        OneChannel low = low();
        SERVED.set(low);
        assertRow(row, seek(row));
    }

    @Test
    void aWaitingRequestEndsWhenTheLeaderIsLost() throws Exception {
        OneChannel channel = channel(folk.config(), 3);
        SERVED.set(channel);
        RawClient.Stream strict = client.deliver().send(seek(at("3"), at("3"), UnaryOperator.identity()));
        RawClient.Stream bestEffort = client.deliver()
                .send(seek(at("3"), at("3"), info -> info.setErrorResponse(SeekInfo.SeekErrorResponse.BEST_EFFORT)));
        assertThat(strict.isQuiet(QUIET)).isTrue();
        channel.log.lead(false);
        assertThat(RECORDED.get("leaderless").get("running_wait").asString()).contains("SERVICE_UNAVAILABLE");
        assertThat(strict.delivered()).isEqualTo("SERVICE_UNAVAILABLE");
        assertThat(strict.end().getCode()).isEqualTo(Status.Code.OK);
        assertThat(bestEffort.isQuiet(QUIET)).isTrue();
        bestEffort.cancel();
    }

    @Test
    void twoRequestsOnOneStream() throws Exception {
        SERVED.set(tall);
        JsonNode recorded = RECORDED.get("two_requests_on_one_stream");
        assertThat(recorded.propertyNames()).hasSize(2);
        RawClient.Stream stream = client.deliver().send(seek(at("0"), at("1"), UnaryOperator.identity()));
        assertThat(List.of(stream.delivered(), stream.delivered(), stream.delivered()))
                .containsExactly("block 0", "block 1", "SUCCESS");
        stream.send(seek(at("3"), at("3"), UnaryOperator.identity()));
        assertThat(List.of(stream.delivered(), stream.delivered())).containsExactly("block 3", "SUCCESS");
        assertThat(stream.isQuiet(QUIET)).isTrue();
        stream.halfClose();
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.OK);

        RawClient.Stream ended = client.deliver();
        ended.send(seek(at("99"), at("99"), info -> info.setBehavior(SeekInfo.SeekBehavior.FAIL_IF_NOT_READY)));
        assertThat(ended.delivered()).isEqualTo("NOT_FOUND");
        assertThat(ended.end().getCode()).isEqualTo(Status.Code.OK);
    }

    @Test
    void aWaitingRequestIsMetByANewBlock() throws Exception {
        OneChannel channel = channel(folk.config(), HEIGHT);
        SERVED.set(channel);
        JsonNode recorded = RECORDED.get("waiting_request_met_by_new_block");
        RawClient.Stream stream = client.deliver().send(seek(recorded));
        assertThat(stream.isQuiet(QUIET)).isTrue();
        grow(channel, HEIGHT + 1);
        assertRest(stream, recorded);
    }

    @Test
    void aStopAtTheNextCommitFollowsTheChannel() throws Exception {
        OneChannel channel = channel(folk.config(), 3);
        SERVED.set(channel);
        JsonNode recorded = RECORDED.get("stop_next_commit_follows");
        RawClient.Stream stream = client.deliver().send(seek(recorded));
        grow(channel, 5);
        assertRest(stream, recorded);
        stream.cancel();
    }

    @Test
    void duringMaintenanceOnlyTheOrderersRead() throws Exception {
        OneChannel channel = channel(folk.maintenance(), 1);
        SERVED.set(channel);
        JsonNode recorded = RECORDED.get("maintenance").get("cases");
        assertThat(recorded.propertyNames()).containsOnly("org1-user", "org1-admin", "orderer-admin", "orderer-node");
        for (String who : recorded.propertyNames()) {
            LocalIdentity reader = switch (who) {
                case "org1-user" -> folk.user;
                case "org1-admin" -> folk.admin;
                case "orderer-admin" -> folk.ordererAdmin;
                default -> folk.ordererNode;
            };
            RawClient.Stream stream = client.deliver().send(all(reader, UnaryOperator.identity()));
            String wanted = recorded.get(who).get("final_status").asString();
            // The recorded channel has its maintenance block besides.
            if (wanted.equals("SUCCESS")) {
                assertThat(stream.delivered()).isEqualTo("block 0");
            }
            assertThat(stream.delivered()).as(who).isEqualTo(wanted);
        }
    }

    private static void assertRow(JsonNode row, ByteString request) throws Exception {
        assertRest(client.deliver().send(request), row);
    }

    private static void assertRest(RawClient.Stream stream, JsonNode row) throws Exception {
        for (JsonNode block : row.get("blocks")) {
            assertThat(stream.delivered()).as("%s", row).isEqualTo("block " + block.asInt());
        }
        if (row.get("final_status").isNull()) {
            assertThat(stream.isQuiet(QUIET)).as("%s", row).isTrue();
            stream.cancel();
            return;
        }
        String wanted = row.get("final_status").asString();
        assertThat(stream.delivered()).as("%s", row).isEqualTo(wanted);
        if (!wanted.equals("SUCCESS")) {
            assertThat(stream.end().getCode()).as("%s", row).isEqualTo(Status.Code.OK);
        }
        stream.halfClose();
    }

    /// The rows that are named by what is wrong with the request, and the plain ones.
    private static ByteString request(JsonNode row) throws IOException {
        String name = row.get("case").asString();
        return switch (name) {
            case "unknown-channel" -> all(folk.user, header -> header.setChannelId("nosuch"));
            case "empty-channel" -> all(folk.user, ChannelHeader.Builder::clearChannelId);
            case "header-type-3" -> all(folk.user, header -> header.setType(HeaderType.ENDORSER_TRANSACTION_VALUE));
            case "no-timestamp" -> all(folk.user, ChannelHeader.Builder::clearTimestamp);
            case "timestamp-14m-old" -> at(Duration.ofMinutes(-14));
            case "timestamp-16m-old" -> at(Duration.ofMinutes(-16));
            case "timestamp-14m-ahead" -> at(Duration.ofMinutes(14));
            case "timestamp-16m-ahead" -> at(Duration.ofMinutes(16));
            case "bad-signature" -> withSignatureOf(all(folk.user, UnaryOperator.identity()));
            case "high-s-signature" -> highS(all(folk.user, UnaryOperator.identity()));
            case "expired-creator" -> all(folk.expired, UnaryOperator.identity());
            case "foreign-ca-creator" -> all(folk.foreignCa, UnaryOperator.identity());
            case "foreign-msp-creator" -> all(folk.foreignMsp, UnaryOperator.identity());
            case "no-role-ou-creator" -> all(folk.noRole, UnaryOperator.identity());
            case "orderer-node-creator" -> all(folk.ordererNode, UnaryOperator.identity());
            case "unexpected-tls-cert-hash" ->
                all(folk.user, header -> header.setTlsCertHash(ByteString.copyFrom(new byte[32])));
            case "no-signature-header" -> withHeader(Header.Builder::clearSignatureHeader);
            case "no-channel-header" -> withHeader(Header.Builder::clearChannelHeader);
            case "empty-payload" ->
                Envelope.newBuilder()
                        .setSignature(folk.user.sign(ByteString.EMPTY))
                        .build()
                        .toByteString();
            case "empty-envelope" -> ByteString.EMPTY;
            case "garbage-seek-info" ->
                Folk.envelope(folk.user, UnaryOperator.identity(), ByteString.copyFromUtf8("\u0000\u0007 garbage"));
            case "no-data" -> Folk.envelope(folk.user, UnaryOperator.identity(), ByteString.EMPTY);
            case "empty-seek-position" ->
                seek(
                        Optional.of(SeekPosition.getDefaultInstance()),
                        Optional.of(SeekPosition.getDefaultInstance()),
                        UnaryOperator.identity());
            default -> seek(row);
        };
    }

    private static ByteString seek(JsonNode row) {
        JsonNode content = row.get("case");
        boolean headers = content != null && content.asString().equals("content-type-1");
        return seek(at(text(row, "start")), at(text(row, "stop")), info -> {
            String behavior = row.get("behavior").asString();
            if (behavior.startsWith("7")) {
                info.setBehaviorValue(7);
            } else {
                info.setBehavior(SeekInfo.SeekBehavior.valueOf(behavior));
            }
            if (headers) {
                info.setContentType(SeekInfo.SeekContentType.HEADER_WITH_SIG);
            }
            return row.has("error_response")
                    ? info.setErrorResponse(SeekInfo.SeekErrorResponse.valueOf(
                            row.get("error_response").asString()))
                    : info;
        });
    }

    private static ByteString seek(
            Optional<SeekPosition> start, Optional<SeekPosition> stop, UnaryOperator<SeekInfo.Builder> further) {
        SeekInfo.Builder info = SeekInfo.newBuilder();
        start.ifPresent(info::setStart);
        stop.ifPresent(info::setStop);
        return Folk.envelope(
                folk.user,
                header -> header.setType(HeaderType.DELIVER_SEEK_INFO_VALUE),
                further.apply(info).build().toByteString());
    }

    /// Empty for a field that is not set.
    private static Optional<SeekPosition> at(String position) {
        SeekPosition.Builder builder = SeekPosition.newBuilder();
        switch (position) {
            case "" -> {
                return Optional.empty();
            }
            case "oldest" -> builder.setOldest(SeekOldest.getDefaultInstance());
            case "newest" -> builder.setNewest(SeekNewest.getDefaultInstance());
            case "next_commit" -> builder.setNextCommit(SeekNextCommit.getDefaultInstance());
            default -> builder.setSpecified(SeekSpecified.newBuilder().setNumber(Long.parseUnsignedLong(position)));
        }
        return Optional.of(builder.build());
    }

    private static String text(JsonNode row, String field) {
        return row.get(field).isNull() ? "" : row.get(field).asString();
    }

    private static ByteString all(LocalIdentity reader, UnaryOperator<ChannelHeader.Builder> header) {
        return Folk.envelope(reader, header, allBlocks());
    }

    private static ByteString allBlocks() {
        return SeekInfo.newBuilder()
                .setStart(SeekPosition.newBuilder().setOldest(SeekOldest.getDefaultInstance()))
                .setStop(SeekPosition.newBuilder().setNewest(SeekNewest.getDefaultInstance()))
                .setBehavior(SeekInfo.SeekBehavior.FAIL_IF_NOT_READY)
                .build()
                .toByteString();
    }

    private static ByteString at(Duration later) {
        return all(folk.user, header -> header.setTimestamp(Folk.timestamp(later)));
    }

    private static ByteString withHeader(UnaryOperator<Header.Builder> change) throws IOException {
        Payload payload = Payload.parseFrom(
                Envelope.parseFrom(all(folk.user, UnaryOperator.identity())).getPayload());
        Header header = change.apply(payload.getHeader().toBuilder()).build();
        return Folk.signed(folk.user, payload.toBuilder().setHeader(header).build());
    }

    private static ByteString withSignatureOf(ByteString envelope) throws IOException {
        return Envelope.parseFrom(envelope).toBuilder()
                .setSignature(folk.user.sign(ByteString.copyFromUtf8("other bytes")))
                .build()
                .toByteString();
    }

    /// The other signature that the same key could have made: s becomes n - s.
    private static ByteString highS(ByteString envelope) throws IOException {
        Envelope parsed = Envelope.parseFrom(envelope);
        ASN1Sequence pair = ASN1Sequence.getInstance(parsed.getSignature().toByteArray());
        BigInteger order = CustomNamedCurves.getByName("secp256r1").getN();
        BigInteger s = ASN1Integer.getInstance(pair.getObjectAt(1)).getValue();
        DERSequence other =
                new DERSequence(new ASN1Encodable[] {pair.getObjectAt(0), new ASN1Integer(order.subtract(s))});
        return parsed.toBuilder()
                .setSignature(ByteString.copyFrom(other.getEncoded()))
                .build()
                .toByteString();
    }

    /// A channel with tip 2 that lost its leader.
    private static OneChannel low() throws Exception {
        if (LOW.get() == null) {
            OneChannel channel = channel(folk.config(), 3);
            channel.log.lead(false);
            await().until(() -> channel.orderer.status().leader().isEmpty());
            LOW.set(channel);
        }
        return Objects.requireNonNull(LOW.get());
    }

    private static OneChannel channel(ChannelConfig config, int height) throws Exception {
        Path ledger = directory.resolve("ledger" + CHANNELS.size());
        OneChannel channel = new OneChannel(World.real(), ledger, folk.genesis, config, folk.ordererNode);
        CHANNELS.add(channel);
        grow(channel, height);
        return channel;
    }

    private static void grow(OneChannel channel, int height) throws Exception {
        SERVED.set(channel);
        List<RawClient.Stream> streams = IntStream.range((int) channel.height(), height)
                .mapToObj(number -> client.broadcast()
                        .send(Folk.envelope(
                                folk.user, UnaryOperator.identity(), ByteString.copyFromUtf8("block " + number))))
                .toList();
        for (RawClient.Stream stream : streams) {
            assertThat(stream.answer().getStatusValue()).isEqualTo(200);
            stream.halfClose();
        }
        await().until(() -> channel.height() == height);
    }

    private static ByteString bytes(String path) {
        try (InputStream in = GoldenDeliverTest.class.getResourceAsStream(path)) {
            return ByteString.readFrom(Objects.requireNonNull(in, path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
