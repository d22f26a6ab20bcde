package org.holdfast.drill;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.env.World;

/// Carries TCP connections to another address, and the bytes in both directions after a delay, without limiting how
/// fast they follow each other. Two virtual threads for each direction of each connection.
final class SlowProxy implements AutoCloseable {
    /// Pieces of one direction on the way; when it is full, the sender is not read.
    private static final int PIECES_MAX = 4096;

    private static final int PIECE_BYTES = 1 << 16;
    private static final int CONNECTIONS_WAITING = 64;

    private final World world;
    private final ServerSocket listener;
    private final InetSocketAddress target;
    private volatile long delayNanos;

    /// @param readyNanos when it may be passed on
    /// @param bytes none: the end
    private record Piece(long readyNanos, byte[] bytes) {}

    private SlowProxy(World world, ServerSocket listener, InetSocketAddress target) {
        this.world = world;
        this.listener = listener;
        this.target = target;
    }

    /// @param port of both addresses
    static SlowProxy start(World world, String from, int port, String to) {
        try {
            ServerSocket listener = new ServerSocket(port, CONNECTIONS_WAITING, InetAddress.getByName(from));
            SlowProxy proxy = new SlowProxy(world, listener, new InetSocketAddress(InetAddress.getByName(to), port));
            world.start("proxy-" + port, proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new DrillFault("no proxy can listen on %s:%d: %s".formatted(from, port, e.getMessage()));
        }
    }

    /// How long bytes that come from now on take.
    void delay(Duration oneWay) {
        delayNanos = oneWay.toNanos();
    }

    /// Takes no further connections; the others end with their ends.
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new DrillFault("a proxy cannot be closed: " + e.getMessage());
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                connect(near);
            } catch (IOException closed) {
                // the listener is closed, which ends the loop
            }
        }
    }

    private void connect(Socket near) throws IOException {
        Socket far = new Socket();
        try {
            far.connect(target);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
        } catch (IOException down) {
            // Nobody listens there: the caller learns it by the end of its connection.
            near.close();
            far.close();
            return;
        }
        carry(near, far);
        carry(far, near);
    }

    private void carry(Socket from, Socket to) {
        BlockingQueue<Piece> way = new ArrayBlockingQueue<>(PIECES_MAX);
        world.start("proxy-in", () -> read(from, way));
        world.start("proxy-out", () -> write(from, to, way));
    }

    private void read(Socket from, BlockingQueue<Piece> way) {
        try {
            try {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[PIECE_BYTES];
                for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                    way.put(new Piece(world.clock().nanos() + delayNanos, Arrays.copyOf(buffer, count)));
                }
            } catch (IOException gone) {
                // the end is carried on like the bytes
            }
            way.put(new Piece(world.clock().nanos() + delayNanos, new byte[0]));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Socket from, Socket to, BlockingQueue<Piece> way) {
        try (from;
                to) {
            OutputStream out = to.getOutputStream();
            for (Piece piece = way.take(); piece.bytes.length > 0; piece = way.take()) {
                for (long left = piece.readyNanos - world.clock().nanos();
                        left > 0;
                        left = piece.readyNanos - world.clock().nanos()) {
                    LockSupport.parkNanos(left);
                }
                out.write(piece.bytes);
            }
        } catch (IOException gone) {
            // both ends are closed now, and see it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
