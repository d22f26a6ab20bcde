package org.holdfast.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.env.World;
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

    /// One path.
    ///
    /// @param open whether it is shown to clients without a certificate
    /// @param methods what it answers to, by method
    record Page(boolean open, Map<String, Handler> methods) {
        Page {
            methods = new TreeMap<>(methods);
        }
    }

    /// Answers a request.
    interface Handler {
        /// @param body of the request, whole
        Answer answer(byte[] body);
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
            String path = exchange.getRequestURI().getPath();
            Page page = path == null ? null : pages.get(path);
            Answer answer = page == null
                    ? Answer.json(
                            404,
                            OperationsPages.error("there is no page here; see " + String.join(" ", pages.keySet())))
                    : of(page, exchange);
            metrics.counter(REQUESTS, page == null ? "unknown" : String.valueOf(path), String.valueOf(answer.status))
                    .increment();
            send(exchange, answer);
        } catch (RuntimeException e) { // boundary: the server would drop it without a word
            LOG.error("A page of the operations port failed", e);
        }
    }

    private static Answer of(Page page, HttpExchange exchange) throws IOException {
        Handler handler = page.methods.get(exchange.getRequestMethod());
        if (handler == null) {
            String allowed = String.join(", ", page.methods.keySet());
            exchange.getResponseHeaders().set("Allow", allowed);
            return Answer.json(405, OperationsPages.error("invalid request method, allowed: " + allowed));
        }
        if (!page.open && exchange instanceof HttpsExchange secured && !certified(secured)) {
            return Answer.json(
                    401,
                    OperationsPages.error(
                            "this page wants a client certificate issued by one of" + " Operations.TLS.ClientRootCAs"));
        }
        Optional<byte[]> body = body(exchange);
        return body.isPresent()
                ? handler.answer(body.get())
                : Answer.json(413, OperationsPages.error("a request's body has at most " + BODY_BYTES_MAX + " bytes"));
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
