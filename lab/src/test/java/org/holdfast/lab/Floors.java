package org.holdfast.lab;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Map;
import java.util.TreeMap;

/// Who may import whom: a room uses rooms of lower floors only.
///
/// @param root the package above the rooms
/// @param floorOf room → floor, counted from the ground
record Floors(String root, Map<String, Integer> floorOf) {
    /// The house as it stands. Rooms of one floor do not see each other.
    static Floors ofHoldfast() {
        Map<String, Integer> floors = new TreeMap<>();
        floors.put("env", 0);
        floors.put("wire", 1);
        floors.put("identity", 2);
        floors.put("channel", 3);
        floors.put("transport", 3);
        floors.put("ledger", 4);
        floors.put("order", 5);
        floors.put("state", 5);
        floors.put("keyspace", 6);
        floors.put("node", 7);
        floors.put("drill", 8);
        floors.put("cli", 9);
        // Nobody imports it, and it imports nobody.
        floors.put("blackbox", 0);
        // Tests only, and nobody imports them.
        floors.put("members", 10);
        floors.put("clients", 10);
        floors.put("lab", 10);
        return new Floors("org.holdfast", floors);
    }

    /// As a rule to check classes with.
    ArchRule rule() {
        return ArchRuleDefinition.classes()
                .that()
                .resideInAPackage(root + "..")
                .should(new ArchCondition<>("use rooms of lower floors only") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        type.getDirectDependenciesFromSelf().stream()
                                .filter(dependency -> !isAllowed(dependency))
                                .forEach(dependency -> events.add(
                                        SimpleConditionEvent.violated(dependency, dependency.getDescription())));
                    }
                });
    }

    private boolean isAllowed(Dependency dependency) {
        String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
        if (!to.startsWith(root + ".")) {
            return true;
        }
        String from = room(dependency.getOriginClass().getPackageName());
        String target = room(to);
        Integer above = floorOf.get(from);
        Integer below = floorOf.get(target);
        return from.equals(target) || (above != null && below != null && below < above);
    }

    private String room(String packageName) {
        String rest = packageName.substring(Math.min(packageName.length(), root.length() + 1));
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}
