package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;

/// Figures arrive at a real socket, in the words of the statsd protocol; a server that is not there disturbs nobody.
class StatsdPushTest {
    private static final Metric.Counter COUNT =
            Metric.counter("broadcast_processed_count", "Things.", "things", "channel", "status");
    private static final Metric.Gauge LEVEL = Metric.gauge("consensus_etcdraft_is_leader", "A level.", "1", "channel");
    private static final Metric.Timing TIME = Metric.timing("grpc_server_stream_request_duration", "A time.");

    private final World world = World.real();

    @Test
    void datagramsCarryWhatWasAddedSinceTheLastOne() throws IOException {
        Metrics.Counter counter = world.metrics().counter(COUNT, "de.mo|x:y z", "SUCCESS");
        counter.add(3);
        world.metrics().gauge(LEVEL, "demo").set(1);
        world.metrics().timing(TIME).observe(2_000_000);
        world.metrics().timing(TIME).observe(4_000_000);
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                StatsdPush _ = StatsdPush.start(world, target(false, server.getLocalPort()))) {
            server.setSoTimeout(10_000);
            assertThat(receive(server).lines())
                    .contains(
                            "site.broadcast.processed_count.de_mo_x_y_z.SUCCESS:3|c",
                            "site.consensus.etcdraft.is_leader.demo:1|g",
                            "site.grpc.server.stream_request_duration:3|ms|@0.5");
            counter.add(5);
            await().untilAsserted(() -> assertThat(receive(server).lines())
                    .contains("site.broadcast.processed_count.de_mo_x_y_z.SUCCESS:5|c")
                    .noneMatch(line -> line.contains("stream_request_duration")));
        }
    }

    @Test
    void aServerThatComesLateMissesNothing() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        world.metrics().counter(COUNT, "demo", "SUCCESS").add(7);
        try (StatsdPush _ = StatsdPush.start(world, target(true, port));
                ServerSocket server = late(port);
                Socket connection = server.accept();
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo("site.broadcast.processed_count.demo.SUCCESS:7|c");
        }
    }

    @Test
    void aServerThatReadsNothingHoldsUpNobody() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < Metrics.SERIES_MAX; i++) {
                world.metrics()
                        .gauge(LEVEL, "channel-with-a-long-name-" + "x".repeat(500) + i)
                        .set(1);
            }
            StatsdPush push = StatsdPush.start(world, target(true, server.getLocalPort()));
            Socket connection = server.accept();
            await().until(() -> connection.getInputStream().available() > 0);
            push.close();
            await().untilAsserted(() -> assertThat(world.metrics().read()).isNotEmpty());
            connection.close();
        }
    }

    @Test
    void linesArePackedIntoFewDatagrams() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            lines.add("some.name." + i + ":1|c");
        }
        lines.add("x".repeat(2000) + ":1|c");
        List<byte[]> packets = StatsdPush.packets(lines);
        assertThat(packets).hasSizeLessThan(10);
        assertThat(packets.stream().filter(packet -> packet.length > StatsdPush.DATAGRAM_BYTES_MAX))
                .hasSize(1);
        List<String> back = packets.stream()
                .flatMap(packet -> new String(packet, StandardCharsets.UTF_8).lines())
                .toList();
        assertThat(back).isEqualTo(lines);
    }

    private static ServerSocket late(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private static StatsdPush.Target target(boolean tcp, int port) {
        return new StatsdPush.Target(tcp, new NodeSettings.Address("127.0.0.1", port), Duration.ofMillis(100), "site");
    }

    private static String receive(DatagramSocket server) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        server.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }
}
