package org.holdfast.lab.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A rule that never fails proves nothing: each of these bugs is found within so many schedules.
@Tag("slow")
class SimPlantedTest {
    /// Thousands of nodes would fill the log.
    @BeforeAll
    static void quiet() {
        Configurator.setLevel("org.holdfast", Level.ERROR);
    }

    @AfterAll
    static void asBefore() {
        Configurator.setLevel("org.holdfast", Level.INFO);
    }

    private static final long USUALLY = 300;
    /// Some show in rare schedules only: those with envelopes in fragments, a crash in the middle of a record, a config
    /// update.
    private static final Map<PlantedBug, Long> RARE = Map.of(
            PlantedBug.FRAGMENTS_FORGOTTEN,
            6_000L,
            PlantedBug.UNKNOWN_CALLED_REFUSED,
            6_000L,
            PlantedBug.OLD_CONFIG_ADMITTED,
            6_000L,
            PlantedBug.FETCHED_CONFIG_IGNORED,
            6_000L);

    @ParameterizedTest
    @EnumSource(value = Plant.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void whatTheLogOrTheDiskDoesAgainstItsContractIsFound(Plant plant) {
        for (long seed = 1; seed <= USUALLY; seed++) {
            Schedule.Outcome outcome = Schedule.run(seed, plant, null);
            if (!outcome.kept()) {
                System.out.println(plant + " found by " + outcome.rule() + " in schedule " + seed);
                return;
            }
        }
        assertThat(plant).as("not found in %d schedules", USUALLY).isNull();
    }

    @ParameterizedTest
    @EnumSource(PlantedBug.class)
    void whatTheRoomsAboveDoWronglyIsFound(PlantedBug bug) throws Exception {
        PlantedLoader loader = new PlantedLoader(bug);
        Method run = loader.loadClass(Schedule.class.getName()).getMethod("run", long.class);
        long most = RARE.getOrDefault(bug, USUALLY);
        for (long seed = 1; seed <= most; seed++) {
            Object outcome = run.invoke(null, seed);
            Object rule = outcome.getClass().getMethod("rule").invoke(outcome);
            if (rule != null) {
                assertThat(loader.isPlanted()).isTrue();
                System.out.println(bug + " found by " + rule + " in schedule " + seed);
                return;
            }
        }
        assertThat(loader.isPlanted()).as("the method is there").isTrue();
        assertThat(bug).as("not found in %d schedules", most).isNull();
    }
}
