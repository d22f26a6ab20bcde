package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.orderer.BroadcastResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Envelopes sent to the Broadcast service over a socket, byte for byte.
///
/// Oracle: what a real Fabric orderer 2.5.12 answered to these envelopes on these channels (`fabric/envelopes`); where
/// we answer otherwise on purpose stands in docs/decisions/0004.
@Timeout(60)
class GoldenBroadcastTest {
    /// After the envelopes were recorded, before their certificates end; the expired ones had ended.
    private static final long WHEN = Instant.parse("2027-01-01T00:00:00Z").toEpochMilli();

    private static final String NORMAL = "config-updates/base-normal.block";
    /// Taken by the real orderer, refused here.
    private static final Map<String, Integer> STRICTER =
            Map.of("tx-unknown-field", 400, "signature-trailing-byte", 403);
    /// The decoder's own words follow.
    private static final String DECODER = "error unmarshalling Payload";

    @TempDir
    static Path directory;

    private static final Map<String, OneChannel> CHANNELS = new HashMap<>();
    private static final AtomicReference<OneChannel> SERVED = new AtomicReference<>();
    private static DoorSite site;
    private static RawClient client;

    @BeforeAll
    static void open() throws Exception {
        JumpingWorld world = new JumpingWorld();
        world.jumpTo(WHEN);
        OrganizationFiles files = OrganizationFiles.write(
                world,
                OneChannel.CRYPTO,
                directory.resolve("signer"),
                new OrganizationPlan("signer.example", OrganizationPlan.Kind.ORDERER, List.of(), List.of()));
        LocalIdentity signer = LocalIdentity.load(world.disk(), files.userMsp("Admin"), "SignerMSP", OneChannel.CRYPTO);
        for (String base : List.of(
                NORMAL, "config-updates/base-maintenance.block", "config-updates/accepted/crl-added.result.block")) {
            ChannelConfig config = ChannelConfig.fromBlock(bytes(base), OneChannel.CRYPTO);
            Path ledger = directory.resolve("ledger" + CHANNELS.size());
            CHANNELS.put(base, new OneChannel(world, ledger, bytes(NORMAL), config, signer));
        }
        site = new DoorSite(
                DoorSite.material(directory.resolve("site")),
                DoorSite.Kind.open(world),
                id -> Optional.of(served().orderer)
                        .filter(orderer -> orderer.config().id().equals(id)));
        client = site.client();
    }

    @AfterAll
    static void close() {
        client.close();
        site.close();
        CHANNELS.values().forEach(OneChannel::close);
    }

    static Stream<JsonNode> cases() {
        return StreamSupport.stream(recorded().get("cases").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void recordedEnvelopesGetTheRecordedAnswer(JsonNode recorded) throws Exception {
        String name = recorded.get("name").asString();
        OneChannel channel = serve(recorded.get("base").asString());
        ByteString sent = bytes("envelopes/" + recorded.get("file").asString());
        RawClient.Stream stream = client.broadcast().send(sent);
        if (recorded.get("status").isNull()) {
            assertThat(stream.end().getCode()).as(name).isEqualTo(Status.Code.INTERNAL);
            return;
        }
        BroadcastResponse answer = stream.answer();
        assertThat(answer.getStatusValue())
                .as("%s: %s", name, answer.getInfo())
                .isEqualTo(STRICTER.getOrDefault(name, recorded.get("status").asInt()));
        if (answer.getStatusValue() == 200) {
            assertThat(answer.getInfo()).isEmpty();
            assertOrdered(
                    channel, sent, recorded.get("ledger_bytes_equal_to_sent").asBoolean());
            assertThat(stream.send(sent).answer().getStatusValue()).isEqualTo(200);
            stream.halfClose();
        } else {
            String phrase = recorded.get("info").asString();
            int decoder = phrase.indexOf(DECODER);
            assertThat(answer.getInfo())
                    .startsWith("HF-1")
                    .contains(decoder < 0 ? phrase : phrase.substring(0, decoder + DECODER.length()));
        }
        assertThat(stream.end().getCode()).as(name).isEqualTo(Status.Code.OK);
    }

    /// A block is written a moment after the answer.
    private static void assertOrdered(OneChannel channel, ByteString sent, boolean asSent) throws Exception {
        ByteString wanted = asSent ? sent : Envelope.parseFrom(sent).toByteString();
        await().until(() -> channel.holds(wanted));
        if (!asSent) {
            assertThat(channel.holds(sent)).isFalse();
        }
    }

    @Test
    void severalOnOneStream() throws Exception {
        JsonNode recorded = recorded().get("several_on_one_stream");
        assertThat(recorded.propertyNames()).hasSize(4);
        serve(NORMAL);
        RawClient.Stream good = client.broadcast();
        good.send(envelope("tx-endorser")).send(envelope("tx-endorser"));
        assertThat(good.answer().getStatusValue()).isEqualTo(200);
        assertThat(good.answer().getStatusValue()).isEqualTo(200);
        good.halfClose();
        assertThat(good.end().getCode()).isEqualTo(Status.Code.OK);

        RawClient.Stream mixed = client.broadcast();
        mixed.send(envelope("tx-endorser")).send(envelope("high-s")).send(envelope("tx-endorser"));
        assertThat(mixed.answer().getStatusValue()).isEqualTo(200);
        assertThat(mixed.answer().getStatusValue()).isEqualTo(403);
        assertThat(mixed.end().getCode()).isEqualTo(Status.Code.OK);

        RawClient.Stream expired = client.broadcast();
        expired.send(envelope("expired-creator")).send(envelope("tx-endorser"));
        assertThat(expired.answer().getStatusValue()).isEqualTo(400);
        assertThat(expired.end().getCode()).isEqualTo(Status.Code.OK);

        RawClient.Stream unparseable = client.broadcast();
        unparseable.send(envelope("outer-claimed-length-too-large")).send(envelope("tx-endorser"));
        assertThat(unparseable.end().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void whatWasSentBeforeAnUnparseableMessageIsStillAnswered() throws Exception {
        OneChannel channel = serve(NORMAL);
        channel.log.hold(true);
        RawClient.Stream stream = client.broadcast();
        stream.send(envelope("tx-endorser")).send(envelope("outer-claimed-length-too-large"));
        channel.log.hold(false);
        assertThat(stream.answer().getStatusValue()).isEqualTo(200);
        assertThat(stream.end().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    @Test
    void theNamesOfTheRefusedFormsAreInTheTable() {
        assertThat(cases().filter(one -> STRICTER.containsKey(one.get("name").asString())))
                .hasSize(STRICTER.size())
                .allMatch(one -> one.get("lenient").asBoolean());
    }

    private static OneChannel served() {
        return Objects.requireNonNull(SERVED.get());
    }

    private static OneChannel serve(String base) {
        OneChannel channel = Objects.requireNonNull(CHANNELS.get(base), base);
        SERVED.set(channel);
        return channel;
    }

    private static JsonNode recorded() {
        return JsonMapper.shared().readTree(bytes("envelopes/cases.json").toByteArray());
    }

    private static ByteString envelope(String name) {
        return bytes("envelopes/" + name + ".envelope.pb");
    }

    private static ByteString bytes(String path) {
        try (InputStream in = GoldenBroadcastTest.class.getResourceAsStream("/fabric/" + path)) {
            return ByteString.readFrom(Objects.requireNonNull(in, path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
