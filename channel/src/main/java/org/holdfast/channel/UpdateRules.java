package org.holdfast.channel;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigValue;

/// What a config update makes of a tree. Pure: the same on every node.
///
/// Source of the rules: Fabric's `common.ConfigUpdate`. The read set names what the sender has seen, by version; the
/// write set what there shall be. What stands in the write set with another version than in the read set is the delta.
final class UpdateRules {
    private static final String ADMINS = "Admins";
    /// Signatures that did not count, named in a refusal.
    private static final int TOLD = 5;
    private static final String ORDERER_CAPABILITIES =
            TreeElement.OfValue.key(TreeElement.ROOT + "/Orderer/Capabilities");

    private final Map<String, TreeElement> current;
    private final Judge judge;

    /// Whether the update's signatures satisfy a policy of the current config.
    interface Judge {
        /// Judges.
        ///
        /// @param path absolute
        PolicyVerdict judge(String path);
    }

    /// What became of it.
    ///
    /// @param update what was asked
    /// @param tree the whole new tree
    /// @param delta what the update changes or adds, by key
    /// @param lost keys of the delta that no group of the new tree lists: the update says them and nothing comes of it
    record Outcome(ConfigUpdate update, ConfigGroup tree, Map<String, TreeElement> delta, List<String> lost) {}

    private UpdateRules(Map<String, TreeElement> current, Judge judge) {
        this.current = current;
        this.judge = judge;
    }

    /// Applies an update.
    ///
    /// @throws UpdateFault telling which element breaks which rule
    static Outcome apply(ConfigGroup tree, ConfigUpdate update, Judge judge) {
        return new UpdateRules(TreeElement.flatten(tree), judge).apply(update);
    }

    private Outcome apply(ConfigUpdate update) {
        Map<String, TreeElement> seen =
                update.hasReadSet() ? TreeElement.flattenChecked(update.getReadSet()) : Map.of();
        Map<String, TreeElement> wanted =
                update.hasWriteSet() ? TreeElement.flattenChecked(update.getWriteSet()) : Map.of();
        readSet(seen);
        Map<String, TreeElement> delta = new TreeMap<>();
        wanted.forEach((key, element) -> {
            TreeElement read = seen.get(key);
            if (read == null || read.version() != element.version()) {
                delta.put(key, element);
            }
        });
        try {
            delta(delta);
        } catch (UpdateFault e) {
            throw e.within("error validating DeltaSet");
        }
        Map<String, TreeElement> next = new TreeMap<>(current);
        next.putAll(delta);
        Set<String> reached = new HashSet<>();
        ConfigGroup tree = new Rebuild(next, reached).group(TreeElement.ROOT);
        List<String> lost = new ArrayList<>(delta.keySet());
        lost.removeAll(reached);
        return new Outcome(update, tree, delta, List.copyOf(lost));
    }

    private void readSet(Map<String, TreeElement> seen) {
        seen.forEach((key, element) -> {
            TreeElement existing = current.get(key);
            if (existing == null) {
                throw new UpdateFault(
                        Code.UPDATE_STALE,
                        ("error validating ReadSet: existing config does not contain element for %s but was in the"
                                        + " read set")
                                .formatted(key));
            }
            if (existing.version() != element.version()) {
                throw new UpdateFault(
                        Code.UPDATE_STALE,
                        ("error validating ReadSet: proposed update requires that key %s be at version %s, but it is"
                                        + " currently at version %s")
                                .formatted(key, text(element.version()), text(existing.version())));
            }
        });
    }

    private void delta(Map<String, TreeElement> delta) {
        if (delta.isEmpty()) {
            throw new UpdateFault(Code.UPDATE_INVALID, "delta set was empty -- update would have no effect");
        }
        Map<String, PolicyVerdict> verdicts = new TreeMap<>();
        delta.forEach((key, element) -> {
            modPolicy(key, element.modPolicy());
            TreeElement existing = current.get(key);
            if (existing == null) {
                // Whoever may add members has signed for the group that lists this one.
                if (element.version() != 0) {
                    throw new UpdateFault(
                            Code.UPDATE_INVALID,
                            "attempted to set key %s to version %s, but key does not exist"
                                    .formatted(key, text(element.version())));
                }
                return;
            }
            if (element.version() != existing.version() + 1) {
                throw new UpdateFault(
                        Code.UPDATE_STALE,
                        "attempt to set key %s to version %s, but key is at version %s"
                                .formatted(key, text(element.version()), text(existing.version())));
            }
            PolicyVerdict verdict = verdicts.computeIfAbsent(policyOf(existing), judge::judge);
            if (!verdict.satisfied()) {
                throw new UpdateFault(Code.UPDATE_NOT_AUTHORIZED, denial(key, verdict));
            }
        });
    }

    private static String denial(String key, PolicyVerdict verdict) {
        List<String> dropped = verdict.dropped();
        String told = dropped.isEmpty()
                ? ""
                : " (%s%s)"
                        .formatted(
                                String.join("; ", dropped.subList(0, Math.min(TOLD, dropped.size()))),
                                dropped.size() > TOLD ? "; and %d more".formatted(dropped.size() - TOLD) : "");
        return "policy for %s not satisfied: %s%s".formatted(key, verdict.reason(), told);
    }

    /// The absolute path of the policy that guards an element.
    static String policyOf(TreeElement element) {
        String policy = element.modPolicy();
        return policy.startsWith("/") ? policy : element.home() + "/" + policy;
    }

    private static void modPolicy(String key, String policy) {
        if (policy.isEmpty()) {
            throw new UpdateFault(
                    Code.UPDATE_INVALID, "invalid mod_policy for element %s: mod_policy not set".formatted(key));
        }
        String path = policy.startsWith("/") ? policy.substring(1) : policy;
        for (String name : path.split("/", -1)) {
            if (!TreeElement.isName(name)) {
                throw new UpdateFault(
                        Code.UPDATE_INVALID,
                        "invalid mod_policy for element %s: '%s' is no policy path".formatted(key, policy));
            }
        }
    }

    private static String text(long version) {
        return Long.toUnsignedString(version);
    }

    /// Puts a tree together from its elements: a group has the members it lists, whatever else there is.
    private record Rebuild(Map<String, TreeElement> elements, Set<String> reached) {
        ConfigGroup group(String path) {
            ConfigGroup listing = ((TreeElement.OfGroup) reach(TreeElement.OfGroup.key(path), path)).group();
            ConfigGroup.Builder group = ConfigGroup.newBuilder()
                    .setVersion(listing.getVersion())
                    .setModPolicy(modPolicy(listing.getModPolicy()));
            for (String name : listing.getGroupsMap().keySet()) {
                group.putGroups(name, group(path + "/" + name));
            }
            for (String name : listing.getValuesMap().keySet()) {
                String at = path + "/" + name;
                ConfigValue value = ((TreeElement.OfValue) reach(TreeElement.OfValue.key(at), at)).value();
                group.putValues(
                        name,
                        value.toBuilder()
                                .setModPolicy(modPolicy(value.getModPolicy()))
                                .build());
            }
            for (String name : listing.getPoliciesMap().keySet()) {
                String at = path + "/" + name;
                ConfigPolicy policy = ((TreeElement.OfPolicy) reach(TreeElement.OfPolicy.key(at), at)).policy();
                group.putPolicies(
                        name,
                        policy.toBuilder()
                                .setModPolicy(modPolicy(policy.getModPolicy()))
                                .build());
            }
            return group.build();
        }

        private TreeElement reach(String key, String path) {
            TreeElement found = elements.get(key);
            if (found == null) {
                throw new UpdateFault(
                        Code.UPDATE_INVALID, "nothing stands at %s, which its group lists".formatted(path));
            }
            reached.add(key);
            return found;
        }

        /// Channels made by Fabric 1.0 have elements that nobody may change. Once the orderers' capabilities are
        /// switched on, their admins may.
        private String modPolicy(String given) {
            return given.isEmpty() && elements.containsKey(ORDERER_CAPABILITIES) ? ADMINS : given;
        }
    }
}
