package org.holdfast.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SimReplayTest {
    /// Thousands of nodes would fill the log.
    @BeforeAll
    static void quiet() {
        Configurator.setLevel("org.holdfast", Level.ERROR);
    }

    @AfterAll
    static void asBefore() {
        Configurator.setLevel("org.holdfast", Level.INFO);
    }

    @Test
    void theSameSeedDoesTheSameAgain() {
        for (long seed = 1; seed <= 40; seed++) {
            assertThat(Schedule.run(seed)).isEqualTo(Schedule.run(seed));
        }
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        Schedule.Outcome once = Schedule.run(11, Plant.NONE, first::add);
        Schedule.Outcome again = Schedule.run(11, Plant.NONE, second::add);
        assertThat(second).isEqualTo(first).hasSizeGreaterThan(100);
        assertThat(again).isEqualTo(once);
        assertThat(Schedule.run(11)).as("looking on changes nothing").isEqualTo(once);
    }

    @Test
    void otherSeedsDoOtherThings() {
        assertThat(Schedule.run(1).digest()).isNotEqualTo(Schedule.run(2).digest());
    }

    @Test
    void aPlantedBugFailsAlikeEveryTime() {
        Schedule.Outcome first = firstFailure();
        Schedule.Outcome again = Schedule.run(first.seed(), Plant.LOCAL_CUT, null);
        assertThat(again).isEqualTo(first);
        assertThat(first.story())
                .startsWith("seed " + first.seed() + ": ")
                .contains(first.rule(), "Plan[seed=" + first.seed(), " ms  ");
    }

    private static Schedule.Outcome firstFailure() {
        for (long seed = 1; seed <= 60; seed++) {
            Schedule.Outcome outcome = Schedule.run(seed, Plant.LOCAL_CUT, null);
            if (!outcome.kept()) {
                return outcome;
            }
        }
        throw new AssertionError("the bug was not found");
    }
}
