package org.holdfast.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.hyperledger.fabric.protos.common.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ids and refusal codes.
class WordsTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "demo", "a.b-c.9", "z9"})
    void channelNames(String name) {
        assertThat(new ChannelId(name)).hasToString(name);
        assertThat(ChannelId.isValid(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "9a", ".a", "-a", "a_b", "a b", "ä", "a\n", "../a", "a/b"})
    void whatIsNoChannelName(String name) {
        assertThat(ChannelId.isValid(name)).isFalse();
        assertThatThrownBy(() -> new ChannelId(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void channelNamesEndAt249() {
        assertThat(ChannelId.isValid("a".repeat(249))).isTrue();
        assertThat(ChannelId.isValid("a".repeat(250))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0123456789abcdef.1", "fedcba9876543210.999999999"})
    void memberIdsReadBack(String text) {
        assertThat(MemberId.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "0123456789abcdef",
                "0123456789abcdef.",
                "0123456789abcdef.0",
                "0123456789abcdef.01",
                "0123456789ABCDEF.1",
                "0123456789abcde.1",
                "0123456789abcdef.-1",
                "0123456789abcdef.1000000000",
                "0123456789abcdef.1 "
            })
    void whatIsNoMemberId(String text) {
        assertThatThrownBy(() -> MemberId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMemberIdIsCheckedHoweverItIsMade() {
        assertThatThrownBy(() -> new MemberId("x", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MemberId("0123456789abcdef", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void memberIdsAreOrderedBySeatThenByNumber() {
        List<MemberId> sorted = Stream.of("1111111111111111.2", "0000000000000000.10", "0000000000000000.9")
                .map(MemberId::parse)
                .sorted()
                .toList();
        assertThat(sorted)
                .extracting(MemberId::toString)
                .containsExactly("0000000000000000.9", "0000000000000000.10", "1111111111111111.2");
    }

    @Test
    void refusalNumbersAreUniqueAndOfOneForm() {
        assertThat(Arrays.stream(Code.values()).map(Code::number))
                .doesNotHaveDuplicates()
                .isSorted()
                .allMatch(number -> number.matches("HF-[1-9][0-9]{2}"));
    }

    /// Oracle: Fabric's own enum of statuses.
    @Test
    void everyRefusalHasAStatusFabricKnowsAndNoneIsSuccess() {
        assertThat(Code.values())
                .allSatisfy(code -> assertThat(Status.forNumber(code.status()))
                        .isNotNull()
                        .isNotIn(Status.UNKNOWN, Status.SUCCESS));
    }

    @Test
    void aRefusalSaysItsNumberAndText() {
        Refusal refusal = Refusal.of(Code.TOO_LARGE, "%d bytes, %d at most", 7, 5);
        assertThat(refusal).hasToString("HF-104 7 bytes, 5 at most");
        assertThat(refusal.asException()).hasMessage("HF-104 7 bytes, 5 at most");
        assertThat(refusal.asException().refusal()).isEqualTo(refusal);
        assertThat(refusal.asException().getStackTrace()).isEmpty();
    }
}
