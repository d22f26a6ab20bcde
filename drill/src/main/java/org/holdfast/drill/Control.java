package org.holdfast.drill;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.env.World;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Asks a node through its control socket; one connection a question. Any thread.
final class Control {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path socket;

    Control(Path socket) {
        this.socket = socket;
    }

    static ObjectNode verb(String verb) {
        return JSON.createObjectNode().put("verb", verb);
    }

    /// The node's answer; empty when it is not there, or stopped in its tracks and does not answer within `patience`.
    Optional<JsonNode> ask(ObjectNode question, Duration patience) throws InterruptedException {
        CompletableFuture<Optional<JsonNode>> answer = new CompletableFuture<>();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            World.real().start("ask-" + socket.getFileName(), () -> answer.complete(exchange(channel, question)));
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | IOException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Optional<JsonNode> exchange(SocketChannel channel, ObjectNode question) {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer out = StandardCharsets.UTF_8.encode(question + "\n");
            while (out.hasRemaining()) {
                channel.write(out);
            }
            BufferedReader lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            String line = lines.readLine();
            return line == null ? Optional.empty() : Optional.of(JSON.readTree(line));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
