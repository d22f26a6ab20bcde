package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import org.holdfast.env.Clock;
import org.junit.jupiter.api.Test;

/// When the leader ends a block.
class PromptTest {
    private static final ByteString RECORD = ByteString.copyFromUtf8("any");

    private long nanos = 1_000_000_000_000L;
    private long busy;

    @Test
    void aLonelyEnvelopeIsCutAtOnceAndTheNextAfterTheGap() {
        Prompt prompt = prompt(true);
        assertThat(prompt.cutAfter(RECORD)).isTrue();
        assertThat(prompt.cutAfter(RECORD)).isFalse();
        pass(9);
        assertThat(prompt.cutAfter(RECORD)).isFalse();
        pass(1);
        assertThat(prompt.cutAfter(RECORD)).isTrue();
    }

    @Test
    void theMoreIsOnItsWayTheRarerAreCuts() {
        Prompt prompt = prompt(true);
        assertThat(cutsInASecond(prompt, 0)).isEqualTo(100);
        int steady = cutsInASecond(prompt, 20);
        assertThat(steady).isBetween(25, 30);
        int full = cutsInASecond(prompt, 900);
        assertThat(full).as("blocks of 500 are full before that").isZero();
    }

    @Test
    void withoutPromptCuttingNothingIsCut() {
        assertThat(cutsInASecond(prompt(false), 0)).isZero();
    }

    private int cutsInASecond(Prompt prompt, int envelopes) {
        busy = envelopes;
        int cuts = 0;
        for (int millis = 0; millis < 1000; millis++) {
            pass(1);
            cuts += prompt.cutAfter(RECORD) ? 1 : 0;
        }
        return cuts;
    }

    private Prompt prompt(boolean cutting) {
        Clock clock = new Clock() {
            @Override
            public long nanos() {
                return nanos;
            }

            @Override
            public long wallMillis() {
                return nanos / 1_000_000;
            }
        };
        Prompt prompt = new Prompt(clock, new OrdererSettings(cutting, Duration.ofMillis(10), Duration.ofSeconds(10)));
        prompt.measure(() -> busy);
        return prompt;
    }

    private void pass(long millis) {
        nanos += millis * 1_000_000;
    }
}
