package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that wait for an element.
class WaitingTest {
    private Site site;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        site = new Site(directory);
    }

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void anElementThatIsThereIsTakenAtOnce() throws Exception {
        try (RawClient client = site.client()) {
            client.call("RPUSH", "l", "a", "b", "c");
            assertThat(client.call("BLPOP", "empty", "l", "0")).isEqualTo("*2\r\n$1\r\nl\r\n$1\r\na\r\n");
            assertThat(client.call("BRPOP", "l", "0")).isEqualTo("*2\r\n$1\r\nl\r\n$1\r\nc\r\n");
            assertThat(client.call("BLMPOP", "0", "1", "l", "LEFT")).isEqualTo("*2\r\n$1\r\nl\r\n*1\r\n$1\r\nb\r\n");
            assertThat(client.call("BLPOP", "l", "0.05")).isEqualTo("*-1\r\n");
        }
    }

    @Test
    void whoIsRefusedAtOnceDoesNotWaitOn() throws Exception {
        try (RawClient client = site.client();
                RawClient other = site.client()) {
            site.backend.refuses = true;
            assertThat(client.call("BLPOP", "l", "0")).startsWith("-TRYAGAIN HF-501 planted");
            site.backend.refuses = false;
            assertThat(other.call("INFO", "clients")).contains("blocked_clients:0");
            client.send(RawClient.request("BLPOP", "l", "0"));
            Awaitility.await().until(() -> other.call("INFO", "clients").contains("blocked_clients:1"));
            other.call("RPUSH", "l", "x");
            assertThat(client.reply()).isEqualTo("*2\r\n$1\r\nl\r\n$1\r\nx\r\n");
        }
    }

    @Test
    void whoCameFirstIsServedFirst() throws Exception {
        List<RawClient> waiting = new ArrayList<>();
        try (RawClient giver = site.client()) {
            for (int i = 0; i < 5; i++) {
                RawClient client = site.client();
                client.send(RawClient.request("BLPOP", "q", "0"));
                waiting.add(client);
                int wanted = i + 1;
                Awaitility.await().until(() -> giver.call("INFO", "clients").contains("blocked_clients:" + wanted));
            }
            giver.call("RPUSH", "q", "1", "2", "3");
            giver.call("RPUSH", "q", "4");
            giver.call("RPUSH", "q", "5");
            for (int i = 0; i < 5; i++) {
                assertThat(waiting.get(i).reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\n%d\r\n".formatted(i + 1));
            }
            assertThat(giver.call("LLEN", "q")).isEqualTo(":0\r\n");
        } finally {
            for (RawClient client : waiting) {
                client.close();
            }
        }
    }

    @Test
    void whatComesAfterWaitsToo() throws Exception {
        try (RawClient waiting = site.client();
                RawClient giver = site.client()) {
            waiting.send(RawClient.request("BLPOP", "q", "0") + RawClient.request("PING"));
            giver.call("PING");
            giver.call("RPUSH", "q", "x");
            assertThat(waiting.reply() + waiting.reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\nx\r\n+PONG\r\n");
        }
    }

    @Test
    void whoIsGoneDoesNotTake() throws Exception {
        try (RawClient giver = site.client()) {
            RawClient gone = site.client();
            gone.send(RawClient.request("BLPOP", "q", "0"));
            Awaitility.await().until(() -> giver.call("INFO", "clients").contains("blocked_clients:1"));
            gone.close();
            Awaitility.await().until(() -> site.door.clients() == 1);
            giver.call("RPUSH", "q", "x");
            assertThat(giver.call("LLEN", "q")).isEqualTo(":1\r\n");
        }
    }

    @Test
    void waitingCanBeEndedByOthers() throws Exception {
        try (RawClient waiting = site.client();
                RawClient other = site.client()) {
            String id = waiting.call("CLIENT", "ID").substring(1).strip();
            for (String how : new String[] {"TIMEOUT", "ERROR"}) {
                waiting.send(RawClient.request("BLPOP", "q", "0"));
                Awaitility.await().until(() -> other.call("CLIENT", "LIST").contains("flags=b"));
                assertThat(other.call("CLIENT", "UNBLOCK", id, how)).isEqualTo(":1\r\n");
                assertThat(waiting.reply())
                        .isEqualTo(
                                how.equals("ERROR") ? "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n" : "*-1\r\n");
            }
            assertThat(other.call("CLIENT", "UNBLOCK", id)).isEqualTo(":0\r\n");
            waiting.send(RawClient.request("BLPOP", "q", "0"));
            Awaitility.await().until(() -> other.call("CLIENT", "LIST").contains("flags=b"));
            assertThat(other.call("CLIENT", "KILL", "ID", id)).isEqualTo(":1\r\n");
            assertThat(waiting.rest()).isEmpty();
        }
    }

    @Test
    void anElementPoppedWhileTheTimeEndsIsGiven() throws Exception {
        try (RawClient waiting = site.client();
                RawClient giver = site.client()) {
            giver.call("RPUSH", "q", "x");
            site.backend.hold();
            long sent = System.nanoTime();
            waiting.send(RawClient.request("BLPOP", "q", "0.05"));
            Awaitility.await().until(() -> System.nanoTime() - sent > 200_000_000);
            site.backend.release();
            assertThat(waiting.reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\nx\r\n");
        }
    }

    @Test
    void anElementGoesAlongAChainOfMoves() throws Exception {
        try (RawClient one = site.client();
                RawClient two = site.client();
                RawClient giver = site.client()) {
            one.send(RawClient.request("BLMOVE", "a", "b", "LEFT", "RIGHT", "0"));
            two.send(RawClient.request("BRPOPLPUSH", "b", "c", "0"));
            waiting(giver, 2);
            giver.call("RPUSH", "a", "x");
            assertThat(one.reply() + two.reply()).isEqualTo("$1\r\nx\r\n$1\r\nx\r\n");
            assertThat(giver.call("LRANGE", "c", "0", "-1")).isEqualTo("*1\r\n$1\r\nx\r\n");
        }
    }

    /// As in Redis' own tests: what becomes of the key within a transaction, or when it becomes something else, does
    /// not end the waiting.
    @Test
    void onlyAListEndsTheWaitingForOne() throws Exception {
        try (RawClient waiting = site.client();
                RawClient giver = site.client()) {
            waiting.send(RawClient.request("BLPOP", "q", "r", "0"));
            waiting(giver, 1);
            transaction(giver, "LPUSH q x", "DEL q");
            transaction(giver, "LPUSH q x", "DEL q", "SET q text");
            giver.call("SADD", "r", "member");
            giver.call("DEL", "r");
            giver.call("RPUSH", "kept", "a", "b");
            giver.call("RENAME", "kept", "r");
            assertThat(waiting.reply()).isEqualTo("*2\r\n$1\r\nr\r\n$1\r\na\r\n");
            assertThat(giver.call("GET", "q")).isEqualTo("$4\r\ntext\r\n");
        }
    }

    @Test
    void aWrongTypeIsSaidAtOnceAndAMoveThatCannotBeDoneMovesNothing() throws Exception {
        try (RawClient waiting = site.client();
                RawClient giver = site.client()) {
            giver.call("SET", "text", "x");
            assertThat(waiting.call("BLPOP", "text", "0")).startsWith("-WRONGTYPE ");
            waiting.send(RawClient.request("BLMOVE", "q", "text", "LEFT", "LEFT", "0"));
            waiting(giver, 1);
            giver.call("RPUSH", "q", "a", "b");
            assertThat(waiting.reply()).startsWith("-WRONGTYPE ");
            assertThat(giver.call("LLEN", "q")).isEqualTo(":2\r\n");
        }
    }

    /// Who comes later does not overtake who waits.
    @Test
    void whoComesLaterWaitsBehind() throws Exception {
        try (RawClient first = site.client();
                RawClient second = site.client();
                RawClient giver = site.client()) {
            first.send(RawClient.request("BLPOP", "q", "0"));
            waiting(giver, 1);
            Awaitility.await().until(() -> site.backend.count("lmpop") == 1 && site.backend.inFlight() == 0);
            site.backend.hold();
            giver.send(RawClient.request("RPUSH", "q", "1", "2", "3"));
            Awaitility.await().until(() -> site.backend.inFlight() == 1);
            second.send(RawClient.request("BLMPOP", "0", "1", "q", "LEFT", "COUNT", "10"));
            Awaitility.await().until(() -> site.door.clients() == 3);
            site.backend.release();
            assertThat(first.reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\n1\r\n");
            assertThat(second.reply()).isEqualTo("*2\r\n$1\r\nq\r\n*2\r\n$1\r\n2\r\n$1\r\n3\r\n");
        }
    }

    @Test
    void inATransactionNobodyWaits() throws Exception {
        try (RawClient client = site.client()) {
            client.call("RPUSH", "q", "a", "b");
            client.send(RawClient.request("MULTI")
                    + RawClient.request("BLPOP", "q", "0")
                    + RawClient.request("BLPOP", "none", "0")
                    + RawClient.request("BLMOVE", "q", "r", "LEFT", "LEFT", "0")
                    + RawClient.request("BRPOPLPUSH", "none", "r", "0")
                    + RawClient.request("EXEC"));
            for (int i = 0; i < 5; i++) {
                client.reply();
            }
            assertThat(client.reply()).isEqualTo("*4\r\n*2\r\n$1\r\nq\r\n$1\r\na\r\n*-1\r\n$1\r\nb\r\n$-1\r\n");
        }
    }

    /// Lists and sorted sets are waited for side by side, and neither takes what is the other's.
    @Test
    void sortedSetsAreWaitedForToo() throws Exception {
        try (RawClient lists = site.client();
                RawClient sets = site.client();
                RawClient giver = site.client()) {
            lists.send(RawClient.request("BLPOP", "q", "0"));
            waiting(giver, 1);
            sets.send(RawClient.request("BZPOPMAX", "q", "0"));
            waiting(giver, 2);
            giver.call("ZADD", "q", "1", "a", "2.5", "b");
            assertThat(sets.reply()).isEqualTo("*3\r\n$1\r\nq\r\n$1\r\nb\r\n$3\r\n2.5\r\n");
            assertThat(sets.call("BZPOPMIN", "q", "0")).isEqualTo("*3\r\n$1\r\nq\r\n$1\r\na\r\n$1\r\n1\r\n");
            giver.call("ZADD", "q", "7", "c");
            assertThat(sets.call("BZMPOP", "0", "1", "q", "MIN"))
                    .isEqualTo("*2\r\n$1\r\nq\r\n*1\r\n*2\r\n$1\r\nc\r\n$1\r\n7\r\n");
            giver.call("RPUSH", "q", "x");
            assertThat(lists.reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\nx\r\n");
        }
    }

    /// A try that finds nothing is a write as well: it must not have others, or itself, try again.
    @Test
    void whoWaitsIsQuietUntilThereIsSomething() throws Exception {
        try (RawClient one = site.client();
                RawClient two = site.client();
                RawClient giver = site.client()) {
            one.send(RawClient.request("BLPOP", "q", "r", "0"));
            waiting(giver, 1);
            two.send(RawClient.request("BLPOP", "r", "q", "0"));
            waiting(giver, 2);
            for (int i = 0; i < 20; i++) {
                giver.call("SET", "q", "text");
                giver.call("LPOP", "r");
                giver.call("DEL", "q");
            }
            assertThat(site.backend.count("lmpop")).isLessThanOrEqualTo(2);
            giver.call("RPUSH", "q", "x", "y");
            assertThat(one.reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\nx\r\n");
            assertThat(two.reply()).isEqualTo("*2\r\n$1\r\nq\r\n$1\r\ny\r\n");
        }
    }

    private static void waiting(RawClient client, int count) {
        Awaitility.await().until(() -> client.call("INFO", "clients").contains("blocked_clients:" + count + "\r\n"));
    }

    private static void transaction(RawClient client, String... commands) throws Exception {
        client.call("MULTI");
        for (String command : commands) {
            client.call(command.split(" ", -1));
        }
        client.call("EXEC");
    }
}
