package org.holdfast.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.holdfast.env.World;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// HTTP for load balancers and scripts: `GET /healthz` (200, or 503 with `failed_checks`) and `GET /version`, as
/// Fabric's operations service answers them.
final class Operations implements AutoCloseable {
    private static final int BACKLOG = 64;
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpServer server;

    private Operations(HttpServer server) {
        this.server = server;
    }

    /// @throws IOException when the address cannot be bound
    static Operations start(World world, NodeSettings.Address address, Supplier<List<String>> problems)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), BACKLOG);
        // The server wants an executor: every request gets a virtual thread.
        server.setExecutor(task -> world.start("operations", task));
        server.createContext("/healthz", exchange -> health(world, exchange, problems.get()));
        server.createContext("/version", Operations::version);
        server.start();
        return new Operations(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void health(World world, HttpExchange exchange, List<String> problems) throws IOException {
        ObjectNode body = JSON.createObjectNode();
        body.put("status", problems.isEmpty() ? "OK" : "Service Unavailable");
        body.put("time", Instant.ofEpochMilli(world.clock().wallMillis()).toString());
        if (!problems.isEmpty()) {
            ArrayNode failed = body.putArray("failed_checks");
            for (String problem : problems) {
                failed.addObject().put("component", "ordering").put("reason", problem);
            }
        }
        send(exchange, problems.isEmpty() ? 200 : 503, body);
    }

    private static void version(HttpExchange exchange) throws IOException {
        send(exchange, 200, JSON.createObjectNode().put("CommitSHA", "").put("Version", Version.text()));
    }

    private static void send(HttpExchange exchange, int status, ObjectNode body) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
