package org.holdfast.state.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Redis' own test suite found, where it takes more than one client or more than equal replies; see
/// [RedisSuite]. The rest stands in [DialogueTest].
class SuiteFindingsTest {
    private Site site;
    private RawClient client;

    @BeforeEach
    void open(@TempDir Path directory) throws Exception {
        site = new Site(directory);
        client = site.client();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        site.close();
    }

    @Test
    void aSetThatHadTheMovedMemberHasNotChanged() throws Exception {
        client.call("SADD", "from", "a", "b");
        client.call("SADD", "to", "a");
        client.call("WATCH", "to");
        client.call("MULTI");
        client.call("SADD", "to", "c");
        try (RawClient other = site.client()) {
            assertThat(other.call("SMOVE", "from", "to", "a")).isEqualTo(":1\r\n");
        }
        assertThat(client.call("EXEC")).isEqualTo("*1\r\n:1\r\n");
        assertThat(client.call("SCARD", "from")).isEqualTo(":1\r\n");
    }

    @Test
    void calledRejectedAndFailedAreCountedApart() throws Exception {
        client.call("CONFIG", "RESETSTAT");
        client.call("SET", "text", "x");
        client.call("INCR", "text");
        client.call("GET");
        client.call("PING");
        client.call("MULTI");
        client.call("GET", "text");
        client.call("EXEC");
        String told = client.call("INFO", "commandstats", "errorstats");
        assertThat(told)
                .containsPattern(
                        "cmdstat_set:calls=1,usec=[0-9]+,usec_per_call=[0-9.]+,rejected_calls=0,failed_calls=0")
                .containsPattern("cmdstat_incr:calls=1,.*rejected_calls=0,failed_calls=1")
                .containsPattern("cmdstat_get:calls=1,.*rejected_calls=1,failed_calls=0")
                .containsPattern("cmdstat_ping:calls=1,")
                .containsPattern("cmdstat_exec:calls=1,")
                .contains("errorstat_ERR:count=2");
        assertThat(client.call("INFO")).doesNotContain("cmdstat_").contains("used_cpu_user:");
    }

    @Test
    void theSlowLogKeepsWhatTheDoorAnswers() throws Exception {
        client.call("CONFIG", "SET", "slowlog-log-slower-than", "0");
        client.call("SLOWLOG", "RESET");
        client.call("PING", "seen");
        assertThat(client.call("SLOWLOG", "GET")).contains("PING").contains("seen");
    }

    @Test
    void aKeyCalledStoreIsTheTarget() throws Exception {
        client.call("RPUSH", "list", "2", "1");
        assertThat(client.call("SORT", "list", "STORE", "lost", "STORE", "store", "ASC"))
                .isEqualTo(":2\r\n");
        assertThat(client.call("LRANGE", "store", "0", "-1")).isEqualTo("*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
        assertThat(client.call("EXISTS", "lost", "ASC")).isEqualTo(":0\r\n");
    }

    @Test
    void memoryUsageFollowsWhatAKeyHolds() throws Exception {
        client.call("SET", "small", "x");
        client.call("SET", "large", "x".repeat(100_000));
        for (int i = 0; i < 100; i++) {
            client.call("HSET", "hash", "field" + i, "y".repeat(100));
        }
        assertThat(usage("small")).isBetween(10L, 200L);
        assertThat(usage("large")).isBetween(100_000L, 101_000L);
        assertThat(usage("hash", "SAMPLES", "0")).isBetween(10_000L, 20_000L);
    }

    @Test
    void aCommandIsListedWithItsSubcommands() throws Exception {
        assertThat(client.call("COMMAND", "LIST", "FILTERBY", "PATTERN", "config*"))
                .contains("$6\r\nconfig\r\n", "config|get", "config|set");
    }

    /// Full names in order of bytes would be "blist2{t}" first.
    @Test
    void ofKeysWrittenTogetherTheFirstNamedIsPopped() throws Exception {
        try (RawClient first = site.client();
                RawClient second = site.client()) {
            first.send(RawClient.request("BLMPOP", "0", "2", "blist{t}", "blist2{t}", "LEFT", "COUNT", "1"));
            Awaitility.await().until(() -> client.call("INFO", "clients").contains("blocked_clients:1"));
            second.send(RawClient.request("BLPOP", "blist{t}", "blist2{t}", "0"));
            Awaitility.await().until(() -> client.call("INFO", "clients").contains("blocked_clients:2"));
            client.call("MULTI");
            client.call("RPUSH", "blist{t}", "a");
            client.call("RPUSH", "blist2{t}", "1");
            client.call("EXEC");
            assertThat(first.reply()).isEqualTo("*2\r\n$8\r\nblist{t}\r\n*1\r\n$1\r\na\r\n");
            assertThat(second.reply()).isEqualTo("*2\r\n$9\r\nblist2{t}\r\n$1\r\n1\r\n");
        }
    }

    private long usage(String key, String... more) throws Exception {
        String[] words = new String[3 + more.length];
        words[0] = "MEMORY";
        words[1] = "USAGE";
        words[2] = key;
        System.arraycopy(more, 0, words, 3, more.length);
        return Long.parseLong(client.call(words).substring(1).strip());
    }
}
