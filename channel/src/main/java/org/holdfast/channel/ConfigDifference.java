package org.holdfast.channel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.jspecify.annotations.Nullable;

/// What differs between two configs, in the words and paths of [ConfigDocument].
public final class ConfigDifference {
    private static final String ADDRESS = "address";

    private final List<Change> changes = new ArrayList<>();

    private ConfigDifference() {}

    /// One difference.
    ///
    /// @param path in the document
    /// @param before null: it was not there
    /// @param after null: it is not there any more
    public record Change(
            String path, @Nullable String before, @Nullable String after) {
        /// `path: 10 -> 200`, `path: + new`, `path: - gone`.
        @Override
        public String toString() {
            if (before == null) {
                return path + ": + " + after;
            }
            return after == null ? path + ": - " + before : "%s: %s -> %s".formatted(path, before, after);
        }
    }

    /// The differences in the order of the document; none when the configs say the same. Versions are not compared:
    /// they follow from what changed.
    public static List<Change> between(ConfigGroup before, ConfigGroup after) {
        ConfigDifference difference = new ConfigDifference();
        difference.compare("", ShownTree.of(before), ShownTree.of(after));
        if (difference.changes.isEmpty() && !unversioned(before).equals(unversioned(after))) {
            difference.changes.add(new Change("(bytes)", "something this document does not show", "something else"));
        }
        return List.copyOf(difference.changes);
    }

    /// A tree with every version 0.
    static ConfigGroup unversioned(ConfigGroup group) {
        ConfigGroup.Builder plain = group.toBuilder().setVersion(0);
        Map<String, ConfigValue> values = new TreeMap<>(group.getValuesMap());
        values.forEach((name, value) ->
                plain.putValues(name, value.toBuilder().setVersion(0).build()));
        Map<String, ConfigPolicy> policies = new TreeMap<>(group.getPoliciesMap());
        policies.forEach((name, policy) ->
                plain.putPolicies(name, policy.toBuilder().setVersion(0).build()));
        Map<String, ConfigGroup> groups = new TreeMap<>(group.getGroupsMap());
        groups.forEach((name, below) -> plain.putGroups(name, unversioned(below)));
        return plain.build();
    }

    private void compare(String path, @Nullable Doc before, @Nullable Doc after) {
        if (Doc.same(before, after)) {
            return;
        }
        if (before == null && after instanceof Doc.Items none && none.items().isEmpty()) {
            changes.add(new Change(path, null, "[]"));
        } else if (after == null
                && before instanceof Doc.Items none
                && none.items().isEmpty()) {
            changes.add(new Change(path, "[]", null));
        } else if (before == null && after instanceof Doc.Fields added) {
            added.fields().forEach((name, value) -> compare(below(path, name), null, value));
        } else if (before instanceof Doc.Fields one && after instanceof Doc.Fields other) {
            Set<String> names = new LinkedHashSet<>(one.fields().keySet());
            names.addAll(other.fields().keySet());
            names.forEach(name -> compare(below(path, name), one.get(name), other.get(name)));
        } else if ((before == null || before instanceof Doc.Items) && (after == null || after instanceof Doc.Items)) {
            items(
                    path,
                    before == null ? List.of() : ((Doc.Items) before).items(),
                    after == null ? List.of() : ((Doc.Items) after).items());
        } else {
            changes.add(new Change(
                    path,
                    before == null ? null : DocWriter.line(before),
                    after == null ? null : DocWriter.line(after)));
        }
    }

    private void items(String path, List<Doc> before, List<Doc> after) {
        int found = changes.size();
        List<Doc> added = new ArrayList<>();
        List<Doc> gone = new ArrayList<>(before);
        for (Doc item : after) {
            gone.stream()
                    .filter(one -> Doc.same(one, item))
                    .findFirst()
                    .ifPresentOrElse(gone::remove, () -> added.add(item));
        }
        for (Doc item : List.copyOf(added)) {
            gone.stream().filter(one -> sameAddress(one, item)).findFirst().ifPresent(one -> {
                compare("%s[%s]".formatted(path, address(item)), one, item);
                gone.remove(one);
                added.remove(item);
            });
        }
        gone.forEach(item -> changes.add(new Change(path, DocWriter.line(item), null)));
        added.forEach(item -> changes.add(new Change(path, null, DocWriter.line(item))));
        if (changes.size() == found) {
            changes.add(new Change(path, DocWriter.line(new Doc.Items(before)), DocWriter.line(new Doc.Items(after))));
        }
    }

    private static boolean sameAddress(Doc one, Doc other) {
        return !address(one).isEmpty() && address(one).equals(address(other));
    }

    private static String address(Doc item) {
        return item instanceof Doc.Fields fields && fields.get(ADDRESS) instanceof Doc.Text text ? text.text() : "";
    }

    /// The path of a field: names with dots in quotes.
    static String below(String path, String name) {
        String word = name.indexOf('.') < 0 ? name : '"' + name + '"';
        return path.isEmpty() ? word : path + "." + word;
    }
}
