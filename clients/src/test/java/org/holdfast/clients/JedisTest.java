package org.holdfast.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.ZAddParams;
import redis.clients.jedis.resps.Tuple;

/// Jedis, as it is, over TLS as a user.
@Tag("slow")
class JedisTest {
    private static final String STORE_PASSWORD = "changeit";

    @TempDir
    private static Path temp;

    private static SecuredNode node;

    @BeforeAll
    static void up() throws Exception {
        node = SecuredNode.up(temp.resolve("net"));
    }

    @AfterAll
    static void down() throws Exception {
        node.destroy();
    }

    @Test
    void itsCommandsPipelinesAndTransactions() throws Exception {
        try (Jedis jedis = client("s3cret", node.authority())) {
            assertThat(jedis.aclWhoAmI()).isEqualTo("app");
            assertThat(jedis.set("app:j", "1")).isEqualTo("OK");
            assertThat(jedis.incrBy("app:j", 41)).isEqualTo(42);
            assertThat(jedis.set("app:j", "no", SetParams.setParams().nx())).isNull();
            List<Response<Long>> replies = new ArrayList<>();
            try (Pipeline pipeline = jedis.pipelined()) {
                for (int i = 0; i < 500; i++) {
                    replies.add(pipeline.incr("app:p"));
                }
                pipeline.sync();
            }
            assertThat(replies.getLast().get()).isEqualTo(500);
            jedis.watch("app:j");
            try (Transaction transaction = jedis.multi()) {
                transaction.set("app:j", "x");
                Response<String> read = transaction.get("app:j");
                assertThat(transaction.exec()).hasSize(2);
                assertThat(read.get()).isEqualTo("x");
            }
            jedis.zadd("app:z", 1.5, "a");
            jedis.zadd("app:z", 1, "a", ZAddParams.zAddParams().gt());
            assertThat(jedis.zrangeWithScores("app:z", 0, -1)).containsExactly(new Tuple("a", 1.5));
            assertThat(jedis.clientGetname()).isNull();
            assertThat(jedis.info("server")).contains("redis_version:7");
        }
    }

    @Test
    void aChangedWatchedKeyEndsItsTransaction() throws Exception {
        try (Jedis one = client("s3cret", node.authority());
                Jedis other = client("s3cret", node.authority())) {
            one.set("app:w", "1");
            one.watch("app:w");
            other.set("app:w", "2");
            try (Transaction transaction = one.multi()) {
                transaction.set("app:w", "3");
                assertThat(transaction.exec()).isNull();
            }
            assertThat(one.get("app:w")).isEqualTo("2");
        }
    }

    @Test
    void whoIsNotLetIn() throws Exception {
        assertThatThrownBy(() -> client("guessed", node.authority()))
                .isInstanceOf(JedisAccessControlException.class)
                .hasMessageContaining("WRONGPASS");
        assertThatThrownBy(() -> client("s3cret", node.stranger()).ping()).isInstanceOf(JedisConnectionException.class);
        try (Jedis jedis = client("s3cret", node.authority())) {
            assertThatThrownBy(() -> jedis.set("others:k", "1"))
                    .isInstanceOf(JedisAccessControlException.class)
                    .hasMessageContaining("NOPERM");
            assertThat(jedis.ping()).isEqualTo("PONG");
        }
        // Without TLS.
        assertThatThrownBy(() -> new Jedis("127.0.0.1", node.port()).ping()).isInstanceOf(JedisException.class);
    }

    private static Jedis client(String password, Path authority) throws Exception {
        return new Jedis(
                new HostAndPort("127.0.0.1", node.port()),
                DefaultJedisClientConfig.builder()
                        .protocol(RedisProtocol.RESP2)
                        .timeoutMillis(20_000)
                        .user("app")
                        .password(password)
                        .sslOptions(SslOptions.builder()
                                .trustStoreType("PKCS12")
                                .truststore(trusting(authority), STORE_PASSWORD.toCharArray())
                                .sslVerifyMode(SslVerifyMode.CA)
                                .build())
                        .build());
    }

    /// A store of this one certificate.
    private static File trusting(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(authority))));
        File file = temp.resolve(authority.getFileName() + ".p12").toFile();
        try (OutputStream out = new FileOutputStream(file)) {
            store.store(out, STORE_PASSWORD.toCharArray());
        }
        return file;
    }
}
