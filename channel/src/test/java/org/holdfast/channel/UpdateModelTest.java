package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.channel.UpdateModel.Entry;
import org.holdfast.channel.UpdateModel.Verdict;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Policy;
import org.junit.jupiter.api.Test;

/// Random edits of random configs, sound and spoilt: the rules and [UpdateModel] give one verdict and one tree, and so
/// does the same update with its maps written in another order.
class UpdateModelTest {
    private static final int CASES = 20_000;
    private static final ChannelId CHANNEL = new ChannelId("model");
    private static final List<String> NAMES = List.of("A", "B", "C", "D");
    private static final List<String> POLICIES =
            List.of("Admins", "Writers", "/Channel/Admins", "A/Admins", "/Channel/A/B");

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Map<String, Integer> seen = new TreeMap<>();

    @Test
    void theRulesAgreeWithTheModel() throws IOException {
        Map<String, Entry> now = Map.of();
        for (int i = 0; i < CASES; i++) {
            if (i % 12 == 0) {
                now = fresh();
            }
            now = one(now, i);
        }
        for (Code code : List.of(Code.UPDATE_STALE, Code.UPDATE_INVALID, Code.UPDATE_NOT_AUTHORIZED)) {
            assertThat(seen.getOrDefault(code.name(), 0))
                    .as("%s in %s", code, seen)
                    .isGreaterThan(CASES / 50);
        }
        assertThat(seen.get("accepted")).as("accepted in %s", seen).isGreaterThan(CASES / 5);
    }

    private Map<String, Entry> one(Map<String, Entry> now, int number) throws IOException {
        String name = "case " + number + " of -Dseed=" + seed;
        Map<String, Entry> wanted = edited(now);
        ConfigGroup before = UpdateModel.tree(now);
        ConfigUpdate.Builder update = ConfigUpdate.newBuilder().setChannelId(CHANNEL.name());
        boolean computed = random.nextBoolean() && !now.equals(wanted);
        if (computed) {
            update = ConfigUpdates.compute(CHANNEL, before, UpdateModel.tree(wanted)).toBuilder();
        } else {
            update.setReadSet(before).setWriteSet(UpdateModel.tree(wanted));
        }
        boolean spoilt = random.nextInt(3) == 0;
        if (spoilt) {
            spoil(update);
        }
        Set<String> satisfied = satisfied(now, wanted);
        Verdict expected = UpdateModel.judge(now, update.build(), satisfied);
        if (!spoilt && !now.equals(wanted) && satisfied.containsAll(needed(now, wanted))) {
            assertThat(expected.refused()).as(name).isEmpty();
            assertThat(UpdateModel.tree(expected.after())).as(name).isEqualTo(UpdateModel.tree(wanted));
        }
        Object outcome = outcome(before, update.build(), satisfied);
        same(expected, outcome, name);
        if (number % 2 == 0) {
            assertThat(outcome(
                            ConfigGroup.parseFrom(Shuffled.group(before, random)),
                            ConfigUpdate.parseFrom(Shuffled.update(update.build(), random)),
                            satisfied))
                    .as("%s, written otherwise", name)
                    .isEqualTo(outcome);
        }
        return expected.after();
    }

    private void same(Verdict expected, Object outcome, String name) {
        seen.merge(expected.refused().map(Code::name).orElse("accepted"), 1, Integer::sum);
        if (expected.refused().isEmpty()) {
            assertThat(outcome).as(name).isEqualTo(UpdateModel.tree(expected.after()));
            return;
        }
        assertThat(outcome).as(name).isInstanceOf(String.class);
        Code code = expected.refused().get();
        if (code != Code.MALFORMED_ENVELOPE) { // more than one fault
            assertThat((String) outcome).as(name).startsWith(code.number());
        }
    }

    /// The new tree, or the refusal.
    private static Object outcome(ConfigGroup before, ConfigUpdate update, Set<String> satisfied) {
        try {
            return UpdateRules.apply(
                            before,
                            update,
                            path -> satisfied.contains(path) ? PolicyVerdict.YES : PolicyVerdict.no("nobody signed"))
                    .tree();
        } catch (UpdateFault e) {
            return e.refusal().toString();
        }
    }

    private Map<String, Entry> fresh() {
        ConfigGroup.Builder root = randomGroup(0).toBuilder();
        return UpdateModel.of(root.putGroups("A", randomGroup(1)).build());
    }

    private ConfigGroup randomGroup(int depth) {
        ConfigGroup.Builder group = ConfigGroup.newBuilder().setModPolicy(policy());
        for (String name : NAMES) {
            if (random.nextInt(3) > 0) {
                group.putValues(name, value());
            }
            if (random.nextInt(3) == 0) {
                group.putPolicies(name, policyElement());
            }
            if (depth < 3 && random.nextInt(4 + depth) == 0) {
                group.putGroups(name, randomGroup(depth + 1));
            }
        }
        return group.build();
    }

    private ConfigValue value() {
        return ConfigValue.newBuilder()
                .setModPolicy(policy())
                .setValue(content())
                .build();
    }

    private ConfigPolicy policyElement() {
        return ConfigPolicy.newBuilder()
                .setModPolicy(policy())
                .setPolicy(Policy.newBuilder().setType(1).setValue(content()))
                .build();
    }

    private ByteString content() {
        return ByteString.copyFrom(new byte[] {(byte) random.nextInt(), (byte) random.nextInt()});
    }

    private String policy() {
        return POLICIES.get(random.nextInt(POLICIES.size()));
    }

    /// The config after some sound edits, versions as they must be.
    private Map<String, Entry> edited(Map<String, Entry> now) {
        Map<String, Entry> next = new HashMap<>(now);
        int edits = random.nextInt(4);
        for (int i = 0; i < edits; i++) {
            List<String> keys = new ArrayList<>(new TreeSet<>(now.keySet()));
            keys.retainAll(next.keySet());
            String key = keys.get(random.nextInt(keys.size()));
            if (random.nextInt(3) == 0) {
                removeOrAdd(now, next, key);
            } else {
                change(now, next, key);
            }
        }
        return UpdateModel.of(UpdateModel.tree(next));
    }

    private void change(Map<String, Entry> now, Map<String, Entry> next, String key) {
        Entry old = UpdateModel.at(now, key);
        Entry entry = UpdateModel.at(next, key);
        Object content = key.startsWith("value") && random.nextInt(4) > 0
                ? content()
                : key.startsWith("policy")
                        ? Policy.newBuilder().setType(3).setValue(content()).build()
                        : entry.content();
        String modPolicy = random.nextInt(3) == 0 || content.equals(entry.content()) ? policy() : old.modPolicy();
        boolean same = content.equals(old.content()) && modPolicy.equals(old.modPolicy());
        next.put(key, new Entry(same ? old.version() : old.version() + 1, content, modPolicy));
    }

    private void removeOrAdd(Map<String, Entry> now, Map<String, Entry> next, String key) {
        if (!key.startsWith("group ")) {
            return;
        }
        Entry group = UpdateModel.at(next, key);
        Set<String> members = new TreeSet<>(UpdateModel.members(group));
        String path = key.substring(key.indexOf(' ') + 1);
        String name = path + "/" + (random.nextBoolean() ? "N" : NAMES.get(random.nextInt(NAMES.size())));
        String member = List.of("value ", "policy ", "group ").get(random.nextInt(3)) + name;
        if (members.contains(member)) {
            members.remove(member);
        } else if (now.containsKey(member)) {
            return;
        } else {
            members.add(member);
            Map<String, Entry> added = UpdateModel.of(randomGroup(3));
            switch (member.charAt(0)) {
                case 'v' -> next.put(member, new Entry(0, content(), policy()));
                case 'p' ->
                    next.put(member, new Entry(0, Policy.newBuilder().setType(1).build(), policy()));
                default ->
                    UpdateModel.of(ConfigGroup.newBuilder()
                                    .putGroups(name.substring(name.lastIndexOf('/') + 1), UpdateModel.tree(added))
                                    .build())
                            .forEach((at, entry) -> {
                                String moved = at.replaceFirst(" /Channel", " " + path);
                                if (!moved.equals(key)) {
                                    next.put(moved, moved.startsWith("group ") ? moved(entry, path) : entry);
                                }
                            });
            }
        }
        boolean same = members.equals(UpdateModel.members(UpdateModel.at(now, key)))
                && group.modPolicy().equals(UpdateModel.at(now, key).modPolicy());
        next.put(
                key,
                new Entry(
                        same
                                ? UpdateModel.at(now, key).version()
                                : UpdateModel.at(now, key).version() + 1,
                        members,
                        group.modPolicy()));
    }

    private static Entry moved(Entry group, String path) {
        Set<String> members = new TreeSet<>();
        UpdateModel.members(group).forEach(member -> members.add(member.replaceFirst(" /Channel", " " + path)));
        return new Entry(group.version(), members, group.modPolicy());
    }

    private static Set<String> needed(Map<String, Entry> now, Map<String, Entry> wanted) {
        Set<String> found = new TreeSet<>();
        now.forEach((key, old) -> {
            if (wanted.containsKey(key)
                    && !UpdateModel.at(wanted, key).equals(old)
                    && UpdateModel.at(wanted, key).version() != old.version()) {
                found.add(UpdateModel.policy(key, old));
            }
        });
        return found;
    }

    private Set<String> satisfied(Map<String, Entry> now, Map<String, Entry> wanted) {
        Set<String> found = new TreeSet<>(needed(now, wanted));
        if (random.nextInt(4) == 0) {
            found.removeIf(path -> random.nextInt(2) == 0);
        } else if (random.nextBoolean()) {
            now.forEach((key, old) -> found.add(UpdateModel.policy(key, old)));
        }
        return found;
    }

    /// One or two faults, or changes that turn out harmless.
    private void spoil(ConfigUpdate.Builder update) {
        for (int i = 0; i <= random.nextInt(2); i++) {
            switch (random.nextInt(6)) {
                case 0 -> update.setReadSet(spoilt(update.getReadSet()));
                case 1 -> update.clearReadSet();
                case 2 -> update.clearWriteSet();
                default -> update.setWriteSet(spoilt(update.getWriteSet()));
            }
        }
    }

    private ConfigGroup spoilt(ConfigGroup group) {
        ConfigGroup.Builder spoilt = group.toBuilder();
        List<String> below = new ArrayList<>(new TreeSet<>(group.getGroupsMap().keySet()));
        if (!below.isEmpty() && random.nextInt(3) > 0) {
            String name = below.get(random.nextInt(below.size()));
            return spoilt.putGroups(name, spoilt(group.getGroupsOrThrow(name))).build();
        }
        List<String> values = new ArrayList<>(new TreeSet<>(group.getValuesMap().keySet()));
        String value = values.isEmpty() ? "Z" : values.get(random.nextInt(values.size()));
        ConfigValue old = group.getValuesOrDefault(value, ConfigValue.getDefaultInstance());
        String bad = List.of("", "a b", "..", "a//b", "/", "Admins").get(random.nextInt(6));
        switch (random.nextInt(9)) {
            case 0 -> spoilt.setVersion(group.getVersion() + random.nextInt(3) - 1);
            case 1 ->
                spoilt.putValues(
                        value,
                        old.toBuilder()
                                .setVersion(old.getVersion() + random.nextInt(3) - 1)
                                .build());
            case 2 -> spoilt.removeValues(value);
            case 3 ->
                spoilt.putValues(
                        value,
                        old.toBuilder()
                                .setVersion(old.getVersion() + 1)
                                .setModPolicy(bad)
                                .build());
            case 4 -> spoilt.putValues(List.of("a b", "..", "", "ä").get(random.nextInt(4)), value());
            case 5 -> spoilt.putValues("New", value());
            case 6 ->
                spoilt.putPolicies(
                        "New",
                        policyElement().toBuilder()
                                .setVersion(random.nextInt(2))
                                .build());
            case 7 -> spoilt.putGroups("New", randomGroup(3));
            default -> spoilt.setModPolicy(bad);
        }
        return spoilt.build();
    }

    /// Messages with the entries of their maps in any order, some written twice (the last one counts), and with fields
    /// nobody knows.
    private static final class Shuffled {
        private Shuffled() {}

        static byte[] update(ConfigUpdate update, Random random) throws IOException {
            ByteString.Output bytes = ByteString.newOutput();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeString(900, "unknown");
            if (update.hasWriteSet()) {
                out.writeByteArray(3, group(update.getWriteSet(), random));
            }
            if (update.hasReadSet()) {
                out.writeByteArray(2, group(update.getReadSet(), random));
            }
            out.writeString(1, update.getChannelId());
            out.flush();
            return bytes.toByteString().toByteArray();
        }

        static byte[] group(ConfigGroup group, Random random) throws IOException {
            List<byte[]> fields = new ArrayList<>();
            for (Map.Entry<String, ConfigGroup> below : group.getGroupsMap().entrySet()) {
                fields.add(entry(2, below.getKey(), group(below.getValue(), random)));
            }
            for (Map.Entry<String, ConfigValue> value : group.getValuesMap().entrySet()) {
                fields.add(entry(3, value.getKey(), value.getValue().toByteArray()));
            }
            for (Map.Entry<String, ConfigPolicy> policy : group.getPoliciesMap().entrySet()) {
                fields.add(entry(4, policy.getKey(), policy.getValue().toByteArray()));
            }
            Collections.shuffle(fields, random);
            ByteString.Output bytes = ByteString.newOutput();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeString(5, group.getModPolicy());
            out.writeUInt64(901, random.nextInt());
            for (byte[] field : fields) {
                if (random.nextInt(8) == 0) {
                    out.writeRawBytes(twice(field));
                }
                out.writeRawBytes(field);
            }
            out.writeUInt64(1, group.getVersion());
            out.flush();
            return bytes.toByteString().toByteArray();
        }

        private static byte[] entry(int field, String key, byte[] value) throws IOException {
            return entry(field, key, ByteString.copyFrom(value));
        }

        private static byte[] entry(int field, String key, ByteString value) throws IOException {
            ByteString.Output entry = ByteString.newOutput();
            CodedOutputStream out = CodedOutputStream.newInstance(entry);
            out.writeBytes(2, value);
            out.writeString(1, key);
            out.flush();
            ByteString.Output whole = ByteString.newOutput();
            CodedOutputStream outer = CodedOutputStream.newInstance(whole);
            outer.writeBytes(field, entry.toByteString());
            outer.flush();
            return whole.toByteString().toByteArray();
        }

        /// An entry of the same key that the real one overrides.
        private static byte[] twice(byte[] field) throws InvalidProtocolBufferException, IOException {
            ConfigGroup one = ConfigGroup.parseFrom(field);
            MessageLite wrong = ConfigValue.newBuilder().setVersion(77).build();
            for (String key : one.getGroupsMap().keySet()) {
                return entry(2, key, wrong.toByteString());
            }
            for (String key : one.getValuesMap().keySet()) {
                return entry(3, key, wrong.toByteString());
            }
            for (String key : one.getPoliciesMap().keySet()) {
                return entry(4, key, wrong.toByteString());
            }
            return new byte[0];
        }
    }
}
