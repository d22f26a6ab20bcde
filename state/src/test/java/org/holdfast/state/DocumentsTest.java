package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// JSON documents by the words of their commands.
class DocumentsTest {
    private StateRig rig;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        rig = StateRig.open(directory.resolve("state"), 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// What is stored is the same value without spaces; digits and the order of members stay.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "1|1",
                " -0.50e+10 |-0.50e+10",
                "123456789012345678901234567890|123456789012345678901234567890",
                "\"a\\/\\u0041\\n\\u0001\"|\"a/A\\u000a\\u0001\"",
                "\"\\ud83d\\ude00 \\ud800\"|\"\uD83D\uDE00 \\ud800\"",
                "{ \"b\" : [ 1 , true,null ], \"a\":{} }|{\"b\":[1,true,null],\"a\":{}}",
                "{\"a\":1,\"a\":2}|{\"a\":2}",
                "[]|[]"
            })
    void valuesAreStoredInTheirShortestForm(String given, String stored) {
        assertThat(rig.ask("JSON.SET", "d", ".", given)).isEqualTo(Reply.OK);
        assertThat(get("d", "")).isEqualTo(stored);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "01",
                "1.",
                ".5",
                "+1",
                "[1,]",
                "{\"a\"}",
                "{a:1}",
                "'x'",
                "\"\t\"",
                "\"\\x\"",
                "1 2",
                "[1",
                "\"a",
                "\"\\u00g0\"",
                "tru",
                "{\"a\":1,}",
                "-"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThat(rig.ask("JSON.SET", "d", ".", text))
                .isEqualTo(Reply.Failure.err("value is not JSON, or deeper than 128 levels"));
        assertThat(rig.ask("EXISTS", "d")).isEqualTo(Reply.of(0));
    }

    @Test
    void depthHasALimitHoweverItComesAbout() {
        String deep = "[".repeat(128) + "]".repeat(128);
        assertThat(rig.ask("JSON.SET", "d", ".", deep)).isEqualTo(Reply.OK);
        assertThat(rig.ask("JSON.SET", "e", ".", "[" + deep + "]")).isInstanceOf(Reply.Failure.class);
        assertThat(rig.ask("JSON.SET", "e", "a", deep)).isInstanceOf(Reply.Failure.class);
        assertThat(rig.ask("JSON.SET", "e", "a.".repeat(200) + "b", "1")).isInstanceOf(Reply.Failure.class);
        assertThat(rig.ask("EXISTS", "e")).isEqualTo(Reply.of(0));
    }

    @Test
    void pathsLeadToMembersAndItems() {
        rig.ask("JSON.SET", "d", "a.b.c", "1");
        rig.ask("JSON.SET", "d", "a.list", "[10,20]");
        rig.ask("JSON.SET", "d", "a.list.1", "21");
        rig.ask("JSON.SET", "d", "a.list.2", "30");
        rig.ask("JSON.SET", "d", "a.list.-1", "{\"x\":true}");
        rig.ask("JSON.SET", "d", "with\\.dot", "\"v\"");
        assertThat(get("d", "."))
                .isEqualTo("{\"a\":{\"b\":{\"c\":1},\"list\":[10,21,30,{\"x\":true}]},\"with.dot\":\"v\"}");
        assertThat(rig.ask("JSON.GET", "d", "a.list.3.x", "with\\.dot", "a.none", "a.list.9", "a.b.c.d"))
                .isEqualTo(new Reply.Listing(
                        List.of(Reply.bulk("true"), Reply.bulk("\"v\""), Reply.NIL, Reply.NIL, Reply.NIL)));
        for (String nowhere : List.of("a.list.7", "a.list.x", "a.b.c.d")) {
            assertThat(rig.ask("JSON.SET", "d", nowhere, "1")).isInstanceOf(Reply.Failure.class);
        }
        assertThat(rig.ask("JSON.DEL", "d", "a.list.0")).isEqualTo(Reply.of(1));
        assertThat(rig.ask("JSON.DEL", "d", "a.list.9")).isEqualTo(Reply.of(0));
        assertThat(rig.ask("JSON.DEL", "d", "a.b")).isEqualTo(Reply.of(1));
        assertThat(get("d", "a")).isEqualTo("{\"list\":[21,30,{\"x\":true}]}");
        assertThat(rig.ask("JSON.DEL", "d")).isEqualTo(Reply.of(1));
        assertThat(rig.ask("JSON.KEYEXISTS", "d")).isEqualTo(Reply.of(0));
    }

    @Test
    void arraysObjectsAndTypes() {
        rig.ask("JSON.SET", "d", ".", "{\"o\":{\"x\":1,\"y\":2},\"s\":\"t\",\"n\":null}");
        assertThat(rig.ask("JSON.ARRAPPEND", "d", "l", "1", "\"two\"")).isEqualTo(Reply.of(2));
        assertThat(rig.ask("JSON.ARRAPPEND", "d", "l", "[3]")).isEqualTo(Reply.of(3));
        assertThat(rig.ask("JSON.ARRLEN", "d", "l")).isEqualTo(Reply.of(3));
        assertThat(rig.ask("JSON.ARRPOP", "d", "l")).isEqualTo(Reply.bulk("[3]"));
        assertThat(rig.ask("JSON.ARRLEN", "d", "o")).isEqualTo(Reply.Failure.err("no array, but of the type object"));
        assertThat(rig.ask("JSON.OBJLEN", "d", "o")).isEqualTo(Reply.of(2));
        assertThat(rig.ask("JSON.OBJKEYS", "d", "o"))
                .isEqualTo(new Reply.Listing(List.of(Reply.bulk("x"), Reply.bulk("y"))));
        assertThat(rig.ask("JSON.OBJKEYS", "d", "none")).isEqualTo(Reply.NIL_LISTING);
        List<String> kinds = new ArrayList<>();
        for (String path : List.of("", "l", "s", "n", "l.0")) {
            kinds.add(new String(((Reply.Bulk) rig.ask("JSON.TYPE", "d", path)).bytes(), StandardCharsets.UTF_8));
        }
        assertThat(kinds).containsExactly("object", "array", "string", "null", "number");
        rig.ask("SET", "text", "1");
        assertThat(rig.ask("JSON.MKGET", "d", "text", "none", "s"))
                .isEqualTo(new Reply.Listing(List.of(Reply.bulk("\"t\""), Reply.NIL, Reply.NIL)));
        assertThat(rig.ask("JSON.GET", "text")).isEqualTo(Entries.WRONG_TYPE);
        assertThat(rig.ask("GET", "d")).isEqualTo(Entries.WRONG_TYPE);
        assertThat(rig.ask("TYPE", "d")).isEqualTo(new Reply.Status("json"));
    }

    /// A large document lies in chunks; expiry, renaming and copying are as of any key, and the digest follows.
    @Test
    void documentsAreKeysLikeOthers() {
        rig.ask("JSON.SET", "d", ".", "\"" + "x".repeat(100_000) + "\"");
        rig.ask("PEXPIREAT", "d", "5000");
        rig.ask("JSON.SET", "d", ".", "{\"a\":\"" + "y".repeat(100_000) + "\"}");
        assertThat(rig.ask("PEXPIRETIME", "d")).isEqualTo(Reply.of(5_000));
        rig.ask("COPY", "d", "e");
        rig.ask("RENAME", "d", "f");
        assertThat(get("e", "a")).isEqualTo(get("f", "a")).hasSize(100_002);
        assertThat(rig.ask("JSON.SET", "e", "b", "\"" + "z".repeat(1_000_000) + "\""))
                .isInstanceOf(Reply.Failure.class);
        assertThat(rig.state().digest()).hasValue(rig.state().recount());
        rig.pass(5_000);
        rig.ask("DEL", "e");
        assertThat(rig.state().leftovers()).isZero();
        assertThat(rig.state().keys()).isZero();
    }

    /// Any bytes are refused or understood; what is understood is read again as the same.
    @Test
    void anyBytesAreJudged() {
        Random random = new Random(5);
        String letters = "{}[]\",:0123456789.eE+-truefalsn \\u/";
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int j = 0; j < bytes.length; j++) {
                bytes[j] = (byte)
                        (random.nextInt(40) == 0
                                ? random.nextInt(256)
                                : letters.charAt(random.nextInt(letters.length())));
            }
            JsonReader.read(bytes).ifPresent(value -> {
                byte[] text = value.text().getBytes(StandardCharsets.UTF_8);
                Json again = JsonReader.read(text).orElseThrow(() -> new AssertionError(Arrays.toString(bytes)));
                assertThat(again).isEqualTo(value);
            });
        }
    }

    private String get(String key, String path) {
        Reply.Listing reply = (Reply.Listing) rig.ask("JSON.GET", key, path);
        return new String(((Reply.Bulk) reply.items().getFirst()).bytes(), StandardCharsets.UTF_8);
    }
}
