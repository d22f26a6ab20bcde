package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Numbers as Redis reads, adds and prints them; a real redis-server is the oracle of the sums.
class NumbersTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 10, 99, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, Long.MIN_VALUE + 1})
    void wholeNumbersAreRead(long value) {
        assertThat(Numbers.whole(bytes(Long.toString(value)))).hasValue(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+1",
                "01",
                "-0",
                "-01",
                "1 ",
                " 1",
                "1.0",
                "x",
                "9223372036854775808",
                "-9223372036854775809",
                "18446744073709551616",
                "99999999999999999999",
                "-99999999999999999999",
                "100000000000000000000"
            })
    void whatIsNoWholeNumberIsNot(String text) {
        assertThat(Numbers.whole(bytes(text))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "-0.0,-0",
        "1,1",
        "3.3,3.3",
        "0.1,0.1",
        "-2.5,-2.5",
        "1e20,1e+20",
        "1.5e300,1.5e+300",
        "1e-7,1e-07",
        "123456789,123456789",
        "0.0001,0.0001",
        "Infinity,inf",
        "-Infinity,-inf",
        "1e16,10000000000000000"
    })
    void realNumbersArePrintedShort(double value, String text) {
        assertThat(Numbers.text(value)).isEqualTo(text);
    }

    /// As glibc's strtod and the checks around it in Redis have it.
    @ParameterizedTest
    @CsvSource({
        "1,1",
        "-1.5,-1.5",
        "+2,2",
        ".5,0.5",
        "5.,5",
        "1e3,1000",
        "1E-2,0.01",
        "0x10,16",
        "0xA.8,10.5",
        "0x1p-2,0.25",
        "inf,Infinity",
        "-INFINITY,-Infinity",
        "+inf,Infinity",
        "-0,-0.0",
        "4.9e-324,4.9e-324",
        "0e999999999999,0"
    })
    void realNumbersAreRead(String text, double value) {
        assertThat(Numbers.real(bytes(text))).hasValue(value);
        assertThat(Numbers.bound(bytes("  " + text + "\0x"))).hasValue(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " 1", "1 ", "nan", "x", "1e", "1e400", "-1e400", "1e-400", "0x", "0x1p-2000", "infin", "."})
    void whatIsNoRealNumberIsNot(String text) {
        assertThat(Numbers.real(bytes(text))).isEmpty();
    }

    @Test
    void floatsAreAddedAsRedisAddsThem(@TempDir Path directory) throws IOException {
        Random random = new Random(5);
        try (StateRig rig = StateRig.open(directory, 1);
                RedisServer redis = RedisServer.start()) {
            for (int i = 0; i < 3000; i++) {
                if (i % 7 == 0) {
                    String start = number(random);
                    assertThat(rig.ask("SET", "f", start)).isEqualTo(redis.ask("SET", "f", start));
                }
                String by = number(random);
                assertThat(rig.ask("INCRBYFLOAT", "f", by))
                        .as("step %d: INCRBYFLOAT f %s", i, by)
                        .isEqualTo(redis.ask("INCRBYFLOAT", "f", by));
            }
        }
    }

    private static String number(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> Integer.toString(random.nextInt(1000) - 500);
            case 1 -> Double.toString(random.nextGaussian());
            case 2 -> Long.toString(random.nextLong());
            case 3 -> random.nextLong() + "." + random.nextLong(Long.MAX_VALUE);
            case 4 -> random.nextInt(100) + "e" + (random.nextInt(60) - 30);
            default -> random.nextInt(1000) / 100.0 + "";
        };
    }

    /// Whoever looks at each split of the digits looks for hours.
    @ParameterizedTest
    @ValueSource(strings = {"", "-", "0x", "1."})
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void manyDigitsThatAreNoNumberAreFoundOutSoon(String before) {
        byte[] word = bytes(before + "1".repeat(1 << 20) + "x");
        assertThat(Numbers.real(word)).isEmpty();
        assertThat(Numbers.bound(word)).isEmpty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
