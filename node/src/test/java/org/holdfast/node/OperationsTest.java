package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.logging.log4j.core.config.Configurator;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.transport.TlsKeys;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The operations port on a real socket, as clients and attackers meet it.
class OperationsTest {
    private static final String NODE = "node.operations.example";
    private static final World WORLD = World.real();

    @TempDir
    Path directory;

    private final List<Health.Failure> failures = new ArrayList<>();
    private final LogControl log = LogControl.take(WORLD.metrics());
    private @Nullable Operations operations;

    @AfterEach
    void close() throws Exception {
        if (operations != null) {
            operations.close();
        }
        Configurator.reconfigure(
                LogControl.class.getResource("/log4j2-test.properties").toURI());
    }

    @Test
    void healthTellsWhatFails() throws Exception {
        start(true, Optional.empty());
        HttpResponse<String> well = get("/healthz");
        assertThat(well.statusCode()).isEqualTo(200);
        assertThat(json(well).path("status").asString()).isEqualTo("OK");
        assertThat(json(well).path("time").asString()).startsWith("20");
        assertThat(json(well).has("failed_checks")).isFalse();
        failures.add(new Health.Failure("channel demo", "no leader"));
        failures.add(new Health.Failure("disk", "full"));
        HttpResponse<String> ill = get("/healthz");
        assertThat(ill.statusCode()).isEqualTo(503);
        assertThat(json(ill).path("failed_checks").toString())
                .isEqualTo("[{\"component\":\"channel demo\",\"reason\":\"no leader\"},"
                        + "{\"component\":\"disk\",\"reason\":\"full\"}]");
    }

    @Test
    void versionNamesThisProgram() throws Exception {
        start(true, Optional.empty());
        JsonNode version = json(get("/version"));
        assertThat(version.path("Version").asString())
                .matches("[0-9]+\\.[0-9]+\\.[0-9]+.*")
                .isEqualTo(Version.text());
        assertThat(version.path("CommitSHA").asString("none"))
                .matches("[0-9a-f]*")
                .isEqualTo(Version.commit());
    }

    @Test
    void theLoggingSpecIsReadAndChanged() throws Exception {
        start(true, Optional.empty());
        assertThat(json(get("/logspec")).path("spec").asString()).isEqualTo("info");
        HttpResponse<String> set = put("/logspec", "{\"spec\":\"msp=debug:warning\"}");
        assertThat(set.statusCode()).isEqualTo(204);
        assertThat(set.body()).isEmpty();
        assertThat(json(get("/logspec")).path("spec").asString()).isEqualTo("msp=debug:warn");
        for (String bad :
                List.of("", "nonsense", "[]", "{}", "{\"spec\":7}", "{\"spec\":\"loud\"}", "{\"spec\":\"a=b=c\"}")) {
            HttpResponse<String> refused = put("/logspec", bad);
            assertThat(refused.statusCode()).as(bad).isEqualTo(400);
            assertThat(json(refused).path("error").asString()).as(bad).isNotBlank();
        }
        assertThat(log.spec().text()).isEqualTo("msp=debug:warn");
    }

    @Test
    void figuresAreShownOnlyToPrometheus() throws Exception {
        start(true, Optional.empty());
        HttpResponse<String> shown = get("/metrics");
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(shown.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(shown.body()).contains("# TYPE logging_entries_checked counter");
        close();
        start(false, Optional.empty());
        HttpResponse<String> hidden = get("/metrics");
        assertThat(hidden.statusCode()).isEqualTo(404);
        assertThat(hidden.body()).contains("Metrics.Provider");
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws Exception {
        start(true, Optional.empty());
        assertThat(get("/nowhere").statusCode()).isEqualTo(404);
        assertThat(get("/healthz/more").statusCode()).isEqualTo(404);
        assertThat(json(get("/")).path("error").asString()).contains("/healthz");
        HttpResponse<String> posted = send(request("/logspec").POST(BodyPublishers.ofString("{}")));
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("Allow")).hasValue("GET, PUT");
        assertThat(send(request("/healthz").DELETE()).headers().firstValue("Allow"))
                .hasValue("GET");
    }

    @Test
    void aPageMayHavePartsBehindItsPathAndAQuery() throws Exception {
        List<Operations.Ask> asked = new ArrayList<>();
        Operations.Handler echo = ask -> {
            asked.add(ask);
            return new Operations.Answer(200, "text/plain", "");
        };
        pages(Map.of(
                "/deep/", new Operations.Page(false, Operations.Page.ZANKV, Map.of("GET", echo, "POST", echo)),
                "/deep/own",
                        new Operations.Page(false, Operations.Page.ZANKV, Map.of("GET", _ -> {
                            throw new Operations.Unanswerable(418, "a \"pot\"");
                        }))));
        assertThat(get("/deep/a/b%2Fc?x=1&y=%26&x=2&z").statusCode()).isEqualTo(200);
        assertThat(asked.getFirst().rest()).containsExactly("a", "b", "c");
        assertThat(asked.getFirst().query()).isEqualTo(Map.of("x", "2", "y", "&", "z", ""));
        HttpResponse<String> own = get("/deep/own");
        assertThat(own.statusCode()).isEqualTo(418);
        assertThat(own.body()).isEqualTo("{\"message\":\"a \\\"pot\\\"\"}");
        assertThat(get("/deep").statusCode()).isEqualTo(404);
        assertThat(get("/deep" + "/x".repeat(150_000)).statusCode()).isEqualTo(414);
        assertThat(get("/deep/a?x=%25zz&y=" + "1".repeat(Operations.WORDS_MAX)).statusCode())
                .isEqualTo(414);
        HttpResponse<String> fromAPage = send(
                request("/deep/a").header("Origin", "http://elsewhere.example").POST(BodyPublishers.ofString("")));
        assertThat(fromAPage.statusCode()).isEqualTo(403);
    }

    @Test
    void aHugeBodyIsRefusedWithAnAnswer() throws Exception {
        start(true, Optional.empty());
        HttpResponse<String> refused = send(request("/logspec").PUT(BodyPublishers.ofByteArray(new byte[20 << 20])));
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void clientsThatSayNothingHoldUpNobody() throws Exception {
        start(true, Optional.empty());
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 2 * Operations.REQUESTS_MAX; i++) {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
            silent.add(socket);
        }
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        for (Socket socket : silent) {
            socket.close();
        }
    }

    @Test
    @Tag("slow")
    void clientsInTheMiddleOfARequestAreBoundedAndCutOff() throws Exception {
        start(true, Optional.empty());
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 2 * Operations.REQUESTS_MAX; i++) {
            slow.add(slow("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "));
        }
        await().atMost(Operations.REQUEST_MAX.plusSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(get("/healthz").statusCode()).isEqualTo(200));
        for (Socket socket : slow) {
            socket.close();
        }
    }

    @Test
    void withTlsFiguresAndLogAreForCertifiedClients() throws Exception {
        OrganizationFiles ours = organization("operations.example");
        start(true, Optional.of(tls(ours, false)));
        HttpClient stranger = client(ours, null);
        HttpClient friend = client(ours, ours.userTls("Ann"));
        assertThat(send(stranger, "https", "/healthz").statusCode()).isEqualTo(200);
        assertThat(send(stranger, "https", "/version").statusCode()).isEqualTo(200);
        for (String page : List.of("/metrics", "/logspec")) {
            assertThat(send(stranger, "https", page).statusCode()).as(page).isEqualTo(401);
            assertThat(send(friend, "https", page).statusCode()).as(page).isEqualTo(200);
        }
        assertThat(log.spec()).isEqualTo(LogSpec.DEFAULT);
        HttpClient foreign = client(ours, organization("elsewhere.example").userTls("Ann"));
        assertThatThrownBy(() -> send(foreign, "https", "/healthz")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> get("/healthz")).isInstanceOf(IOException.class);
    }

    @Test
    void aRequiredCertificateIsAskedForOnEveryPage() throws Exception {
        OrganizationFiles ours = organization("operations.example");
        start(true, Optional.of(tls(ours, true)));
        assertThatThrownBy(() -> send(client(ours, null), "https", "/healthz")).isInstanceOf(IOException.class);
        assertThat(send(client(ours, ours.userTls("Ann")), "https", "/healthz").statusCode())
                .isEqualTo(200);
    }

    private void start(boolean prometheus, Optional<OperationsTls> tls) throws IOException {
        operations = Operations.start(
                WORLD,
                new NodeSettings.Address("127.0.0.1", 0),
                tls,
                OperationsPages.of(new OperationsPages.Sources(
                        WORLD.clock(), () -> List.copyOf(failures), log, WORLD.metrics(), prometheus)));
    }

    private void pages(Map<String, Operations.Page> pages) throws IOException {
        operations = Operations.start(WORLD, new NodeSettings.Address("127.0.0.1", 0), Optional.empty(), pages);
    }

    private OrganizationFiles organization(String domain) {
        return OrganizationFiles.write(
                WORLD,
                Crypto.choose(),
                directory.resolve(domain),
                new OrganizationPlan(
                        domain,
                        OrganizationPlan.Kind.ORDERER,
                        List.of(new OrganizationPlan.Node(NODE, List.of("127.0.0.1"))),
                        List.of("Ann")));
    }

    private static OperationsTls tls(OrganizationFiles files, boolean required) throws Exception {
        Path tls = files.nodeTls(NODE);
        return OperationsTls.load(
                WORLD.disk(),
                new OperationsTls.Files(
                        tls.resolve("server.crt"),
                        tls.resolve("server.key"),
                        required,
                        List.of(tls.resolve("ca.crt"))));
    }

    private static HttpClient client(OrganizationFiles server, @Nullable Path own) throws Exception {
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        byte[] root = Files.readAllBytes(server.nodeTls(NODE).resolve("ca.crt"));
        roots.setCertificateEntry("root", Pem.firstCertificate(root, "ca.crt"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        KeyManager[] keys = own == null
                ? null
                : new KeyManager[] {
                    TlsKeys.load(WORLD.disk(), own.resolve("client.crt"), own.resolve("client.key"))
                            .keyManager()
                };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private Socket slow(String half) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        OutputStream out = socket.getOutputStream();
        out.write(half.getBytes(StandardCharsets.UTF_8));
        out.flush();
        return socket;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    private HttpResponse<String> put(String path, String body) throws Exception {
        return send(request(path).PUT(BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private HttpResponse<String> send(HttpClient client, String scheme, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(scheme + "://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(20))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private int port() {
        return Objects.requireNonNull(operations).port();
    }

    private static JsonNode json(HttpResponse<String> response) {
        return new JsonMapper().readTree(response.body());
    }
}
