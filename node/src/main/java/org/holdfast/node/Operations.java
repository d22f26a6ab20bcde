package org.holdfast.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal.Refused;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The operations HTTP server: hands requests to pages and keeps clients from hurting the node.
///
/// Every request has a virtual thread; beyond [#REQUESTS_MAX] at once, connections are closed. A client that is slower
/// than [#REQUEST_MAX] is cut off. With TLS, a page that is not open wants a client certificate that a configured
/// authority issued; without TLS every page is open, as in Fabric.
final class Operations implements AutoCloseable {
    /// Requests served at once.
    static final int REQUESTS_MAX = 64;
    /// Bytes of a request's body.
    static final int BODY_BYTES_MAX = 64 << 10;
    /// Characters of a path behind the page's own, and of a query.
    static final int WORDS_MAX = 2 << 10;
    /// From the first byte of a request to its last, and again for the answer.
    static final Duration REQUEST_MAX = Duration.ofSeconds(10);

    static final Metric.Counter REQUESTS = Metric.counter(
            "holdfast_operations_requests",
            "Requests at the operations port, by page and answer.",
            "requests",
            "page",
            "code");

    private static final int BACKLOG = 64;
    /// What of an oversized body is read and dropped, so that its sender gets to read the refusal.
    private static final long DISCARDED_BYTES_MAX = 32L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Operations.class);

    static {
        // The JDK's server reads these once, in seconds (module jdk.httpserver's description); an operator's own wins.
        String seconds = String.valueOf(REQUEST_MAX.toSeconds());
        setIfAbsent("sun.net.httpserver.maxReqTime", seconds);
        setIfAbsent("sun.net.httpserver.maxRspTime", seconds);
    }

    /// One path, or all paths that begin with one.
    ///
    /// @param open whether it is shown to clients without a certificate
    /// @param errors under which name an error's text stands: `error` as Fabric has it, `message` as ZanKV has it
    /// @param methods what it answers to, by method
    record Page(boolean open, String errors, Map<String, Handler> methods) {
        static final String FABRIC = "error";
        static final String ZANKV = "message";

        Page {
            methods = new TreeMap<>(methods);
        }

        Page(boolean open, Map<String, Handler> methods) {
            this(open, FABRIC, methods);
        }

        private Answer refused(int status, String text) {
            return Answer.json(status, OperationsPages.error(errors, text));
        }
    }

    /// A request for a page.
    ///
    /// @param rest of a page that ends with a slash what is behind it, part by part; nothing otherwise
    /// @param query by name, the last of several; without a value: nothing
    /// @param body whole
    record Ask(List<String> rest, Map<String, String> query, byte[] body) {}

    /// A request gets no answer but this.
    static final class Unanswerable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;

        /// @param status of HTTP
        Unanswerable(int status, String text) {
            super(text, null, false, false);
            this.status = status;
        }
    }

    /// Answers a request. What it throws of [Unanswerable], [Refused] and [DiskFault] is told as an error.
    interface Handler {
        Answer answer(Ask ask);
    }

    /// @param body empty = none
    record Answer(int status, String contentType, String body) {
        static final String JSON = "application/json";

        static Answer json(int status, Object body) {
            return new Answer(status, JSON, body.toString());
        }
    }

    private final HttpServer server;
    private final Metrics metrics;
    private final Map<String, Page> pages;
    private final Semaphore room = new Semaphore(REQUESTS_MAX);

    private Operations(World world, HttpServer server, Map<String, Page> pages) {
        this.server = server;
        this.metrics = world.metrics();
        this.pages = Map.copyOf(pages);
        // executor: the server wants one; every request gets a virtual thread.
        server.setExecutor(task -> run(world, task));
        server.createContext("/", this::serve);
        server.start();
    }

    /// Opens the port.
    ///
    /// @param tls empty = plain HTTP
    /// @param pages by path
    /// @throws IOException when the address cannot be bound
    static Operations start(
            World world, NodeSettings.Address address, Optional<OperationsTls> tls, Map<String, Page> pages)
            throws IOException {
        InetSocketAddress at = new InetSocketAddress(address.host(), address.port());
        if (tls.isEmpty()) {
            return new Operations(world, HttpServer.create(at, BACKLOG), pages);
        }
        HttpsServer secured = HttpsServer.create(at, BACKLOG);
        secured.setHttpsConfigurator(tls.get().configurator());
        return new Operations(world, secured, pages);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void run(World world, Runnable task) {
        if (!room.tryAcquire()) {
            // The server closes the connection then.
            throw new RejectedExecutionException("more than " + REQUESTS_MAX + " requests at once");
        }
        world.start("operations", () -> {
            try {
                task.run();
            } finally {
                room.release();
            }
        });
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = Objects.requireNonNullElse(exchange.getRequestURI().getPath(), "");
            String name = name(path);
            Page page = pages.get(name);
            Answer answer = page == null ? nothingHere() : of(page, exchange, path.substring(name.length()));
            metrics.counter(REQUESTS, page == null ? "unknown" : name, String.valueOf(answer.status))
                    .increment();
            send(exchange, answer);
        } catch (RuntimeException e) { // boundary: the server would drop it without a word
            LOG.error("A page of the operations port failed", e);
        }
    }

    private Answer nothingHere() {
        String text = "there is no page here; see " + String.join(" ", new TreeMap<>(pages).keySet());
        return Answer.json(404, OperationsPages.error(Page.FABRIC, text).put(Page.ZANKV, text));
    }

    /// The name of the page that a path is of: the path, or the longest beginning of it that is a page and ends with a
    /// slash.
    private String name(String path) {
        if (pages.containsKey(path)) {
            return path;
        }
        // Not from its end: strangers send paths of hundreds of thousands of slashes, each one as long as the rest.
        for (int slash = path.lastIndexOf('/', WORDS_MAX); slash >= 0; slash = path.lastIndexOf('/', slash - 1)) {
            String name = path.substring(0, slash + 1);
            if (pages.containsKey(name)) {
                return name;
            }
        }
        return path;
    }

    private Answer of(Page page, HttpExchange exchange, String rest) throws IOException {
        Handler handler = page.methods.get(exchange.getRequestMethod());
        if (handler == null) {
            String allowed = String.join(", ", page.methods.keySet());
            exchange.getResponseHeaders().set("Allow", allowed);
            return page.refused(405, "invalid request method, allowed: " + allowed);
        }
        if (!page.open && exchange instanceof HttpsExchange secured && !certified(secured)) {
            return page.refused(
                    401, "this page wants a client certificate issued by one of Operations.TLS.ClientRootCAs");
        }
        if (exchange.getRequestHeaders().containsKey("Origin")
                && !exchange.getRequestMethod().equals("GET")) {
            // A page that an operator looks at must not give orders to a port on the operator's machine.
            return page.refused(403, "web pages change nothing here: send it without Origin");
        }
        String query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
        if (rest.length() + query.length() > WORDS_MAX) {
            return page.refused(414, "path and query have at most " + WORDS_MAX + " characters");
        }
        Optional<byte[]> body = body(exchange);
        if (body.isEmpty()) {
            return page.refused(413, "a request's body has at most " + BODY_BYTES_MAX + " bytes");
        }
        List<String> parts = rest.isEmpty() ? List.of() : List.of(rest.split("/", -1));
        try {
            return handler.answer(new Ask(parts, query(query), body.get()));
        } catch (Unanswerable e) {
            return page.refused(e.status, String.valueOf(e.getMessage()));
        } catch (Refused e) {
            return page.refused(
                    e.refusal().code().status(),
                    e.refusal().code().number() + " " + e.refusal().text());
        } catch (DiskFault e) {
            return page.refused(500, Decode.reason(e));
        }
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new TreeMap<>();
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            query.put(
                    decoded(equals < 0 ? pair : pair.substring(0, equals)),
                    equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    private static String decoded(String word) {
        try {
            return URLDecoder.decode(word, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Unanswerable(400, "'" + word + "' in the query is not percent-encoded");
        }
    }

    private static boolean certified(HttpsExchange exchange) {
        try {
            return exchange.getSSLSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException anonymous) {
            return false;
        }
    }

    /// The body; empty when it is too large.
    private static Optional<byte[]> body(HttpExchange exchange) throws IOException {
        InputStream in = exchange.getRequestBody();
        byte[] body = in.readNBytes(BODY_BYTES_MAX + 1);
        if (body.length <= BODY_BYTES_MAX) {
            return Optional.of(body);
        }
        byte[] dropped = new byte[8 << 10];
        long left = DISCARDED_BYTES_MAX;
        for (int read = in.read(dropped); read >= 0 && left > 0; read = in.read(dropped)) {
            left -= read;
        }
        exchange.getResponseHeaders().set("Connection", "close");
        return Optional.empty();
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] bytes = answer.body.getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (bytes.length == 0 || head) {
            exchange.sendResponseHeaders(answer.status, -1);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", answer.contentType);
        exchange.sendResponseHeaders(answer.status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
