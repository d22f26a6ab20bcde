package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A door over real sockets, with a shard behind it that a test may hold.
class DoorTest {
    @TempDir
    Path directory;

    @Test
    void repliesComeInTheOrderOfRequests() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            site.backend.hold();
            StringBuilder sent = new StringBuilder();
            List<String> wanted = new ArrayList<>();
            for (int i = 1; i <= 40; i++) {
                sent.append(RawClient.request("INCR", "n")).append(RawClient.request("ECHO", "e" + i));
                wanted.add(":" + i + "\r\n");
                wanted.add("$%d\r\ne%d\r\n".formatted(("e" + i).length(), i));
                if (i % 4 == 0) {
                    sent.append(RawClient.request("GET", "n"));
                    wanted.add("$%d\r\n%d\r\n".formatted(Integer.toString(i).length(), i));
                }
            }
            client.send(sent.toString());
            Awaitility.await().until(() -> site.backend.mostInFlight.get() > 1);
            site.backend.release();
            for (String reply : wanted) {
                assertThat(client.reply()).isEqualTo(reply);
            }
            assertThat(site.backend.mostInFlight.get()).isBetween(2, 4);
        }
    }

    @Test
    void whatIsInFlightIsBounded() throws Exception {
        int count = 20_000;
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            // Small replies widen what may be in flight.
            client.send(RawClient.request("INCR", "n").repeat(Session.PIPELINE_MAX));
            for (int i = 0; i < Session.PIPELINE_MAX; i++) {
                client.reply();
            }
            client.call("SET", "n", "0");
            site.backend.mostInFlight.set(0);
            site.backend.hold();
            String sent = RawClient.request("INCR", "n").repeat(count);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.send(sent);
                } catch (java.io.IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await().until(() -> site.backend.mostInFlight.get() == Session.PIPELINE_MAX);
            site.backend.release();
            for (int i = 1; i <= count; i++) {
                assertThat(client.reply()).isEqualTo(":" + i + "\r\n");
            }
            sending.join();
            assertThat(site.backend.mostInFlight.get()).isEqualTo(Session.PIPELINE_MAX);
        }
    }

    @Test
    void largeRepliesAreFewAtATime() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            client.call("SET", "big", "x".repeat(4 << 20));
            site.backend.mostInFlight.set(0);
            client.send(RawClient.request("GET", "big").repeat(100));
            for (int i = 0; i < 100; i++) {
                assertThat(client.reply()).hasSize((4 << 20) + 12);
            }
            assertThat(site.backend.mostInFlight.get()).isLessThanOrEqualTo(Session.PIPELINE_FIRST + 1);
        }
    }

    @Test
    void aClientThatNeverReadsIsHeldBackThenCut() throws Exception {
        DoorSettings.Times times = new DoorSettings.Times(
                Duration.ZERO,
                Duration.ofSeconds(30),
                Duration.ofMillis(300),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1));
        DoorSettings settings =
                new DoorSettings("127.0.0.1", 0, Site.PLAIN).withLimits(DoorSettings.Limits.DEFAULT.withTimes(times));
        try (Site site = new Site(directory, settings, null);
                RawClient greedy = site.client();
                RawClient other = site.client()) {
            String large = RawClient.request("ECHO", "x".repeat(100_000));
            CompletableFuture<Throwable> end = CompletableFuture.supplyAsync(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        greedy.send(large);
                    }
                    return new IllegalStateException("took a gigabyte");
                } catch (java.io.IOException e) {
                    return e;
                }
            });
            assertThat(end.join()).isInstanceOf(java.io.IOException.class);
            assertThat(other.call("PING")).isEqualTo("+PONG\r\n");
            Awaitility.await().until(() -> site.door.clients() == 1);
        }
    }

    @Test
    void aReplyHasALimit() throws Exception {
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN)
                .withLimits(DoorSettings.Limits.DEFAULT.withOutputBytes(512 << 10));
        try (Site site = new Site(directory, settings, null);
                RawClient client = site.client()) {
            assertThat(client.call("SET", "big", "x".repeat(1 << 20))).isEqualTo("+OK\r\n");
            client.send(RawClient.request("GET", "big"));
            assertThatThrownBy(client::reply).isInstanceOf(java.io.IOException.class);
            Awaitility.await().until(() -> site.door.clients() == 0);
        }
    }

    @Test
    void aClosedSideIsStillAnswered() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            site.backend.hold();
            client.send(RawClient.request("SET", "k", "v") + RawClient.request("GET", "k") + "*1\r\n$4\r\nPI");
            client.socket().shutdownOutput();
            Awaitility.await().until(() -> site.backend.mostInFlight.get() > 0);
            site.backend.release();
            assertThat(client.rest()).isEqualTo("+OK\r\n$1\r\nv\r\n");
        }
    }

    @Test
    void bytesMayComeOneByOne() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            for (char c : (RawClient.request("SET", "slow", "value") + "GET slow\r\n").toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.reply()).isEqualTo("+OK\r\n");
            assertThat(client.reply()).isEqualTo("$5\r\nvalue\r\n");
        }
    }

    @Test
    void whoIsSlowOrIdleIsCut() throws Exception {
        DoorSettings.Times times = new DoorSettings.Times(
                Duration.ofMillis(400),
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1));
        DoorSettings settings =
                new DoorSettings("127.0.0.1", 0, Site.PLAIN).withLimits(DoorSettings.Limits.DEFAULT.withTimes(times));
        try (Site site = new Site(directory, settings, null);
                RawClient idle = site.client();
                RawClient slow = site.client()) {
            assertThat(idle.call("PING")).isEqualTo("+PONG\r\n");
            slow.send("*1\r\n$4\r\nPI");
            assertThat(slow.rest()).isEmpty();
            assertThat(idle.rest()).isEmpty();
        }
    }

    @Test
    void thereAreAsManyClientsAsAllowed() throws Exception {
        DoorSettings settings =
                new DoorSettings("127.0.0.1", 0, Site.PLAIN).withLimits(DoorSettings.Limits.DEFAULT.withClients(2));
        try (Site site = new Site(directory, settings, null);
                RawClient one = site.client();
                RawClient two = site.client()) {
            assertThat(one.call("PING") + two.call("PING")).isEqualTo("+PONG\r\n+PONG\r\n");
            try (RawClient three = site.client()) {
                assertThat(three.rest()).isEqualTo("-ERR max number of clients reached\r\n");
            }
            one.socket().shutdownOutput();
            Awaitility.await().until(() -> site.door.clients() == 1);
            try (RawClient four = site.client()) {
                assertThat(four.call("PING")).isEqualTo("+PONG\r\n");
            }
        }
    }

    @Test
    void aBrokenBackendIsSaidAndSurvived() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            site.backend.broken = true;
            assertThat(client.call("SET", "a", "1"))
                    .startsWith("-ERR internal error, whether it took effect is unknown");
            site.backend.broken = false;
            assertThat(client.call("SET", "a", "1")).isEqualTo("+OK\r\n");
        }
    }

    @Test
    void aClosingDoorAnswersWhatItTook() throws Exception {
        Site site = new Site(directory);
        try (RawClient client = site.client();
                RawClient waiting = site.client()) {
            assertThat(waiting.call("PING")).isEqualTo("+PONG\r\n");
            waiting.send(RawClient.request("BLPOP", "l", "0"));
            Awaitility.await().until(() -> client.call("CLIENT", "LIST").contains("flags=b"));
            site.backend.hold();
            int before = site.backend.inFlight();
            client.send(RawClient.request("SET", "a", "1"));
            Awaitility.await().until(() -> site.backend.inFlight() > before);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(site::close);
            Awaitility.await().until(() -> refuses(site));
            assertThat(closing).isNotDone();
            site.backend.release();
            assertThat(client.rest()).isEqualTo("+OK\r\n");
            assertThat(waiting.rest()).isEqualTo("*-1\r\n");
            closing.join();
        }
    }

    private static boolean refuses(Site site) throws Exception {
        try (RawClient _ = site.client()) {
            return false;
        } catch (java.net.ConnectException _) {
            return true;
        }
    }

    @Test
    void garbageHarmsNobody() throws Exception {
        try (Site site = new Site(directory);
                RawClient good = site.client()) {
            for (int seed = 0; seed < 50; seed++) {
                byte[] noise = new byte[3000];
                new java.util.Random(seed).nextBytes(noise);
                try (RawClient bad = site.client()) {
                    bad.socket().getOutputStream().write(noise);
                    bad.socket().getOutputStream().write(new byte[] {13, 10, 13, 10});
                    bad.socket().shutdownOutput();
                    bad.socket().getInputStream().readAllBytes();
                } catch (java.net.SocketException _) {
                    // Cut while it was still sending.
                }
            }
            assertThat(good.call("PING")).isEqualTo("+PONG\r\n");
            Awaitility.await().until(() -> site.door.clients() == 1);
        }
    }

    @Test
    void whatIsNotHereIsSaid() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            for (String name :
                    List.of("SUBSCRIBE x", "XADD s * a 1", "EVAL x 0", "CLUSTER NODES", "MONITOR", "SHUTDOWN")) {
                assertThat(client.call(name.split(" ", -1))).startsWith("-ERR not supported by this ledger: ");
            }
            assertThat(client.call("FLUSHALL")).startsWith("-ERR FLUSHALL is off at this door");
            client.send("POST / HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThatThrownBy(client::reply).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void readsMayBeStaleWhenAskedFor() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            client.call("SET", "k", "v");
            client.call("GET", "k");
            assertThat(client.call("stale.get", "k")).isEqualTo("$1\r\nv\r\n");
            client.call("READONLY");
            client.call("GET", "k");
            client.call("SET", "k", "v");
            client.call("CLIENT", "STALE", "OFF");
            client.call("GET", "k");
            assertThat(client.call("stale.set", "k", "w")).startsWith("-ERR unknown command");
            assertThat(site.backend.seen.stream()
                            .map(request -> request.commands().getFirst().name() + " " + request.consistency())
                            .toList())
                    .containsExactly(
                            "set LINEARIZABLE",
                            "get LINEARIZABLE",
                            "get STALE",
                            "get STALE",
                            "set LINEARIZABLE",
                            "get LINEARIZABLE");
        }
    }

    @Test
    void aChangedWatchedKeyStopsATransaction() throws Exception {
        try (Site site = new Site(directory);
                RawClient one = site.client();
                RawClient two = site.client()) {
            one.call("WATCH", "k");
            two.call("SET", "k", "other");
            one.send(RawClient.request("MULTI") + RawClient.request("SET", "k", "mine") + RawClient.request("EXEC"));
            assertThat(one.reply() + one.reply() + one.reply()).isEqualTo("+OK\r\n+QUEUED\r\n*-1\r\n");
            assertThat(one.call("GET", "k")).isEqualTo("$5\r\nother\r\n");
        }
    }

    @Test
    void slowRequestsAreKept() throws Exception {
        DoorSettings settings =
                new DoorSettings("127.0.0.1", 0, Site.PLAIN).withAllowed(Set.of(DoorSettings.Allowed.DEBUG_SLEEP));
        try (Site site = new Site(directory, settings, null);
                RawClient client = site.client()) {
            client.send(RawClient.request("DEBUG", "SLEEP", "0.05") + RawClient.request("PING"));
            assertThat(client.reply() + client.reply()).isEqualTo("+OK\r\n+PONG\r\n");
            assertThat(client.call("SLOWLOG", "LEN")).isEqualTo(":1\r\n");
            assertThat(client.call("SLOWLOG", "GET")).contains("DEBUG", "SLEEP", "0.05", "127.0.0.1:");
        }
    }
}
