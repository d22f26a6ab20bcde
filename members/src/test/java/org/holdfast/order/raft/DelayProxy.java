package org.holdfast.order.raft;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Carries TCP connections to a port of this machine and delays the bytes, in both directions, without limiting how
/// many are on the way.
final class DelayProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final long delayNanos;

    DelayProxy(int target, long oneWayMillis) {
        try {
            this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.target = target;
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(oneWayMillis);
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket near = listener.accept();
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                carry(near, far);
                carry(far, near);
            } catch (IOException closed) {
                // The peer tries again.
            }
        }
    }

    private void carry(Socket from, Socket to) {
        LinkedBlockingQueue<Piece> way = new LinkedBlockingQueue<>();
        Thread.ofVirtual().start(() -> {
            try {
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[1 << 16];
                for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                    way.add(new Piece(System.nanoTime() + delayNanos, java.util.Arrays.copyOf(buffer, count)));
                }
            } catch (IOException gone) {
                // The end is carried on like the bytes.
            }
            way.add(new Piece(System.nanoTime() + delayNanos, new byte[0]));
        });
        Thread.ofVirtual().start(() -> {
            try (to;
                    from) {
                OutputStream out = to.getOutputStream();
                for (Piece piece = way.take(); piece.bytes().length > 0; piece = way.take()) {
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, piece.at() - System.nanoTime()));
                    out.write(piece.bytes());
                }
            } catch (IOException gone) {
                // Both sockets are closed now; the peers see it.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Piece(long at, byte[] bytes) {}
}
