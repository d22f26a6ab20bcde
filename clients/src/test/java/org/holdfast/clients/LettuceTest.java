package org.holdfast.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lettuce, as it is, with the third version of the protocol, over TLS as a user.
@Tag("slow")
class LettuceTest {
    private static SecuredNode node;

    @BeforeAll
    static void up(@TempDir Path temp) throws Exception {
        node = SecuredNode.up(temp.resolve("net"));
    }

    @AfterAll
    static void down() throws Exception {
        node.destroy();
    }

    @Test
    void itsCommandsFuturesAndTransactions() throws Exception {
        RedisClient client = client(node.authority());
        try (StatefulRedisConnection<String, String> connection = client.connect(uri("s3cret"))) {
            var sync = connection.sync();
            assertThat(sync.set("app:k", "v")).isEqualTo("OK");
            assertThat(sync.get("app:k")).isEqualTo("v");
            assertThat(sync.get("app:none")).isNull();
            assertThat(sync.clientGetname()).isEqualTo("lettuce-test");
            assertThat(sync.configGet("timeout")).containsEntry("timeout", "0");
            assertThat(sync.clientList()).contains("user=app", "resp=3", "lib-name=");
            sync.hset("app:h", "f", "1");
            assertThat(sync.hgetall("app:h")).containsEntry("f", "1");
            var async = connection.async();
            List<RedisFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                futures.add(async.incr("app:n"));
            }
            assertThat(futures.getLast().get(20, TimeUnit.SECONDS)).isEqualTo(500);
            sync.multi();
            sync.incr("app:n");
            sync.get("app:k");
            TransactionResult result = sync.exec();
            assertThat(result.<Long>get(0)).isEqualTo(501);
            assertThat(result.<String>get(1)).isEqualTo("v");
        } finally {
            client.shutdown();
        }
    }

    @Test
    void whoIsNotLetIn() {
        RedisClient client = client(node.authority());
        RedisClient strangers = client(node.stranger());
        try {
            assertThatThrownBy(() -> client.connect(uri("guessed")))
                    .isInstanceOf(RedisConnectionException.class)
                    .hasStackTraceContaining("WRONGPASS");
            assertThatThrownBy(() -> strangers.connect(uri("s3cret"))).isInstanceOf(RedisConnectionException.class);
            try (StatefulRedisConnection<String, String> connection = client.connect(uri("s3cret"))) {
                assertThatThrownBy(() -> connection.sync().set("others:k", "1"))
                        .isInstanceOf(RedisCommandExecutionException.class)
                        .hasMessageContaining("NOPERM");
                assertThat(connection.sync().ping()).isEqualTo("PONG");
            }
        } finally {
            client.shutdown();
            strangers.shutdown();
        }
    }

    private static RedisClient client(Path authority) {
        RedisClient client = RedisClient.create();
        client.setOptions(ClientOptions.builder()
                .protocolVersion(ProtocolVersion.RESP3)
                .sslOptions(SslOptions.builder()
                        .jdkSslProvider()
                        .trustManager(authority.toFile())
                        .build())
                .build());
        return client;
    }

    private static RedisURI uri(String password) {
        return RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(node.port())
                .withSsl(true)
                .withVerifyPeer(SslVerifyMode.CA)
                .withAuthentication("app", password.toCharArray())
                .withClientName("lettuce-test")
                .withTimeout(Duration.ofSeconds(20))
                .build();
    }
}
