package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kv import` through a real node's door that wants TLS, a user and a password; and what it sends twice.
@Tag("slow")
class KvImportSecuredTest {
    private final Terminal terminal = new Terminal();

    @TempDir
    Path temp;

    @AfterEach
    void leaveNoProcess() {
        run("destroy", "--yes");
    }

    @Test
    void overTlsAsAUser() throws IOException {
        ok("up", "--detach", "--nodes", "1");
        ok("down");
        Path trusted = secured(temp.resolve("net/nodes/node1/orderer.yaml"));
        ok("up", "--detach");
        Path file = Files.writeString(temp.resolve("few.tsv"), "a\t1\nb\t2\nc\t3\n");
        Path password = Files.writeString(temp.resolve("pw"), "s3cret\n");
        Path wrong = Files.writeString(temp.resolve("wrong"), "guessed\n");
        List<String> words = List.of("kv", "import", "--file", file.toString(), "--tls-ca", trusted.toString());
        assertThat(run(with(words, "--user", "app", "--password-file", wrong.toString())))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("stopped: WRONGPASS");
        assertThat(run(with(words, "--user", "app"))).isEqualTo(2);
        assertThat(terminal.err()).contains("--user needs a password");
        assertThat(run(with(words))).isEqualTo(1);
        assertThat(terminal.err()).contains("NOAUTH");
        Path strangers = temp.resolve("strangers.pem");
        Files.copy(anAuthorityOfOthers(), strangers);
        assertThat(run(
                        "kv",
                        "import",
                        "--file",
                        file.toString(),
                        "--tls-ca",
                        strangers.toString(),
                        "--user",
                        "app",
                        "--password-file",
                        password.toString()))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("TLS failed");
        assertThat(run(with(words, "--user", "app", "--password-file", password.toString())))
                .as("%s %s", terminal.out(), terminal.err())
                .isZero();
        assertThat(terminal.out()).contains("3 records loaded");
        ok("keyspace", "list");
        assertThat(terminal.out()).containsPattern("default +1 +yes +3");
    }

    @Test
    void whatOneImportSendsAgainCountsOnce() throws IOException {
        ok("up", "--detach", "--nodes", "1");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 700; i++) {
            List<byte[]> words = List.of(bytes("INCR"), bytes("default:t:n"));
            text.append(new String(ImportRecords.command(words), StandardCharsets.UTF_8));
        }
        Path file = Files.writeString(temp.resolve("adds.resp"), text);
        ImportPosition.Source source = new ImportPosition.Source(file.toString(), Files.size(file), "resp", "");
        for (int i = 0; i < 2; i++) {
            // Killed before it could note how far it had come.
            new ImportPosition(2, source, "one-import", 0, 0, 0, 0)
                    .keep(World.real().disk(), file);
            ok("kv", "import", "--file", file.toString(), "--format", "resp");
            assertThat(terminal.out()).contains("700 records loaded");
            assertThat(counter()).isEqualTo("700");
        }
        ok("kv", "import", "--file", file.toString(), "--format", "resp");
        assertThat(counter()).isEqualTo("1400");
    }

    private String counter() throws IOException {
        Network network = new NetworkDir(World.real().disk(), temp.resolve("net")).load();
        int port = Objects.requireNonNull(network.nodes().getFirst().ports().redis());
        try (RedisClient client = new RedisClient(port)) {
            return String.valueOf(client.ask("GET", "default:t:n"));
        }
    }

    /// Has the node's doors want TLS and a user.
    ///
    /// @return the authority of its certificate
    private static Path secured(Path settings) throws IOException {
        String text = Files.readString(settings);
        Files.writeString(settings, text.replace("  Redis:\n", """
                  Redis:
                    Users:
                      - user default off
                      - user app on >s3cret ~default:* +@all
                    TLS:
                      Enabled: true
                      PrivateKey: %s
                      Certificate: %s
                """.formatted(
                        named("PrivateKey", text), named("Certificate", text))));
        Matcher authority = Pattern.compile("\n    RootCAs:\n +- '?([^'\n]+)").matcher(text);
        assertThat(authority.find()).isTrue();
        return settings.resolveSibling(authority.group(1));
    }

    private static String named(String setting, String text) {
        Matcher found = Pattern.compile("\n    " + setting + ": (.+)").matcher(text);
        assertThat(found.find()).as(setting).isTrue();
        return found.group(1);
    }

    /// Any certificate of an authority that issued none of the node's for TLS.
    private Path anAuthorityOfOthers() throws IOException {
        try (var files = Files.walk(temp.resolve("net"))) {
            return files.filter(file -> file.toString().contains("/cacerts/"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String[] with(List<String> words, String... more) {
        String[] all = Arrays.copyOf(words.toArray(String[]::new), words.size() + more.length);
        System.arraycopy(more, 0, all, words.size(), more.length);
        return all;
    }

    private void ok(String... words) {
        terminal.expect(0, temp.resolve("net"), words);
    }

    private int run(String... words) {
        return terminal.runIn(temp.resolve("net"), words);
    }
}
