package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The oracle is Guava 32.1.3, whose `Hashing.murmur3_32_fixed()` gave these values.
class Murmur3Test {
    @ParameterizedTest
    @CsvSource({
        "'',00000000",
        "a,3c2569b2",
        "ab,9bbfd75f",
        "abc,b3dd93fa",
        "abcd,43ed676a",
        "main:key,42fceeaa",
        "main:1,0e82ea9f",
        "users:ключ,99d408e1",
        "The quick brown fox jumps over the lazy dog,2e4ff723"
    })
    void hashesAsTheOriginalDoes(String text, String hash) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(Murmur3.hash(bytes, 0, bytes.length)).isEqualTo(Integer.parseUnsignedInt(hash, 16));
    }
}
