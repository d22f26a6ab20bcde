package org.holdfast.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.EvaluationResult;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// No room looks up or sideways, and the rule is seen to fail on a house where they do.
class FloorsTest {
    @Test
    void noRoomLooksUpOrSideways() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.holdfast");
        assertThat(classes).hasSizeGreaterThan(20);
        assertThat(Floors.ofHoldfast()
                        .rule()
                        .evaluate(classes)
                        .getFailureReport()
                        .getDetails())
                .isEmpty();
    }

    @Test
    void everyRoomOfTheBuildHasAFloor() throws IOException {
        assertThat(Floors.ofHoldfast().floorOf().keySet()).containsExactlyInAnyOrderElementsOf(HouseTree.rooms());
    }

    @Test
    void theRuleFindsLooksUpAndSidewaysAndNothingElse() {
        String root = "org.holdfast.lab.planted";
        JavaClasses classes = new ClassFileImporter().importPackages(root);
        Floors floors = new Floors(root, Map.of("low", 0, "left", 1, "right", 1, "high", 2));
        EvaluationResult result = floors.rule().evaluate(classes);
        assertThat(result.getFailureReport().getDetails())
                .isNotEmpty()
                .allMatch(text -> text.contains("Ground") || text.contains("West"))
                .anyMatch(text -> text.contains("Ground") && text.contains("Roof"))
                .anyMatch(text -> text.contains("West") && text.contains("East"));
    }

    @Test
    void aRoomWithoutAFloorMayUseNothing() {
        String root = "org.holdfast.lab.planted";
        JavaClasses classes = new ClassFileImporter().importPackages(root + ".high", root + ".right");
        Floors floors = new Floors(root, Map.of("right", 1));
        assertThat(floors.rule().evaluate(classes).hasViolation()).isTrue();
    }
}
