package org.holdfast.node;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the figures to a statsd server, again and again, from a virtual thread of its own. A server that is away, or
/// takes nothing, holds up that thread and nothing else: what was not sent comes with the next sending.
final class StatsdPush implements AutoCloseable {
    /// Bytes of a datagram: fits an Ethernet frame with room for tunnels.
    static final int DATAGRAM_BYTES_MAX = 1400;

    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(StatsdPush.class);

    /// Where to and how often.
    record Target(boolean tcp, NodeSettings.Address address, Duration interval, String prefix) {}

    private final Target target;
    private final Metrics metrics;
    private final StatsdLines lines;
    private final CountDownLatch closing = new CountDownLatch(1);
    // Written by the sending thread, closed by whoever closes.
    private volatile @Nullable Socket stream;
    private boolean complained;

    private StatsdPush(Target target, Metrics metrics) {
        this.target = target;
        this.metrics = metrics;
        this.lines = new StatsdLines(target.prefix);
    }

    static StatsdPush start(World world, Target target) {
        StatsdPush push = new StatsdPush(target, world.metrics());
        world.start("statsd", push::run);
        return push;
    }

    @Override
    public void close() {
        closing.countDown();
        drop();
    }

    private void run() {
        while (!isClosing()) {
            try {
                send(lines.of(metrics.read()));
                lines.taken();
                if (complained) {
                    LOG.info("statsd at {} takes figures again", target.address);
                }
                complained = false;
            } catch (IOException e) {
                drop();
                if (!complained && closing.getCount() > 0) {
                    complained = true;
                    LOG.warn("statsd at {} takes no figures, trying on: {}", target.address, e.toString());
                }
            }
        }
    }

    private boolean isClosing() {
        try {
            return closing.await(target.interval.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void send(List<String> all) throws IOException {
        // Looked up each time: the server may have moved.
        InetSocketAddress to = new InetSocketAddress(target.address.host(), target.address.port());
        if (to.isUnresolved()) {
            throw new IOException("the host name does not resolve");
        }
        if (target.tcp) {
            sendStream(to, all);
        } else {
            sendDatagrams(to, all);
        }
    }

    private static void sendDatagrams(InetSocketAddress to, List<String> all) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            for (byte[] packet : packets(all)) {
                socket.send(new DatagramPacket(packet, packet.length, to));
            }
        }
    }

    private void sendStream(InetSocketAddress to, List<String> all) throws IOException {
        Socket open = stream;
        if (open == null) {
            open = new Socket();
            stream = open;
            open.connect(to, (int) CONNECT_MAX.toMillis());
        }
        if (closing.getCount() == 0) {
            throw new SocketException("closing");
        }
        open.getOutputStream().write((String.join("\n", all) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// Lines packed into as few datagrams as they fit; a longer line goes alone.
    static List<byte[]> packets(List<String> all) {
        List<byte[]> packets = new ArrayList<>();
        StringBuilder packet = new StringBuilder();
        int bytes = 0;
        for (String line : all) {
            int size = line.getBytes(StandardCharsets.UTF_8).length + 1;
            if (bytes > 0 && bytes + size > DATAGRAM_BYTES_MAX) {
                packets.add(packet.toString().getBytes(StandardCharsets.UTF_8));
                packet.setLength(0);
                bytes = 0;
            }
            packet.append(line).append('\n');
            bytes += size;
        }
        if (bytes > 0) {
            packets.add(packet.toString().getBytes(StandardCharsets.UTF_8));
        }
        return packets;
    }

    private void drop() {
        Socket open = stream;
        stream = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) { // boundary: it is given up either way
                LOG.debug("The connection to statsd did not close: {}", e.toString());
            }
        }
    }
}
