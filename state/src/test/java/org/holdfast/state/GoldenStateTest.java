package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certain blocks make certain bytes, for as long as the versions in them stay what they are: a state that an older
/// program wrote is read by a newer one, and the digests of both are equal.
///
/// After a change that is meant, with a new version: run it with `-Dholdfast.write.golden=DIRECTORY` and keep what is
/// there.
class GoldenStateTest {
    private static final long NOW = 1_800_000_000_000L;

    @Test
    void recordsAreWrittenAsEver(@TempDir Path directory) throws IOException {
        records(directory.resolve("state"), "state-v1.txt", rig -> {
            rig.ask("SET", "text", "hello");
            rig.ask("SET", "number", "41", "PX", "1500");
            rig.ask("INCR", "number");
            rig.ask("APPEND", "text", " world");
            rig.ask("INCRBYFLOAT", "float", "0.1");
            rig.ask("PFADD", "log", "a", "b", "c");
            rig.ask("SETBIT", "bits", "9", "1");
            rig.ask("SET", "gone", "soon", "PX", "1");
            rig.pass(2);
            rig.apply(List.of(Command.of("COPY", "text", "copy")));
            rig.state().edit(editor -> {
                Entry hash = editor.create(Type.HASH, new byte[] {7});
                editor.putMember(hash, bytes("\u0001field"), bytes("value"));
                editor.putMember(hash, bytes("\u00ffderived"), Layout.NOTHING);
                editor.put(bytes("hash"), hash.withSize(1));
            });
        });
    }

    @Test
    void listsAreWrittenAsEver(@TempDir Path directory) throws IOException {
        records(directory.resolve("state"), "lists-v1.txt", rig -> {
            rig.ask("RPUSH", "even", "b", "c");
            rig.ask("LPUSH", "even", "a");
            rig.ask("RPUSH", "uneven", "a", "c", "d");
            rig.ask("LINSERT", "uneven", "BEFORE", "c", "b");
            rig.ask("LPOP", "uneven");
        });
    }

    /// A small sorted set whole, of a large one only what lies over its order.
    @Test
    void sortedSetsAreWrittenAsEver(@TempDir Path directory) throws IOException {
        Predicate<String> kept = record -> !record.matches("200000000000000002(01|80).*");
        records(directory.resolve("state"), "zsets-v1.txt", kept, rig -> {
            rig.ask("ZADD", "small", "1.5", "a", "-inf", "b", "-0", "");
            rig.ask("GEOADD", "small", "13.361389", "38.115556", "Palermo");
            List<Command> commands = new ArrayList<>();
            for (int i = 0; i < Ranking.CHILDREN_MAX + 1; i++) {
                commands.add(Command.of("ZADD", "large", Integer.toString(i), "m"));
                commands.add(Command.of("ZADD", "large", Integer.toString(i), "m" + i));
            }
            rig.apply(commands);
        });
    }

    @Test
    void documentsAreWrittenAsEver(@TempDir Path directory) throws IOException {
        records(directory.resolve("state"), "documents-v1.txt", rig -> {
            rig.ask("JSON.SET", "d", ".", "{\"b\": [1.50, null], \"a\": \"x\"}");
            rig.ask("JSON.SET", "d", "b.2", "true");
        });
    }

    private static void records(Path place, String golden, Consumer<StateRig> commands) throws IOException {
        records(place, golden, record -> true, commands);
    }

    private static void records(Path place, String golden, Predicate<String> kept, Consumer<StateRig> commands)
            throws IOException {
        try (StateRig rig = StateRig.open(place, NOW)) {
            commands.accept(rig);
        }
        List<String> records = new ArrayList<>();
        Rocks rocks = Rocks.open(place);
        rocks.now().up(new byte[0], new byte[] {Layout.END}, (key, value) -> {
            String shown = value.length == LatticeSum.BYTES
                    ? "SHA-256 " + hex(Layout.sha256().digest(value))
                    : hex(value);
            String record = hex(key) + " = " + shown;
            if (kept.test(record)) {
                records.add(record);
            }
            return true;
        });
        rocks.close();
        String write = System.getProperty("holdfast.write.golden");
        if (write != null) {
            Files.write(Path.of(write).resolve(golden), records);
        }
        assertThat(records).isEqualTo(golden(golden));
    }

    private static List<String> golden(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(GoldenStateTest.class.getResourceAsStream(name))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
