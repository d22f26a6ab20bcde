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
}
