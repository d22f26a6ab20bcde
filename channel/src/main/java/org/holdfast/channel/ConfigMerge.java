package org.holdfast.channel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.env.Disk;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.jspecify.annotations.Nullable;

/// One config with the changes of two: somebody edited it while somebody else's update came first. Judged path by path
/// in the words of [ConfigDocument]; a list and an organisation's MSP count as one, as their items refer to each other.
public final class ConfigMerge {
    private static final String MSP = "msp";

    private final List<ConfigDifference.Change> conflicts = new ArrayList<>();

    private ConfigMerge() {}

    /// What came of it.
    ///
    /// @param tree theirs with mine laid over it; theirs alone when there are conflicts
    /// @param conflicts what both changed, each to something else: `before` is theirs, `after` mine
    public record Merged(ConfigGroup tree, List<ConfigDifference.Change> conflicts) {
        public Merged {
            conflicts = List.copyOf(conflicts);
        }
    }

    /// Merges.
    ///
    /// @param base what both began with
    /// @param mine with the changes that are to be laid over
    /// @param theirs with those that came first; its versions are kept
    /// @throws MalformedConfig when the result says what no document may say
    public static Merged of(Disk disk, ConfigGroup base, ConfigGroup mine, ConfigGroup theirs) {
        ConfigMerge merge = new ConfigMerge();
        Doc merged = merge.merged("", ShownTree.of(base), ShownTree.of(mine), ShownTree.of(theirs));
        if (!merge.conflicts.isEmpty()) {
            return new Merged(theirs, merge.conflicts);
        }
        ConfigDocument document = ConfigDocument.of(theirs, List.of());
        return merged instanceof Doc.Fields fields
                ? new Merged(document.with(fields).tree(disk, Path.of("")), List.of())
                : new Merged(theirs, List.of());
    }

    private @Nullable Doc merged(String path, @Nullable Doc base, @Nullable Doc mine, @Nullable Doc theirs) {
        if (Doc.same(base, mine) || Doc.same(mine, theirs)) {
            return theirs;
        }
        if (Doc.same(base, theirs)) {
            return mine;
        }
        if (base instanceof Doc.Fields before
                && mine instanceof Doc.Fields one
                && theirs instanceof Doc.Fields other
                && !path.endsWith("." + MSP)) {
            return fields(path, before, one, other);
        }
        conflicts.add(new ConfigDifference.Change(path, line(theirs), line(mine)));
        return theirs;
    }

    private Doc.Fields fields(String path, Doc.Fields base, Doc.Fields mine, Doc.Fields theirs) {
        Set<String> names = new LinkedHashSet<>(theirs.fields().keySet());
        names.addAll(mine.fields().keySet());
        Map<String, Doc> result = new LinkedHashMap<>();
        for (String name : names) {
            Doc merged = merged(ConfigDifference.below(path, name), base.get(name), mine.get(name), theirs.get(name));
            if (merged != null) {
                result.put(name, merged);
            }
        }
        return new Doc.Fields(result);
    }

    private static @Nullable String line(@Nullable Doc doc) {
        return doc == null ? null : DocWriter.line(doc);
    }
}
