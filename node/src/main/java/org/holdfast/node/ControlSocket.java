package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import org.holdfast.env.DiskFault;
import org.holdfast.env.ForceDelay;
import org.holdfast.env.World;
import org.holdfast.ledger.UnreadableLedger;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.holdfast.wire.proto.DigestsAnswer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The operator's door: a local socket, one JSON object a line in, one a line out.
///
/// Verbs: `status`; `join` with `blockFile`; `leave` with `channel` and, to be sure which one, `genesis` (hash of block
/// 0's header, hexadecimal); `digests` with `channel`, `from` (block) and `max`; `transfer` with `channel`;
/// `force-delay` with `micros` and `seconds`;
/// `stop`. Who may open the socket's file may give
/// orders; its directory's permissions decide.
final class ControlSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);
    static final int LINE_MAX = 64 << 10;
    private static final JsonMapper JSON = new JsonMapper();

    private final World world;
    private final Path path;
    private final ServerSocketChannel server;
    private final Verbs verbs;

    /// What the verbs do.
    ///
    /// @param stop begins to stop the node and returns
    record Verbs(org.holdfast.node.Channels channels, StateDigests digests, NodeReport report, Runnable stop) {}

    private ControlSocket(World world, Path path, ServerSocketChannel server, Verbs verbs) {
        this.world = world;
        this.path = path;
        this.server = server;
        this.verbs = verbs;
    }

    /// Opens the socket. The data directory's lock is held, so a file left there is of a process that died.
    static ControlSocket open(World world, Path path, Verbs verbs) {
        world.disk().delete(path);
        try {
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(path));
            ControlSocket socket = new ControlSocket(world, path, server, verbs);
            world.start("control", socket::accept);
            return socket;
        } catch (IOException e) {
            throw new DiskFault("opening the control socket", path, e);
        } catch (IllegalArgumentException e) {
            throw new DiskFault("opening the control socket (" + Decode.reason(e) + ")", path, null);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new DiskFault("closing the control socket", path, e);
        }
        world.disk().delete(path);
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                world.start("control-client", () -> serve(client));
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException e) { // boundary: the next connection may be taken
                LOG.warn("The control socket took no connection: {}", e.getMessage());
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client;
                BufferedReader lines = new BufferedReader(Channels.newReader(client, StandardCharsets.UTF_8))) {
            for (String line = line(lines); line != null; line = line(lines)) {
                ObjectNode answer = line.length() > LINE_MAX ? tooLong() : answer(line);
                ByteBuffer out = StandardCharsets.UTF_8.encode(answer + "\n");
                while (out.hasRemaining()) {
                    client.write(out);
                }
            }
        } catch (IOException e) { // boundary: whoever asked has gone
            LOG.debug("An operator's connection ended: {}", e.getMessage());
        }
    }

    /// The next line without its end; of one that is too long, only so much that this shows. Null at the end.
    static @Nullable String line(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = in.read()) {
            if (line.length() <= LINE_MAX) {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private ObjectNode answer(String line) {
        try {
            JsonNode request = JSON.readTree(line);
            return run(request.path("verb").asString(""), request);
        } catch (Refused e) {
            return failure(e.refusal().code().number(), e.refusal().text());
        } catch (JacksonException e) {
            return failure(Code.MALFORMED_ENVELOPE.number(), "not a JSON object: " + e.getOriginalMessage());
        } catch (DiskFault e) {
            return failure(Code.DISK_FULL.number(), Decode.reason(e));
        } catch (UnreadableLedger e) {
            return failure(
                    Code.LEDGER_UNREADABLE.number(),
                    Decode.reason(e)
                            + "; look with 'holdfast ledger verify', then put a sound copy of the files back or"
                            + " empty the node's data directory: it fetches the blocks as a new member");
        } catch (RuntimeException e) { // boundary: the operator gets an answer whatever it was
            LOG.error("A verb of the control socket failed: {}", line, e);
            return failure(Code.CHANNEL_HALTED.number(), "a fault of this node, see its log: " + Decode.reason(e));
        }
    }

    private ObjectNode delayForces(JsonNode request) {
        Duration each = Duration.of(request.path("micros").asLong(-1), ChronoUnit.MICROS);
        Duration lasting = Duration.ofSeconds(request.path("seconds").asLong(-1));
        if (each.isNegative()
                || each.compareTo(ForceDelay.EACH_MAX) > 0
                || lasting.isNegative()
                || lasting.compareTo(ForceDelay.LASTING_MAX) > 0) {
            return failure(
                    Code.MALFORMED_ENVELOPE.number(),
                    "force-delay takes micros (0 to %d) and seconds (0 to %d)"
                            .formatted(ForceDelay.EACH_MAX.toNanos() / 1000, ForceDelay.LASTING_MAX.toSeconds()));
        }
        world.forceDelay().set(each, lasting);
        LOG.warn(
                "Every force of the disk takes {} us longer for the next {} s: asked for at the control socket",
                each.toNanos() / 1000,
                lasting.toSeconds());
        return ok();
    }

    private ObjectNode run(String verb, JsonNode request) {
        return switch (verb) {
            case "status" -> verbs.report.status();
            case "join" -> {
                Path file = Path.of(request.path("blockFile").asString(""));
                ByteString block = ByteString.copyFrom(world.disk().read(file));
                yield ok().put("channel", verbs.channels.join(block).name());
            }
            case "leave" -> {
                ChannelId left = channelId(request);
                boolean had = verbs.channels.leave(left, request.path("genesis").asString(""));
                yield ok().put("channel", left.name()).put("left", had);
            }
            case "digests" -> digests(request);
            case "transfer" -> {
                CompletableFuture<?> _ = transfer(request.path("channel").asString(""));
                yield ok();
            }
            case "force-delay" -> delayForces(request);
            case "stop" -> {
                verbs.stop.run();
                yield ok();
            }
            default -> failure(Code.MALFORMED_ENVELOPE.number(), "unknown verb '" + verb + "'");
        };
    }

    private ObjectNode digests(JsonNode request) {
        DigestsAnswer answer = verbs.digests.of(
                channelId(request),
                request.path("from").asLong(0),
                request.path("max").asLong(1));
        ObjectNode told = ok().put("kept", answer.getKept()).put("applied", answer.getApplied());
        ArrayNode list = told.putArray("digests");
        StateDigests.read(answer)
                .forEach(one -> list.addObject().put("block", one.block()).put("digest", one.text()));
        return told;
    }

    private static ChannelId channelId(JsonNode request) {
        String name = request.path("channel").asString("");
        if (!ChannelId.isValid(name)) {
            throw Refusal.of(Code.UNKNOWN_CHANNEL, "'%s' is no name of a channel", name)
                    .asException();
        }
        return new ChannelId(name);
    }

    private CompletableFuture<Void> transfer(String channel) {
        return verbs.channels.open().stream()
                .filter(orderer -> orderer.config().id().name().equals(channel))
                .findFirst()
                .orElseThrow(() -> Refusal.of(Code.UNKNOWN_CHANNEL, "channel '%s' is not on this node", channel)
                        .asException())
                .transferLeadership();
    }

    private static ObjectNode ok() {
        return JSON.createObjectNode().put("ok", true);
    }

    private static ObjectNode tooLong() {
        return failure(Code.TOO_LARGE.number(), "a line has at most " + LINE_MAX + " characters");
    }

    private static ObjectNode failure(String code, String text) {
        return JSON.createObjectNode().put("ok", false).put("code", code).put("text", text);
    }
}
