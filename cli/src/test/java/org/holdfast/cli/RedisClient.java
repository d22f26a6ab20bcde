package org.holdfast.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection to a Redis door, RESP2, one request at a time.
final class RedisClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 40_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    RedisClient(int port) throws IOException {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// A reply as text: null is nil, a failure begins with a dash, a list is in brackets.
    @Nullable
    String ask(String... words) throws IOException {
        send(words);
        return reply();
    }

    /// The items of a reply that is a list, as [#ask] gives each.
    List<@Nullable String> list(String... words) throws IOException {
        send(words);
        String line = line();
        if (!line.startsWith("*")) {
            throw new IOException("no list: " + line);
        }
        return items(Integer.parseInt(line.substring(1)));
    }

    private void send(String... words) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            request.writeBytes(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            request.writeBytes(bytes);
            request.writeBytes(new byte[] {'\r', '\n'});
        }
        socket.getOutputStream().write(request.toByteArray());
    }

    private @Nullable String reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+', ':' -> rest;
            case '-' -> line;
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> listing(Integer.parseInt(rest));
            default -> throw new IOException("no reply: " + line);
        };
    }

    private @Nullable String bulk(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length || in.readNBytes(2).length < 2) {
            throw new EOFException("the connection ended in a reply");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private @Nullable String listing(int count) throws IOException {
        if (count < 0) {
            return null;
        }
        return items(count).toString();
    }

    private List<@Nullable String> items(int count) throws IOException {
        List<@Nullable String> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(reply());
        }
        return items;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            line.write(c);
        }
        if (in.read() != '\n') {
            throw new IOException("a line without its end");
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
