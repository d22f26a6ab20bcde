package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `ONCE id command ...`: who may say it, before what, and what comes of it.
class OnceDoorTest {
    @TempDir
    Path directory;

    @Test
    void aPipelineSentAgainChangesNothing() throws Exception {
        try (Site site = new Site(directory)) {
            String pipeline = RawClient.request("ONCE", "a", "INCR", "n")
                    + RawClient.request("once", "b", "rpush", "l", "x")
                    + RawClient.request("INCR", "plain");
            for (int i = 1; i <= 2; i++) {
                try (RawClient client = site.client()) {
                    client.send(pipeline);
                    assertThat(client.reply() + client.reply() + client.reply())
                            .isEqualTo(":1\r\n:1\r\n:" + i + "\r\n");
                    assertThat(client.call("GET", "n") + client.call("LLEN", "l"))
                            .isEqualTo("$1\r\n1\r\n:1\r\n");
                }
            }
        }
    }

    @Test
    void aTransactionTakesItsIdWithExec() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            for (int i = 0; i < 2; i++) {
                client.call("WATCH", "n");
                client.call("MULTI");
                assertThat(client.call("INCR", "n")).isEqualTo("+QUEUED\r\n");
                assertThat(client.call("PING")).isEqualTo("+QUEUED\r\n");
                assertThat(client.call("ONCE", "t", "EXEC")).isEqualTo("*2\r\n:1\r\n+PONG\r\n");
            }
            client.call("MULTI");
            assertThat(client.call("ONCE", "u", "INCR", "n")).startsWith("-ERR inside MULTI there are no request ids");
            assertThat(client.call("ONCE", "u", "EXEC")).startsWith("-EXECABORT");
            assertThat(client.call("ONCE", "u", "EXEC")).isEqualTo("-ERR EXEC without MULTI\r\n");
            assertThat(client.call("GET", "n")).isEqualTo("$1\r\n1\r\n");
        }
    }

    @Test
    void whatTakesNoIdIsRefused() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            for (String command : List.of("GET k", "PING", "MULTI", "BLPOP k 0", "ONCE b SET k v", "stale.GET k")) {
                assertThat(client.call(("ONCE a " + command).split(" ", -1)))
                        .as(command)
                        .startsWith("-ERR ONCE stands before commands that change keys");
            }
            assertThat(client.call("ONCE", "a")).startsWith("-ERR wrong number of arguments for 'once'");
            assertThat(client.call("ONCE", "", "INCR", "n")).startsWith("-ERR a request id has 1 to 64 bytes");
            assertThat(client.call("ONCE", "x".repeat(65), "INCR", "n")).startsWith("-ERR a request id has");
            assertThat(client.call("ONCE", "x".repeat(64), "INCR", "n")).isEqualTo(":1\r\n");
            assertThat(client.call("ONCE", "a", "SET", "k")).startsWith("-ERR wrong number of arguments for 'set'");
            assertThat(client.call("ONCE", "a", "FLUSHALL")).startsWith("-ERR FLUSHALL is off at this door");
            assertThat(client.call("ONCE", "a", "NONE")).startsWith("-ERR unknown command 'NONE'");
        }
    }

    @Test
    void whoMaySendTheCommandMaySendItOnce() throws Exception {
        List<String> users =
                List.of("user default off", "user one on >p ~default:main:a* -@all +incr", "user two on >p ~* +@all");
        DoorSettings settings = new DoorSettings("127.0.0.1", 0, Site.PLAIN).withUsers(users);
        try (Site site = new Site(directory, settings, null);
                RawClient client = site.client()) {
            assertThat(client.call("ONCE", "i", "INCR", "a")).startsWith("-NOAUTH");
            assertThat(client.call("ONCE", "", "INCR", "a")).startsWith("-NOAUTH");
            client.call("AUTH", "one", "p");
            assertThat(client.call("ONCE", "i", "INCR", "a")).isEqualTo(":1\r\n");
            assertThat(client.call("ONCE", "i", "INCR", "a")).isEqualTo(":1\r\n");
            assertThat(client.call("ONCE", "i", "INCR", "b")).startsWith("-NOPERM");
            assertThat(client.call("ONCE", "i", "DECR", "a")).startsWith("-NOPERM");
            client.call("AUTH", "two", "p");
            assertThat(client.call("ONCE", "i", "INCR", "a")).isEqualTo(":2\r\n");
            assertThat(client.call("ACL", "DRYRUN", "one", "ONCE", "x", "INCR", "a"))
                    .isEqualTo("+OK\r\n");
            assertThat(client.call("ACL", "DRYRUN", "one", "ONCE", "x", "SET", "a", "1"))
                    .contains("'set'");
        }
    }

    @Test
    void itIsACommandLikeOthers() throws Exception {
        try (Site site = new Site(directory);
                RawClient client = site.client()) {
            assertThat(client.call("COMMAND", "INFO", "once")).contains("movablekeys", "write", ":-3\r\n");
            assertThat(client.call("COMMAND", "GETKEYS", "ONCE", "id", "MSET", "a", "1", "b", "2"))
                    .isEqualTo("*2\r\n$1\r\na\r\n$1\r\nb\r\n");
            client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
            client.call("ONCE", "id", "SET", "k", "v");
            assertThat(client.call("SLOWLOG", "GET", "1")).contains("ONCE", "id", "SET");
            assertThat(client.call("CLIENT", "LIST")).contains("cmd=client");
        }
    }
}
