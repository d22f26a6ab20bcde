package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.order.ClockVerdict.State;
import org.holdfast.order.Peers.ClockReading;
import org.junit.jupiter.api.Test;

/// Who is off, by the clocks that are known.
class ClockVerdictTest {
    private static final long DAY = 24 * 3600 * 1000L;

    @Test
    void clocksThatAgreeAreFine() {
        assertThat(verdict(3, 40, -3000).state()).isEqualTo(State.FINE);
        assertThat(verdict(3, 9_000, -900).state()).isEqualTo(State.FINE);
        assertThat(verdict(1).state()).isEqualTo(State.FINE);
    }

    @Test
    void theOneThatIsFarFromTheOthersIsOffEitherWay() {
        ClockVerdict ahead = verdict(3, -DAY, -DAY + 30);
        assertThat(ahead.state()).isEqualTo(State.OFF);
        assertThat(ahead.aheadMillis()).isEqualTo(DAY - 30);
        assertThat(ahead.best()).contains("seat1");
        ClockVerdict behind = verdict(4, DAY, DAY + 10, DAY + 20);
        assertThat(behind.state()).isEqualTo(State.OFF);
        assertThat(behind.aheadMillis()).isNegative();
        assertThat(behind.best()).contains("seat0");
        assertThat(verdict(3, 10_001, 10_002).state()).isEqualTo(State.OFF);
    }

    @Test
    void whoAgreesWithTheMajorityIsFineThoughAnotherIsOff() {
        ClockVerdict verdict = verdict(3, DAY, 15);
        assertThat(verdict.state()).isEqualTo(State.FINE);
        assertThat(verdict.best()).contains("seat1");
        assertThat(verdict(5, DAY, -DAY, 5, 10).state()).isEqualTo(State.FINE);
    }

    @Test
    void withoutAMajorityNobodyCanTell() {
        assertThat(verdict(3, DAY).state()).isEqualTo(State.DISAGREE);
        assertThat(verdict(3, DAY, -DAY).state()).isEqualTo(State.DISAGREE);
        assertThat(verdict(4, DAY, DAY + 1, 1).state()).isEqualTo(State.DISAGREE);
        assertThat(verdict(3).state()).isEqualTo(State.UNKNOWN);
        assertThat(verdict(5, 3).state()).isEqualTo(State.UNKNOWN);
    }

    private static ClockVerdict verdict(int members, long... ahead) {
        List<ClockReading> readings = new ArrayList<>();
        for (long one : ahead) {
            readings.add(new ClockReading("seat" + readings.size(), one));
        }
        return ClockVerdict.of(readings, members);
    }
}
