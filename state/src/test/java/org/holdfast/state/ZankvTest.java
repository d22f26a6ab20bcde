package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What ZanKV has beside Redis: keys by type, versions, scans of a table. No such server is at hand: what is expected
/// follows from its documentation.
class ZankvTest {
    private static final long NOW = 1_800_000_000_000L;

    @TempDir
    Path directory;

    private StateRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = StateRig.open(directory.resolve("state"), NOW);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @CsvSource({
        "h,hclear,HSET k f v",
        "l,lclear,RPUSH k a b",
        "s,sclear,SADD k a b",
        "z,zclear,ZADD k 1 a 2 b",
        "b,bitclear,SETBIT k 9 1"
    })
    void keysOfATypeExpireAndAreCleared(String letter, String clear, String make) {
        assertThat(rig.ask(letter + "keyexist", "k")).isEqualTo(Reply.of(0));
        assertThat(rig.ask(letter + "ttl", "k")).isEqualTo(Reply.of(-2));
        assertThat(rig.ask(letter + "expire", "k", "10")).isEqualTo(Reply.of(0));
        assertThat(rig.ask(letter + "persist", "k")).isEqualTo(Reply.of(0));
        assertThat(rig.ask(clear, "k")).isEqualTo(Reply.of(0));
        rig.ask(make.split(" ", -1));
        assertThat(rig.ask(letter + "keyexist", "k")).isEqualTo(Reply.of(1));
        assertThat(rig.ask(letter + "ttl", "k")).isEqualTo(Reply.of(-1));
        assertThat(rig.ask(letter + "expire", "k", "10")).isEqualTo(Reply.of(1));
        assertThat(rig.ask(letter + "ttl", "k")).isEqualTo(Reply.of(10));
        assertThat(rig.ask(letter + "persist", "k")).isEqualTo(Reply.of(1));
        assertThat(rig.ask(letter + "ttl", "k")).isEqualTo(Reply.of(-1));
        rig.ask(letter + "expire", "k", "10");
        rig.pass(10_000);
        assertThat(rig.ask(letter + "keyexist", "k")).isEqualTo(Reply.of(0));
        rig.ask(make.split(" ", -1));
        assertThat(rig.ask(clear, "k")).isEqualTo(Reply.of(1));
        assertThat(rig.ask("DBSIZE")).isEqualTo(Reply.of(0));
        assertThat(rig.state().leftovers()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h", "l", "s", "z", "b"})
    void keysOfAnotherTypeAreRefused(String letter) {
        rig.ask(letter.equals("h") ? new String[] {"SADD", "k", "a"} : new String[] {"HSET", "k", "a", "b"});
        assertThat(rig.ask(letter + "keyexist", "k")).isEqualTo(Reply.of(0));
        assertThat(rig.ask(letter + "expire", "k", "10")).isEqualTo(Entries.WRONG_TYPE);
        assertThat(rig.ask(letter + "ttl", "k")).isEqualTo(Entries.WRONG_TYPE);
        assertThat(rig.ask(letter + "persist", "k")).isEqualTo(Entries.WRONG_TYPE);
        assertThat(rig.ask(letter.equals("b") ? "bitclear" : letter + "clear", "k"))
                .isEqualTo(Entries.WRONG_TYPE);
        assertThat(rig.ask("TTL", "k")).isEqualTo(Reply.of(-1));
    }

    @Test
    void theExpiryOfFieldsIsRefusedByName() {
        rig.ask("HSET", "k", "f", "v");
        for (List<String> words : List.of(
                List.of("HEXPIRE", "k", "10", "FIELDS", "1", "f"),
                List.of("HTTL", "k", "FIELDS", "1", "f"),
                List.of("HPERSIST", "k", "FIELDS", "1", "f"))) {
            assertThat(rig.ask(words.toArray(String[]::new)).toString()).contains("single fields");
        }
        assertThat(rig.ask("ZEXPIRE", "k", "10", "NX"))
                .isEqualTo(Reply.Failure.err("wrong number of arguments for 'zexpire' command"));
        assertThat(rig.ask("HEXPIRE", "k", "x"))
                .isEqualTo(Reply.Failure.err("value is not an integer or out of range"));
        assertThat(rig.ask("LEXPIRE", "k", "9223372036854775807"))
                .isEqualTo(Reply.Failure.err("invalid expire time in 'lexpire' command"));
    }

    @Test
    void versionsAreRecordTimes() {
        assertThat(rig.ask("GETVERSION", "k")).isEqualTo(Reply.of(0));
        rig.ask("SET", "k", "v");
        rig.ask("HSET", "h", "f", "v");
        assertThat(rig.ask("GETVERSION", "k")).isEqualTo(Reply.of(NOW * 1_000_000));
        rig.pass(7);
        rig.ask("SET", "k", "v");
        assertThat(rig.ask("GETVERSION", "k")).isEqualTo(Reply.of((NOW + 7) * 1_000_000));
        assertThat(rig.ask("HGET.VERSION", "h", "f")).isEqualTo(Reply.of(NOW * 1_000_000));
        assertThat(rig.ask("HGET.VERSION", "h", "g")).isEqualTo(Reply.of(0));
        assertThat(rig.ask("GETNOLOCK", "k")).isEqualTo(Reply.bulk("v"));
    }

    @Test
    void aTableIsScannedInTheOrderOfItsKeysBothWays() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            String key = "key:%03d".formatted(i);
            keys.add(key);
            rig.ask("HSET", "ks:t:" + key, "f", "v");
            rig.ask("SET", "ks:t:string" + i, "v");
        }
        rig.ask("HSET", "ks:a:1", "f", "v");
        rig.ask("HSET", "ks:u:1", "f", "v");
        rig.ask("HSET", "ks:t:gone", "f", "v");
        rig.ask("PEXPIRE", "ks:t:gone", "1");
        rig.pass(1);
        assertThat(pages("ADVSCAN", "HASH", "COUNT", "7")).isEqualTo(keys);
        assertThat(pages("ADVSCAN", "HASH")).isEqualTo(keys);
        assertThat(pages("ADVREVSCAN", "HASH", "COUNT", "7")).isEqualTo(keys.reversed());
        assertThat(pages("ADVSCAN", "hash", "MATCH", "t:key:*7", "COUNT", "3"))
                .hasSize(25)
                .contains("key:247");
        assertThat(pages("ADVSCAN", "ZSET")).isEmpty();
        assertThat(pages("ADVSCAN", "KV", "COUNT", "5000")).hasSize(250);
        List<String> backwards = pages("REVSCAN", "COUNT", "100");
        assertThat(backwards).hasSize(250).startsWith("string99", "string98");
    }

    @Test
    void everythingInATableIsRead() {
        rig.ask("SET", "ks:t:a", "1");
        rig.ask("SET", "ks:t:b", "x".repeat(2_000_000));
        rig.ask("SET", "ks:t:c", "3");
        List<String> big = new ArrayList<>(List.of("ZADD", "ks:t:z"));
        List<String> list = new ArrayList<>(List.of("RPUSH", "ks:t:l"));
        for (int i = 0; i < 300; i++) {
            big.addAll(List.of(i + ".5", "m" + i));
            list.add("e" + i);
        }
        rig.ask(big.toArray(String[]::new));
        rig.ask(list.toArray(String[]::new));
        rig.ask("RPUSH", "ks:t:ll", "only");
        rig.ask("HSET", "ks:t:h", "f", "v", "g", "w");
        rig.ask("SADD", "ks:t:s", "one");
        assertThat(rows("KV", "COUNT", "100"))
                .extracting(row -> text(row.getFirst()))
                .containsExactly("a", "b", "c");
        List<List<Reply>> members = rows("ZSET", "COUNT", "40");
        assertThat(members)
                .hasSizeGreaterThan(7)
                .allMatch(row -> row.size() <= 41 && text(row.getFirst()).equals("z"));
        assertThat(members.stream().flatMap(row -> row.stream().skip(1)).toList())
                .hasSize(300)
                .doesNotHaveDuplicates()
                .contains(new Reply.Listing(List.of(Reply.bulk("m17"), Reply.bulk("17.5"))));
        List<List<Reply>> elements = rows("LIST", "COUNT", "70");
        assertThat(elements.stream().flatMap(row -> row.stream().skip(1)).map(ZankvTest::text))
                .hasSize(301)
                .startsWith("e0", "e1")
                .endsWith("e299", "only");
        assertThat(rows("SET")).containsExactly(List.of(Reply.bulk("s"), Reply.bulk("one")));
        assertThat(rows("HASH").getFirst()).hasSize(3);
    }

    @Test
    void wordsThatMakeNoScanAreRefused() {
        assertThat(rig.ask("ADVSCAN", "t:", "KV").toString()).contains("keyspace:table:cursor");
        assertThat(rig.ask("ADVSCAN", "ks:t:x.", "KV").toString()).contains("keyspace:table:cursor");
        assertThat(rig.ask("ADVSCAN", "ks:t:%%", "KV")).isEqualTo(Reply.Failure.err("invalid cursor"));
        assertThat(rig.ask("FULLSCAN", "ks:t:YQ==:x", "KV")).isEqualTo(Reply.Failure.err("invalid cursor"));
        assertThat(rig.ask("ADVSCAN", "ks:t:", "STREAM").toString()).contains("the type is one of");
        assertThat(rig.ask("ADVSCAN", "ks:t:", "KV", "COUNT", "5001").toString())
                .contains("from 1 to 5000");
        assertThat(rig.ask("ADVSCAN", "ks:t:", "KV", "WHAT")).isEqualTo(Reply.Failure.err("syntax error"));
    }

    @Test
    void documentsAreScannedToo() {
        rig.ask("JSON.SET", "ks:t:d", ".", "{\"a\": [1, 2]}");
        rig.ask("SET", "ks:t:s", "x");
        assertThat(pages("ADVSCAN", "JSON")).containsExactly("d");
        assertThat(rows("JSON")).containsExactly(List.of(Reply.bulk("d"), Reply.bulk("{\"a\":[1,2]}")));
    }

    @Test
    void whatHasExpiredIsReadUntilItIsRemoved() {
        rig.ask("SET", "ks:t:s", "x", "PX", "10");
        rig.ask("HSET", "ks:t:h", "f", "1");
        rig.ask("PEXPIRE", "ks:t:h", "10");
        rig.pass(11);
        assertThat(rig.ask("GET", "ks:t:s")).isEqualTo(Reply.NIL);
        assertThat(rig.ask("GETEXPIRED", "ks:t:s")).isEqualTo(Reply.bulk("x"));
        assertThat(rig.ask("HGETALL.EXPIRED", "ks:t:h"))
                .isEqualTo(new Reply.Pairs(List.of(new Reply.Pair(Reply.bulk("f"), Reply.bulk("1")))));
        assertThat(rig.ask("HMGET.EXPIRED", "ks:t:h", "f", "g"))
                .isEqualTo(new Reply.Listing(List.of(Reply.bulk("1"), Reply.NIL)));
        assertThat(rig.ask("GETEXPIRED", "ks:t:h").toString()).contains("WRONGTYPE");
        rig.ask("SET", "ks:t:other", "1");
        assertThat(rig.ask("GETEXPIRED", "ks:t:s")).isEqualTo(Reply.NIL);
        assertThat(rig.ask("HMGET.EXPIRED", "ks:t:h", "f")).isEqualTo(new Reply.Listing(List.of(Reply.NIL)));
    }

    @Test
    void cursorsLeadFromShardToShard() {
        TableWord first = Objects.requireNonNull(TableWord.of("ks:t:".getBytes(StandardCharsets.UTF_8)));
        assertThat(first.following("YQ==", 3)).isEqualTo("0.YQ==");
        assertThat(first.following("", 3)).isEqualTo("1.");
        assertThat(first.following("", 1)).isEmpty();
        rig.ask("SET", "ks:t:a", "1");
        rig.ask("SET", "ks:t:b", "2");
        Reply.Listing page = (Reply.Listing) rig.ask("ADVSCAN", "ks:t:2.YQ==", "KV");
        assertThat(page.items().getLast()).isEqualTo(new Reply.Listing(List.of(Reply.bulk("b"))));
    }

    private List<String> pages(String name, String... rest) {
        return all(name, ZankvTest::text, rest);
    }

    private List<List<Reply>> rows(String... rest) {
        return all("FULLSCAN", row -> ((Reply.Listing) row).items(), rest);
    }

    private <T> List<T> all(String name, Function<Reply, T> shown, String... rest) {
        List<T> found = new ArrayList<>();
        String cursor = "";
        do {
            List<String> words = new ArrayList<>(List.of(name, "ks:t:" + cursor));
            words.addAll(List.of(rest));
            Reply.Listing page = (Reply.Listing) rig.ask(words.toArray(String[]::new));
            cursor = text(page.items().getFirst());
            ((Reply.Listing) page.items().getLast()).items().forEach(item -> found.add(shown.apply(item)));
        } while (!cursor.isEmpty());
        return found;
    }

    private static String text(Reply reply) {
        return new String(((Reply.Bulk) reply).bytes(), StandardCharsets.UTF_8);
    }
}
