package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.YamlTree;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Capability;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.Policy;
import org.jspecify.annotations.Nullable;

/// One group of a config tree on its way back from the readable document. What reads as it was shown stays as it was,
/// byte for byte. Faults are noted in the document. Used by one thread.
final class EditedSection {
    private static final Pattern ADDRESS = Pattern.compile("(\\S+):([0-9]{1,5})");
    private static final Pattern IMPLICIT = Pattern.compile("(ANY|ALL|MAJORITY)\\s+(\\S+)");
    private static final Pattern KEY = Pattern.compile("[a-zA-Z0-9.-]{1,249}");
    private static final int LARGEST_PORT = 65_535;

    private final YamlTree now;
    private final Doc.Fields shown;
    private final ConfigGroup.Builder group;

    /// @param now the section as it was edited
    /// @param shown as [ShownTree] wrote it
    /// @param original the group it was written from
    EditedSection(YamlTree now, Doc.Fields shown, ConfigGroup original) {
        this.now = now;
        this.shown = shown;
        this.group = original.toBuilder();
    }

    YamlTree at(String key) {
        return now.at(key);
    }

    ConfigGroup.Builder group() {
        return group;
    }

    /// Refuses fields this section cannot have.
    EditedSection keys(String... own) {
        Set<String> known = new LinkedHashSet<>(List.of(own));
        known.addAll(List.of(
                ShownSection.CAPABILITIES, ShownSection.POLICIES, ShownSection.CHANGED_BY, ShownSection.OTHER_VALUES));
        onlyKeys(now, known);
        return this;
    }

    static void onlyKeys(YamlTree tree, Set<String> known) {
        tree.entries().forEach((key, value) -> {
            if (!known.contains(key)) {
                value.fault("is no field here; %sknown are %s"
                        .formatted(
                                Nearest.of(key, known)
                                        .map(near -> "did you mean '%s'? ".formatted(near))
                                        .orElse(""),
                                String.join(", ", known)));
            }
        });
    }

    /// Whether fields read as they were shown.
    boolean same(String... fields) {
        for (String field : fields) {
            if (!Doc.same(Doc.of(now.at(field)), shown.get(field))) {
                return false;
            }
        }
        return true;
    }

    /// Sets a value when one of its fields was edited.
    ///
    /// @param rebuilt makes it of the document; null takes it out
    EditedSection value(String name, boolean same, Supplier<@Nullable MessageLite> rebuilt) {
        if (same) {
            return this;
        }
        MessageLite made = rebuilt.get();
        if (made == null) {
            group.removeValues(name);
            return this;
        }
        ConfigValue before = group.getValuesOrDefault(
                name,
                ConfigValue.newBuilder()
                        .setModPolicy(ShownSection.usualPolicy(name))
                        .build());
        group.putValues(name, before.toBuilder().setValue(made.toByteString()).build());
        return this;
    }

    /// Sets a value that is a list of texts under one field.
    EditedSection list(String name, String field, Function<List<String>, MessageLite> made) {
        return value(
                name,
                same(field),
                () -> now.at(field).present() ? made.apply(now.at(field).texts()) : null);
    }

    /// The groups below; those that are no longer named go, new ones come.
    EditedSection groups(String field, GroupReader reader) {
        Map<String, YamlTree> wanted = now.at(field).entries();
        List.copyOf(group.getGroupsMap().keySet()).stream()
                .filter(name -> !wanted.containsKey(name) || !wanted.get(name).present())
                .forEach(group::removeGroups);
        wanted.forEach((name, tree) -> {
            if (!tree.present()) {
                return;
            }
            if (!KEY.matcher(name).matches()) {
                tree.fault("has a name of other characters than letters, digits, '.' and '-'");
                return;
            }
            ConfigGroup before = group.getGroupsMap().get(name);
            ConfigGroup base = before == null
                    ? ConfigGroup.newBuilder()
                            .setModPolicy(ShownSection.usualPolicy(name))
                            .build()
                    : before;
            group.putGroups(name, reader.read(tree, base, before == null));
        });
        return this;
    }

    /// Reads a group below.
    interface GroupReader {
        /// @param before the group it was; an empty one when it is new
        ConfigGroup read(YamlTree tree, ConfigGroup before, boolean isNew);
    }

    /// What every section has.
    ConfigGroup done() {
        list("Capabilities", ShownSection.CAPABILITIES, names -> {
            Capabilities.Builder made = Capabilities.newBuilder();
            names.forEach(name -> made.putCapabilities(name, Capability.getDefaultInstance()));
            return made.build();
        });
        policies();
        others();
        changedBy();
        return group.build();
    }

    private void policies() {
        Map<String, YamlTree> wanted = now.at(ShownSection.POLICIES).entries();
        List.copyOf(group.getPoliciesMap().keySet()).stream()
                .filter(name -> !wanted.containsKey(name) || !wanted.get(name).present())
                .forEach(group::removePolicies);
        wanted.forEach((name, words) -> {
            ConfigPolicy before = group.getPoliciesMap().get(name);
            if (!words.present() || (before != null && Doc.same(Doc.of(words), new Doc.Text(PolicyWords.of(before))))) {
                return;
            }
            Policy made = policy(words);
            ConfigPolicy.Builder changed = before == null
                    ? ConfigPolicy.newBuilder().setModPolicy(ShownSection.usualPolicy(name))
                    : before.toBuilder();
            group.putPolicies(name, changed.setPolicy(made).build());
        });
    }

    /// A policy as [PolicyWords] writes it.
    static Policy policy(YamlTree words) {
        String text = words.required();
        Matcher implicit = IMPLICIT.matcher(text);
        if (implicit.matches()) {
            return Policy.newBuilder()
                    .setType(Policy.PolicyType.IMPLICIT_META_VALUE)
                    .setValue(ImplicitMetaPolicy.newBuilder()
                            .setRule(ImplicitMetaPolicy.Rule.valueOf(implicit.group(1)))
                            .setSubPolicy(implicit.group(2))
                            .build()
                            .toByteString())
                    .build();
        }
        try {
            return Policy.newBuilder()
                    .setType(Policy.PolicyType.SIGNATURE_VALUE)
                    .setValue(SignatureRule.parse(text).toByteString())
                    .build();
        } catch (SignatureRule.Unreadable e) {
            words.fault(("is no policy: %s; such as \"MAJORITY Admins\" (ANY, ALL or MAJORITY) or"
                            + " \"OR('Org1MSP.admin', 'Org2MSP.admin')\" is wanted")
                    .formatted(Decode.reason(e)));
            return Policy.getDefaultInstance();
        }
    }

    private void others() {
        Doc.Fields before =
                shown.get(ShownSection.OTHER_VALUES) instanceof Doc.Fields fields ? fields : new Doc.Fields(Map.of());
        Map<String, YamlTree> wanted = now.at(ShownSection.OTHER_VALUES).entries();
        before.fields().keySet().stream()
                .filter(name -> !wanted.containsKey(name) || !wanted.get(name).present())
                .forEach(group::removeValues);
        wanted.forEach((name, text) -> {
            if (text.present() && !Doc.same(Doc.of(text), before.get(name))) {
                ConfigValue.Builder value = group
                        .getValuesOrDefault(
                                name,
                                ConfigValue.newBuilder()
                                        .setModPolicy(ShownSection.usualPolicy(name))
                                        .build())
                        .toBuilder();
                group.putValues(
                        name, value.setValue(base64(text, text.required())).build());
            }
        });
    }

    private void changedBy() {
        Map<String, YamlTree> wanted = now.at(ShownSection.CHANGED_BY).entries();
        Set<String> elements = new LinkedHashSet<>(Set.of(ShownSection.GROUP));
        elements.addAll(group.getValuesMap().keySet());
        elements.addAll(group.getPoliciesMap().keySet());
        wanted.forEach((name, path) -> {
            if (!elements.contains(name)) {
                path.fault("names no value and no policy of this section; there are "
                        + String.join(", ", elements.stream().sorted().toList()));
            }
        });
        Doc.Fields before =
                shown.get(ShownSection.CHANGED_BY) instanceof Doc.Fields fields ? fields : new Doc.Fields(Map.of());
        for (String name : elements) {
            YamlTree path = now.at(ShownSection.CHANGED_BY).at(name);
            if (Doc.same(Doc.of(path), before.get(name))) {
                continue;
            }
            String policy = path.text().orElse(ShownSection.usualPolicy(name));
            if (name.equals(ShownSection.GROUP)) {
                group.setModPolicy(policy);
            }
            ConfigValue value = group.getValuesMap().get(name);
            if (value != null) {
                group.putValues(name, value.toBuilder().setModPolicy(policy).build());
            }
            ConfigPolicy rule = group.getPoliciesMap().get(name);
            if (rule != null) {
                group.putPolicies(name, rule.toBuilder().setModPolicy(policy).build());
            }
        }
    }

    static ByteString base64(YamlTree at, String text) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            at.fault("is no base64: " + e.getMessage());
            return ByteString.EMPTY;
        }
    }

    /// A number of bytes such as `512 KB` or `10 MB`.
    static int bytes(YamlTree at) {
        String text = at.required();
        OptionalInt bytes = ByteSize.parse(text);
        if (bytes.isEmpty() && !text.isEmpty()) {
            at.fault("is '%s', a number of bytes from 1 to 2147483647 such as 512 KB or 10 MB is wanted"
                    .formatted(text));
        }
        return bytes.orElse(0);
    }

    /// A whole number that must be there.
    static int number(YamlTree at, int least) {
        at.required();
        return at.number(least, least, Integer.MAX_VALUE);
    }

    /// A duration in Go's words.
    static String duration(YamlTree at) {
        String text = at.required();
        var length = GoDuration.parse(text);
        if (!text.isEmpty() && (length == null || length.isNegative() || length.isZero())) {
            at.fault(
                    "is '%s', a duration such as 2s or 500ms is wanted, above 0 and at most 292 years".formatted(text));
        }
        return text;
    }

    /// @param host may hold colons itself
    record Address(String host, int port) {}

    /// `host:port`.
    static Address address(YamlTree at, String text) {
        Matcher matcher = ADDRESS.matcher(text);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
        if (port < 1 || port > LARGEST_PORT) {
            if (!text.isEmpty()) {
                at.fault("is '%s', an address such as orderer1.example.com:7050 is wanted".formatted(text));
            }
            return new Address("", 0);
        }
        return new Address(matcher.group(1), port);
    }

    /// The addresses of a list.
    static List<Address> addresses(YamlTree list) {
        List<Address> addresses = new ArrayList<>();
        list.items().forEach(item -> addresses.add(address(item, item.required())));
        return addresses;
    }
}
