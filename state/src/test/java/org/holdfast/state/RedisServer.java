package org.holdfast.state;

import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// A real redis-server as oracle, on a socket file, with this ledger's limit of a value. Speaks RESP2; one thread.
final class RedisServer implements AutoCloseable {
    private final Process process;
    private final SocketChannel channel;
    private final DataInputStream in;

    private RedisServer(Process process, SocketChannel channel) {
        this.process = process;
        this.channel = channel;
        InputStream bytes = Channels.newInputStream(channel);
        this.in = new DataInputStream(new BufferedInputStream(bytes));
    }

    static RedisServer start() throws IOException {
        Path directory = Files.createTempDirectory("oracle");
        Path socket = directory.resolve("s");
        List<String> program = List.of(
                "redis-server",
                "--port",
                "0",
                "--unixsocket",
                socket.toString(),
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--proto-max-bulk-len",
                Integer.toString(CommandTable.VALUE_BYTES_MAX));
        Process process;
        try {
            process = new ProcessBuilder(program)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            return fail("redis-server, the oracle of these tests, does not start; ./check installs it", e);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(socket));
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Awaitility.await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return true;
        });
        return new RedisServer(process, channel);
    }

    Reply ask(String... words) throws IOException {
        return ask(Command.of(words));
    }

    Reply ask(Command command) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("*" + command.argv().size() + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (byte[] word : command.argv()) {
            out.writeBytes(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(word);
            out.writeBytes(new byte[] {'\r', '\n'});
        }
        ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        return read();
    }

    private Reply read() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> new Reply.Status(rest);
            case '-' -> {
                int space = rest.indexOf(' ');
                yield new Reply.Failure(rest.substring(0, space), rest.substring(space + 1));
            }
            case ':' -> Reply.of(Long.parseLong(rest));
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> listing(Integer.parseInt(rest));
            default -> throw new IOException("no reply: " + line);
        };
    }

    private Reply bulk(int length) throws IOException {
        if (length < 0) {
            return Reply.NIL;
        }
        byte[] bytes = in.readNBytes(length);
        in.readNBytes(2);
        return Reply.of(bytes);
    }

    private Reply listing(int size) throws IOException {
        if (size < 0) {
            return Reply.NIL_LISTING;
        }
        List<Reply> items = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            items.add(read());
        }
        return new Reply.Listing(items);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the oracle hung up");
            }
            line.append((char) c);
        }
        in.read();
        return line.toString();
    }

    /// A reply in the forms that RESP2 has.
    static Reply resp2(Reply reply) {
        return switch (reply) {
            case Reply.Pairs pairs -> {
                List<Reply> flat = new ArrayList<>();
                pairs.entries().forEach(pair -> {
                    flat.add(resp2(pair.key()));
                    flat.add(resp2(pair.value()));
                });
                yield new Reply.Listing(flat);
            }
            case Reply.Distinct distinct ->
                new Reply.Listing(
                        distinct.items().stream().map(RedisServer::resp2).toList());
            case Reply.Listing listing ->
                new Reply.Listing(
                        listing.items().stream().map(RedisServer::resp2).toList());
            case Reply.Rows rows ->
                new Reply.Listing(rows.cells().stream().map(RedisServer::resp2).toList());
            case Reply.Decimal decimal -> Reply.bulk(decimal.text());
            case Reply.Real real -> Reply.bulk(Numbers.text(real.value()));
            case Reply.Truth truth -> Reply.flag(truth.value());
            case Reply.Text text -> Reply.bulk(text.text());
            case Reply.Nil _, Reply.Status _, Reply.Failure _, Reply.Whole _, Reply.Bulk _, Reply.NilListing _ -> reply;
        };
    }

    @Override
    public void close() throws IOException {
        channel.close();
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
