package org.holdfast.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.env.World;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Asks a node through its control socket: one JSON object a line each way, one question a connection.
final class ControlClient {
    /// An answer is a status of every channel; more than this is no answer of ours.
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private final World world;

    ControlClient(World world) {
        this.world = world;
    }

    /// A question without parameters.
    static ObjectNode verb(String verb) {
        return Json.object().put("verb", verb);
    }

    /// @param patience how long to wait for the whole answer
    /// @throws NoAnswer when nobody answers in time, or not with JSON
    /// @throws CommandFault when the node refuses
    JsonNode ask(Path socket, ObjectNode question, Duration patience) throws NoAnswer {
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        SocketChannel channel = open(socket);
        // Blocking I/O on a unix socket knows no timeout; closing the channel ends it.
        world.start("control", () -> exchange(channel, socket, question, answer));
        try {
            JsonNode said = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (!said.path("ok").asBoolean(false)) {
                throw CommandFault.failed(
                        "%s: %s",
                        said.path("code").asString("refused"), said.path("text").asString(said.toString()));
            }
            return said;
        } catch (TimeoutException e) {
            throw new NoAnswer("no answer on %s within %d ms".formatted(socket, patience.toMillis()), null);
        } catch (ExecutionException e) {
            throw new NoAnswer("no answer on %s".formatted(socket), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswer("interrupted", e);
        } finally {
            close(channel);
        }
    }

    private static SocketChannel open(Path socket) throws NoAnswer {
        try {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (IOException e) {
            throw new NoAnswer("no answer on %s".formatted(socket), e);
        }
    }

    private static void exchange(
            SocketChannel channel, Path socket, ObjectNode question, CompletableFuture<JsonNode> answer) {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer line = ByteBuffer.wrap((Json.line(question) + "\n").getBytes(StandardCharsets.UTF_8));
            while (line.hasRemaining()) {
                channel.write(line);
            }
            answer.complete(Json.read(readLine(channel), JsonNode.class));
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            answer.completeExceptionally(e);
        }
    }

    private static byte[] readLine(SocketChannel channel) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (channel.read(buffer) >= 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    return line.toByteArray();
                }
                line.write(next);
            }
            buffer.clear();
            if (line.size() > ANSWER_BYTES_MAX) {
                throw new IOException("the answer is longer than " + ANSWER_BYTES_MAX + " bytes");
            }
        }
        throw new IOException("the node closed the connection before answering");
    }

    private static void close(SocketChannel channel) throws NoAnswer {
        try {
            channel.close();
        } catch (IOException e) {
            throw new NoAnswer("closing the control connection", e);
        }
    }

    /// Nobody at the other end: not started yet, hung or gone.
    static final class NoAnswer extends Exception {
        private static final long serialVersionUID = 1L;

        NoAnswer(String text, @Nullable Throwable cause) {
            super(cause == null || cause.getMessage() == null ? text : text + ": " + cause.getMessage(), cause);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }
}
