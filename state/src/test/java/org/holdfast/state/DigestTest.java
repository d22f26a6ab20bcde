package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The digest is what docs/state.md says. Oracle: the same sums, reckoned from that description by a Python program
/// with hashlib and struct.
class DigestTest {
    private static final long NOW = 1_800_000_000_000L;

    @Test
    void theDigestIsWhatItsDescriptionSays(@TempDir Path directory) throws IOException {
        try (StateRig rig = StateRig.open(directory.resolve("state"), NOW)) {
            rig.apply(List.of());
            assertThat(digest(rig)).isEqualTo("e5a00aa9991ac8a5ee3109844d84a55583bd20572ad3ffcd42792f3c36b183ad");
            rig.ask("SET", "text", "hello");
            assertThat(digest(rig)).isEqualTo("5405bfa8e9c8b35582c22c71b1a894fe8cd166f91242a598b1237a8498d678ef");
            rig.ask("SET", "number", "42", "PX", "1500");
            assertThat(digest(rig)).isEqualTo("7bbf04b22c814cddaabf08b1424cf50a8095e93b22f856aec21a5e1515970610");
            rig.state().edit(editor -> {
                Entry hash = editor.create(Type.HASH, new byte[] {7});
                editor.putMember(hash, bytes("\u0001field"), bytes("value"));
                editor.putMember(hash, bytes("\u00ffderived"), Layout.NOTHING);
                editor.put(bytes("hash"), hash.withSize(1));
            });
            assertThat(digest(rig)).isEqualTo("fea5eee164cbb60b152384a505f32bd2dd13c7717a9bec7bee624b40942d2bf7");
        }
    }

    @Test
    void aLongStringIsReckonedByChunks(@TempDir Path directory) throws IOException {
        try (StateRig rig = StateRig.open(directory.resolve("state"), NOW)) {
            rig.ask("APPEND", "long", "a".repeat(20_000));
            rig.ask("APPEND", "long", "a".repeat(20_000));
            rig.ask("SETBIT", "long", "800000", "1");
            rig.ask("SETBIT", "long", "800001", "1");
            rig.ask("SETBIT", "long", "800001", "0");
            assertThat(digest(rig)).isEqualTo("07f3424f0b3168eb684486deac2593f8fb743886c52a58b4e6572ecda4ebee71");
            assertThat(rig.ask("STRLEN", "long")).isEqualTo(Reply.of(100_001));
        }
    }

    private static String digest(StateRig rig) {
        return HexFormat.of().formatHex(rig.state().digest().orElseThrow());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
