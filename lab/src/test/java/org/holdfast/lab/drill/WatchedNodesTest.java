package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.holdfast.drill.Author;
import org.holdfast.drill.NodeState;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.drill.SandboxPlan;
import org.holdfast.env.World;
import org.holdfast.transport.OrdererClient;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// What three real nodes say of themselves at their operations ports, while they work and while they cannot.
@Tag("slow")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WatchedNodesTest {
    private static final int SENT = 30;

    @TempDir
    static Path directory;

    private static Sandbox sandbox;
    private static Author author;

    @BeforeAll
    static void up() {
        sandbox = Sandbox.create(World.real(), directory.resolve("sandbox"), SandboxPlan.THREE);
        sandbox.up();
        author = Author.of(sandbox);
    }

    @AfterAll
    static void down() {
        author.close();
        sandbox.close();
    }

    @Test
    @Order(1)
    void theFiguresSayWhatHappened() throws Exception {
        assertThat(Writes.send(author, sandbox.node(1), SENT, 100)).allMatch(answer -> answer.isSuccess());
        sandbox.awaitEqualHeight(Duration.ofSeconds(30));
        double leaders = 0;
        double ordered = 0;
        for (SandboxNode node : sandbox.nodes()) {
            Map<String, Double> figures = figures(node);
            NodeState.Channel channel = channel(node);
            String label = "{channel=\"" + Sandbox.CHANNEL + "\"}";
            assertThat(figures)
                    .containsEntry("ledger_blockchain_height" + label, (double) channel.height())
                    .containsEntry("consensus_etcdraft_committed_block_number" + label, channel.height() - 1.0)
                    .containsEntry("consensus_etcdraft_cluster_size" + label, 3.0)
                    .containsEntry("participation_consensus_relation" + label, 1.0)
                    .containsEntry("participation_status" + label, 1.0)
                    .containsEntry("holdfast_healthy", 1.0)
                    .containsEntry("holdfast_gate_outstanding" + label, 0.0);
            assertThat(figures.get("consensus_etcdraft_data_persist_duration_count" + label))
                    .isGreaterThan(0);
            assertThat(figures.get("ledger_blockstorage_commit_time_count" + label))
                    .isGreaterThan(0);
            assertThat(figures.get("holdfast_order_envelopes_ordered" + label)).isGreaterThanOrEqualTo(SENT);
            assertThat(figures.get("consensus_etcdraft_leader_changes" + label)).isGreaterThanOrEqualTo(1);
            assertThat(figures.get("holdfast_certificate_expiry_seconds{certificate=\"signing\"}"))
                    .isGreaterThan(0);
            boolean leads = figures.getOrDefault("consensus_etcdraft_is_leader" + label, 0.0) == 1;
            if (leads) {
                assertThat(figures).containsEntry("consensus_etcdraft_active_nodes" + label, 3.0);
            }
            leaders += leads ? 1 : 0;
            ordered += processed(figures, Sandbox.CHANNEL, "SUCCESS");
        }
        assertThat(leaders).isEqualTo(1);
        assertThat(ordered).isEqualTo(SENT);
        assertThat(figures(sandbox.node(1)))
                .containsEntry("consensus_etcdraft_normal_proposals_received{channel=\"drill\"}", (double) SENT);
    }

    @Test
    @Order(2)
    void namesFromTheNetworkBecomeNoSeries() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (OrdererClient client = author.connect(sandbox.node(2))) {
                client.broadcast().send(strangers("stranger" + i)).get(30, TimeUnit.SECONDS);
            }
        }
        Map<String, Double> figures = figures(sandbox.node(2));
        assertThat(processed(figures, "unknown", "BAD_REQUEST") + processed(figures, "unknown", "NOT_FOUND"))
                .isEqualTo(20);
        assertThat(figures.keySet()).noneMatch(series -> series.contains("stranger"));
    }

    @Test
    @Order(3)
    void everyNameStandsInTheDocument() throws Exception {
        String document = Files.readString(Path.of("..", "docs", "metrics.md"));
        TreeSet<String> unknown = new TreeSet<>();
        for (String line : page(sandbox.node(1), "/metrics").body().lines().toList()) {
            if (line.startsWith("# TYPE ") && !document.contains("| `" + line.split(" ", -1)[2] + "` |")) {
                unknown.add(line);
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    @Order(4)
    void withoutAMajorityTheLastNodeIsIllAndSaysWhy() throws Exception {
        SandboxNode last = sandbox.node(3);
        assertThat(page(last, "/healthz").statusCode()).isEqualTo(200);
        sandbox.node(1).kill();
        sandbox.node(2).kill();
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            HttpResponse<String> health = page(last, "/healthz");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("{\"component\":\"channel drill\",\"reason\":\"no leader");
        });
        assertThat(figures(last)).containsEntry("holdfast_healthy", 0.0);
    }

    private static ByteString strangers(String channel) {
        ByteString header = ChannelHeader.newBuilder()
                .setType(HeaderType.ENDORSER_TRANSACTION_VALUE)
                .setChannelId(channel)
                .build()
                .toByteString();
        return Envelope.newBuilder()
                .setPayload(Payload.newBuilder()
                        .setHeader(Header.newBuilder().setChannelHeader(header))
                        .build()
                        .toByteString())
                .build()
                .toByteString();
    }

    private static double processed(Map<String, Double> figures, String channel, String status) {
        return figures.entrySet().stream()
                .filter(series -> series.getKey().startsWith("broadcast_processed_count{channel=\"" + channel + "\"")
                        && series.getKey().contains("status=\"" + status + "\""))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    private static NodeState.Channel channel(SandboxNode node) {
        return node.state().orElseThrow().channel(Sandbox.CHANNEL).orElseThrow();
    }

    private static Map<String, Double> figures(SandboxNode node) throws IOException, InterruptedException {
        Map<String, Double> figures = new HashMap<>();
        page(node, "/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    int blank = line.lastIndexOf(' ');
                    figures.put(line.substring(0, blank), Double.parseDouble(line.substring(blank + 1)));
                });
        return figures;
    }

    private static HttpResponse<String> page(SandboxNode node, String path) throws IOException, InterruptedException {
        int port = node.state().orElseThrow().ports().operations();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
