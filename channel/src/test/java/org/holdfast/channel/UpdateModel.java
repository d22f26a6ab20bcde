package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Policy;

/// A second, simple account of what a config is and what an update does: a map from path to version, content and
/// mod_policy, and the rules as the reference tells them. Shares no code with [UpdateRules].
final class UpdateModel {
    private static final Pattern KEY = Pattern.compile("(group|value|policy) (/[-a-zA-Z0-9.]+)+");
    private static final Pattern POLICY = Pattern.compile("/?[-a-zA-Z0-9.]+(/[-a-zA-Z0-9.]+)*");
    private static final Pattern DOTS = Pattern.compile("(^|/)[.]{1,2}(/|$)");

    /// @param content a value's bytes; a policy's; of a group its members' paths
    record Entry(long version, Object content, String modPolicy) {}

    /// @param refused why not, empty when accepted
    /// @param after the next config, the same map when refused
    record Verdict(Optional<Code> refused, Map<String, Entry> after) {}

    private UpdateModel() {}

    static Map<String, Entry> of(ConfigGroup root) {
        Map<String, Entry> found = new HashMap<>();
        add("/Channel", root, found);
        return found;
    }

    private static void add(String path, ConfigGroup group, Map<String, Entry> found) {
        Set<String> members = new TreeSet<>();
        group.getGroupsMap().forEach((name, below) -> {
            members.add("group " + path + "/" + name);
            add(path + "/" + name, below, found);
        });
        group.getValuesMap().forEach((name, value) -> {
            members.add("value " + path + "/" + name);
            found.put(
                    "value " + path + "/" + name,
                    new Entry(value.getVersion(), value.getValue(), value.getModPolicy()));
        });
        group.getPoliciesMap().forEach((name, policy) -> {
            members.add("policy " + path + "/" + name);
            found.put(
                    "policy " + path + "/" + name,
                    new Entry(policy.getVersion(), policy.getPolicy(), policy.getModPolicy()));
        });
        found.put("group " + path, new Entry(group.getVersion(), members, group.getModPolicy()));
    }

    static ConfigGroup tree(Map<String, Entry> entries) {
        return group("/Channel", entries);
    }

    private static ConfigGroup group(String path, Map<String, Entry> entries) {
        Entry entry = at(entries, "group " + path);
        ConfigGroup.Builder group =
                ConfigGroup.newBuilder().setVersion(entry.version).setModPolicy(entry.modPolicy);
        for (String member : members(entry)) {
            String kind = member.substring(0, member.indexOf(' '));
            String at = member.substring(member.indexOf(' ') + 1);
            String name = at.substring(at.lastIndexOf('/') + 1);
            Entry below = at(entries, member);
            switch (kind) {
                case "group" -> group.putGroups(name, group(at, entries));
                case "value" ->
                    group.putValues(
                            name,
                            ConfigValue.newBuilder()
                                    .setVersion(below.version)
                                    .setValue((ByteString) below.content)
                                    .setModPolicy(below.modPolicy)
                                    .build());
                default ->
                    group.putPolicies(
                            name,
                            ConfigPolicy.newBuilder()
                                    .setVersion(below.version)
                                    .setPolicy((Policy) below.content)
                                    .setModPolicy(below.modPolicy)
                                    .build());
            }
        }
        return group.build();
    }

    static Entry at(Map<String, Entry> entries, String key) {
        return Objects.requireNonNull(entries.get(key), key);
    }

    @SuppressWarnings("unchecked")
    static Set<String> members(Entry group) {
        return (Set<String>) group.content;
    }

    /// What the channel does with an update whose signatures satisfy these policies.
    static Verdict judge(Map<String, Entry> now, ConfigUpdate update, Set<String> satisfied) {
        Map<String, Entry> read = update.hasReadSet() ? of(update.getReadSet()) : Map.of();
        Map<String, Entry> write = update.hasWriteSet() ? of(update.getWriteSet()) : Map.of();
        List<String> keys = new ArrayList<>(read.keySet());
        keys.addAll(write.keySet());
        for (String key : keys) {
            if (!KEY.matcher(key).matches() || DOTS.matcher(key).find()) {
                return new Verdict(Optional.of(Code.UPDATE_INVALID), now);
            }
        }
        for (String key : read.keySet()) {
            if (!now.containsKey(key) || at(now, key).version != at(read, key).version) {
                return new Verdict(Optional.of(Code.UPDATE_STALE), now);
            }
        }
        Map<String, Entry> after = new HashMap<>(now);
        boolean changes = false;
        Set<Code> refused = new TreeSet<>();
        for (String key : write.keySet()) {
            Entry wanted = at(write, key);
            if (read.containsKey(key) && at(read, key).version == wanted.version) {
                continue;
            }
            changes = true;
            judge(key, wanted, Optional.ofNullable(now.get(key)), satisfied).ifPresent(refused::add);
            after.put(key, wanted);
        }
        if (!changes) {
            return new Verdict(Optional.of(Code.UPDATE_INVALID), now);
        }
        if (!refused.isEmpty()) {
            // Several faults: which is told first is the implementation's choice.
            return new Verdict(
                    refused.size() == 1 ? refused.stream().findFirst() : Optional.of(Code.MALFORMED_ENVELOPE), now);
        }
        return new Verdict(Optional.empty(), of(tree(after)));
    }

    private static Optional<Code> judge(String key, Entry wanted, Optional<Entry> existing, Set<String> satisfied) {
        if (!POLICY.matcher(wanted.modPolicy).matches()
                || DOTS.matcher(wanted.modPolicy).find()) {
            return Optional.of(Code.UPDATE_INVALID);
        }
        if (existing.isEmpty()) {
            return wanted.version == 0 ? Optional.empty() : Optional.of(Code.UPDATE_INVALID);
        }
        Entry old = existing.get();
        if (wanted.version != old.version + 1) {
            return Optional.of(Code.UPDATE_STALE);
        }
        return satisfied.contains(policy(key, old)) ? Optional.empty() : Optional.of(Code.UPDATE_NOT_AUTHORIZED);
    }

    /// The policy an element's change needs.
    static String policy(String key, Entry old) {
        if (old.modPolicy.startsWith("/")) {
            return old.modPolicy;
        }
        String path = key.substring(key.indexOf(' ') + 1);
        String home = key.startsWith("group ") ? path : path.substring(0, path.lastIndexOf('/'));
        return home + "/" + old.modPolicy;
    }
}
