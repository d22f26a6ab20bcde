package org.holdfast.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisException;
import tools.jackson.databind.JsonNode;

/// Programs of others over three real nodes: Jedis and Lettuce (RESP3), while the leader is killed under them.
@Tag("slow")
class LeaderKilledTest {
    private static final String COUNTER = "default:t:counter";
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    private static final ProtocolKeyword ONCE = new ProtocolKeyword() {
        @Override
        public byte[] getBytes() {
            return toString().getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
            return "ONCE";
        }
    };

    private final AtomicBoolean over = new AtomicBoolean();
    /// The network is: who counts does not try any longer.
    private final AtomicBoolean gone = new AtomicBoolean();
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private final ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicInteger counted = new AtomicInteger();

    private Net net;
    private List<Integer> ports;

    @BeforeEach
    void network(@TempDir Path temp) throws Exception {
        net = Net.up(temp.resolve("net"), 3);
        ports = net.ports("redisPort");
        assertThat(ports).hasSize(3);
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            for (int node = 0; node < 3; node++) {
                try (Jedis jedis = jedis(node)) {
                    jedis.dbSize();
                }
            }
            return true;
        });
    }

    @AfterEach
    void leaveNoProcess() throws Exception {
        over.set(true);
        gone.set(true);
        net.destroy();
    }

    @Test
    void acknowledgedWritesOfBothOutliveTheLeader() throws Exception {
        whatOneWroteTheOthersRead();
        List<Thread> clients = new ArrayList<>();
        ClientResources resources = ClientResources.builder()
                .reconnectDelay(Delay.constant(Duration.ofMillis(200)))
                .build();
        io.lettuce.core.RedisClient lettuce = io.lettuce.core.RedisClient.create(resources);
        lettuce.setOptions(
                ClientOptions.builder().protocolVersion(ProtocolVersion.RESP3).build());
        try {
            String leader = leader();
            int place = leader.charAt(leader.length() - 1) - '1';
            // This one stays with the node that is killed, and reconnects by itself.
            try (StatefulRedisConnection<String, String> faithful = lettuce.connect(uri(place))) {
                assertThat(faithful.sync().set("default:t:faithful", "before")).isEqualTo("OK");
                for (int i = 0; i < 2; i++) {
                    int home = i;
                    clients.add(start(() -> jedisWrites(home)));
                    clients.add(start(() -> lettuceWrites(lettuce, home + 1)));
                }
                clients.add(start(this::jedisCounts));
                clients.add(start(() -> lettuceCounts(lettuce)));
                clients.add(start(this::nobodyTakesBackWhatTheCounterWas));
                more(200, 20);
                net.holdfast("kill", leader);
                more(200, 20);
                net.holdfast("start", leader);
                more(100, 10);
                await().atMost(Duration.ofSeconds(30))
                        .ignoreExceptions()
                        .until(() -> "before".equals(faithful.sync().get("default:t:faithful")));
            }
            over.set(true);
            for (Thread client : clients) {
                client.join();
            }
        } finally {
            over.set(true);
            lettuce.shutdown(Duration.ZERO, Duration.ofSeconds(5));
            resources.shutdown(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
        assertThat(fault.get()).isNull();
        everyNodeHasAll();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> net.run("state", "compare").code() == 0);
    }

    private void whatOneWroteTheOthersRead() {
        for (int i = 0; i < 9; i++) {
            try (Jedis writer = jedis(i % 3);
                    Jedis reader = jedis((i + 1) % 3)) {
                assertThat(writer.set("default:t:" + i, "v" + i)).isEqualTo("OK");
                assertThat(reader.get("default:t:" + i)).isEqualTo("v" + i);
            }
        }
    }

    /// Until so many more writes were acknowledged and the counter was raised so often.
    private void more(int writes, int counts) {
        int before = acknowledged.size();
        int countedBefore = counted.get();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            assertThat(fault.get()).isNull();
            return acknowledged.size() >= before + writes && counted.get() >= countedBefore + counts;
        });
    }

    private void jedisWrites(int home) {
        int number = 0;
        for (int at = home; !over.get(); at++) {
            try (Jedis jedis = jedis(at % 3)) {
                while (!over.get()) {
                    String key = "default:jedis" + home + ":" + number++;
                    if ("OK".equals(jedis.set(key, key))) {
                        acknowledged.add(key);
                    }
                }
            } catch (JedisException moveOn) {
                // not acknowledged: the next node, the next key
            }
        }
    }

    private void lettuceWrites(io.lettuce.core.RedisClient client, int home) {
        int number = 0;
        for (int at = home; !over.get(); at++) {
            try (StatefulRedisConnection<String, String> connection = client.connect(uri(at % 3))) {
                RedisCommands<String, String> sync = connection.sync();
                while (!over.get()) {
                    String key = "default:lettuce" + home + ":" + number++;
                    if ("OK".equals(sync.set(key, key))) {
                        acknowledged.add(key);
                    }
                }
            } catch (RedisException moveOn) {
                // not acknowledged: the next node, the next key
            }
        }
    }

    /// Tries each id over one node after the other until it is answered.
    private void jedisCounts() {
        int at = 0;
        for (int id = 0; !over.get(); id++) {
            boolean done = false;
            while (!done && !gone.get()) {
                try (Jedis jedis = jedis(at % 3)) {
                    jedis.sendCommand(() -> ONCE.getBytes(), "jedis-" + id, "INCR", COUNTER);
                    done = true;
                    counted.incrementAndGet();
                } catch (JedisException again) {
                    at++;
                }
            }
        }
    }

    private void lettuceCounts(io.lettuce.core.RedisClient client) {
        int at = 1;
        for (int id = 0; !over.get(); id++) {
            boolean done = false;
            while (!done && !gone.get()) {
                try (StatefulRedisConnection<String, String> connection = client.connect(uri(at % 3))) {
                    CommandArgs<String, String> words = new CommandArgs<>(StringCodec.UTF8)
                            .add("lettuce-" + id)
                            .add("INCR")
                            .add(COUNTER);
                    connection.sync().dispatch(ONCE, new IntegerOutput<>(StringCodec.UTF8), words);
                    done = true;
                    counted.incrementAndGet();
                } catch (RedisException again) {
                    at++;
                }
            }
        }
    }

    /// Asks one node after the other.
    private void nobodyTakesBackWhatTheCounterWas() {
        long last = 0;
        for (int at = 0; !over.get(); at++) {
            try (Jedis jedis = jedis(at % 3)) {
                String seen = jedis.get(COUNTER);
                if (seen != null) {
                    assertThat(Long.parseLong(seen)).isGreaterThanOrEqualTo(last);
                    last = Long.parseLong(seen);
                }
            } catch (JedisException gone) {
                // the next one
            }
        }
        assertThat(last).isPositive();
    }

    private void everyNodeHasAll() {
        List<String> keys = List.copyOf(acknowledged);
        assertThat(keys).hasSizeGreaterThan(400);
        for (int node = 0; node < 3; node++) {
            try (Jedis jedis = jedis(node)) {
                for (int from = 0; from < keys.size(); from += 500) {
                    List<String> page = keys.subList(from, Math.min(from + 500, keys.size()));
                    assertThat(jedis.mget(page.toArray(String[]::new))).isEqualTo(page);
                }
                // Every id once, however often it was sent.
                assertThat(jedis.get(COUNTER)).isEqualTo(Integer.toString(counted.get()));
            }
        }
    }

    private Thread start(Runnable work) {
        return Thread.ofVirtual().start(() -> {
            try {
                work.run();
            } catch (RuntimeException | AssertionError e) {
                fault.compareAndSet(null, e);
            }
        });
    }

    private Jedis jedis(int node) {
        return new Jedis(
                new HostAndPort("127.0.0.1", ports.get(node)),
                DefaultJedisClientConfig.builder()
                        .protocol(RedisProtocol.RESP2)
                        .timeoutMillis((int) PATIENCE.toMillis())
                        .build());
    }

    private RedisURI uri(int node) {
        return RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(ports.get(node))
                .withTimeout(PATIENCE)
                .build();
    }

    private String leader() throws Exception {
        for (JsonNode node : net.status()) {
            for (JsonNode channel : node.path("channels")) {
                String leader = channel.path("leader").asString("");
                if (channel.path("name").asString("").startsWith("kv.") && !leader.isEmpty()) {
                    return leader;
                }
            }
        }
        throw new AssertionError("no leader: " + net.status());
    }
}
