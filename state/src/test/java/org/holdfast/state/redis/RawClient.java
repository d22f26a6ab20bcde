package org.holdfast.state.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// A client that sends the bytes it is told to and gives the bytes of replies back, one reply at a time. Bytes are
/// characters of ISO 8859-1.
final class RawClient implements AutoCloseable {
    private static final int WAIT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(WAIT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    Socket socket() {
        return socket;
    }

    void send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /// Sends one request of these words and gives the reply.
    String call(String... words) throws IOException {
        send(request(words));
        return reply();
    }

    static String request(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    /// The bytes of the next reply.
    String reply() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        one(bytes);
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private void one(ByteArrayOutputStream into) throws IOException {
        String line = line();
        into.writeBytes((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        char kind = line.charAt(0);
        switch (kind) {
            case '$', '=' -> {
                int length = Integer.parseInt(line.substring(1));
                if (length >= 0) {
                    byte[] body = in.readNBytes(length + 2);
                    if (body.length < length + 2) {
                        throw new EOFException();
                    }
                    into.writeBytes(body);
                }
            }
            case '*', '~', '%' -> {
                int items = Integer.parseInt(line.substring(1)) * (kind == '%' ? 2 : 1);
                for (int i = 0; i < items; i++) {
                    one(into);
                }
            }
            default -> {}
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            if (next == '\n') {
                line.setLength(line.length() - 1);
                return line.toString();
            }
            line.append((char) next);
        }
    }

    /// Everything until the other side closes.
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
