package org.holdfast.cli;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// One connection to a node's Redis door, over which many commands go at once. Belongs to one thread.
final class RedisLink implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int ANSWER_MILLIS = 60_000;
    private static final int LINE_MAX = 1 << 16;

    private final Socket socket;
    private final InputStream in;

    /// Where a Redis door is.
    record Door(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    private RedisLink(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    /// @throws Denied when the node does not take who this is
    static RedisLink open(Door door, RedisAccess.Terms terms) throws IOException {
        Socket socket = new Socket();
        boolean whole = false;
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.connect(new InetSocketAddress(door.host(), door.port()), CONNECT_MILLIS);
            socket = secured(socket, door, terms);
            RedisLink link = new RedisLink(socket);
            link.login(terms);
            whole = true;
            return link;
        } finally {
            if (!whole) {
                socket.close();
            }
        }
    }

    private static Socket secured(Socket plain, Door door, RedisAccess.Terms terms) throws IOException {
        SSLSocketFactory factory = terms.tls();
        if (factory == null) {
            return plain;
        }
        SSLSocket socket = (SSLSocket) factory.createSocket(plain, door.host(), door.port(), true);
        SSLParameters wanted = socket.getSSLParameters();
        // As browsers do: the certificate has to be one of the host that was named.
        wanted.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(wanted);
        try {
            socket.startHandshake();
        } catch (SSLHandshakeException e) {
            socket.close();
            // A node that ends in the middle of it has refused nobody.
            throw e.getCause() instanceof EOFException
                    ? e
                    : new Denied("%s: TLS failed: %s".formatted(door, e.getMessage()), e);
        }
        return socket;
    }

    private void login(RedisAccess.Terms terms) throws IOException {
        if (terms.login().length > 0) {
            List<@Nullable String> errors = new ArrayList<>();
            ask(List.of(terms.login()), errors);
            String no = errors.getFirst();
            if (no != null) {
                throw no.startsWith("WRONGPASS") || no.startsWith("ERR AUTH")
                        ? new Denied(no, null)
                        : new IOException(no);
            }
        }
    }

    /// The node does not take who this is: trying again changes nothing.
    static final class Denied extends IOException {
        private static final long serialVersionUID = 1L;

        Denied(String text, @Nullable Throwable cause) {
            super(text, cause);
        }
    }

    /// Sends commands and reads their replies.
    ///
    /// @param errors gets each command's error, null where there was none; when the connection breaks it has those of
    /// the commands that were answered before
    void ask(List<byte[]> commands, List<@Nullable String> errors) throws IOException {
        int bytes = commands.stream().mapToInt(command -> command.length).sum();
        byte[] all = new byte[bytes];
        int at = 0;
        for (byte[] command : commands) {
            System.arraycopy(command, 0, all, at, command.length);
            at += command.length;
        }
        socket.getOutputStream().write(all);
        for (int i = 0; i < commands.size(); i++) {
            errors.add(reply());
        }
    }

    /// Reads a reply to its end.
    ///
    /// @return its text if it is an error
    private @Nullable String reply() throws IOException {
        String head = line();
        char kind = head.isEmpty() ? ' ' : head.charAt(0);
        return switch (kind) {
            case '-' -> head.substring(1);
            case '+', ':', '_', ',', '#', '(' -> null;
            case '$', '=' -> skipped(head, null);
            case '!' -> skipped(head, "an error of " + number(head) + " bytes");
            case '*', '~', '>' -> replies(number(head));
            case '%' -> replies(2 * number(head));
            default -> throw new IOException("the node answers '" + head + "', which is no reply of Redis");
        };
    }

    private @Nullable String replies(long count) throws IOException {
        String error = null;
        for (long i = 0; i < count; i++) {
            String one = reply();
            error = error == null ? one : error;
        }
        return error;
    }

    private static long number(String head) throws IOException {
        try {
            return Long.parseLong(head.substring(1));
        } catch (NumberFormatException e) {
            throw new IOException("the node answers '" + head + "', which is no reply of Redis", e);
        }
    }

    private @Nullable String skipped(String head, @Nullable String error) throws IOException {
        long bytes = number(head);
        if (bytes >= 0) {
            in.skipNBytes(bytes + 2);
        }
        return error;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0 || line.length() > LINE_MAX) {
                throw new IOException(next < 0 ? "the node closed the connection" : "the node's answer has no end");
            }
            line.append((char) next);
        }
        if (in.read() != '\n') {
            throw new IOException("the node's answer is no reply of Redis");
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
