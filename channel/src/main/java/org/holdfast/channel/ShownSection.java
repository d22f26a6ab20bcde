package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigValue;

/// One group of a config tree on its way to the readable document. Used by one thread.
final class ShownSection {
    static final String POLICIES = "policies";
    static final String CHANGED_BY = "changedBy";
    static final String OTHER_VALUES = "otherValues";
    static final String CAPABILITIES = "capabilities";
    static final String ORGANIZATIONS = "organizations";
    /// Under [#CHANGED_BY]: who may change the group's list of members.
    static final String GROUP = "group";

    private static final String ADMINS = "Admins";
    /// The one value that Fabric's tools give to others than the group's admins.
    private static final String ADDRESSES = "OrdererAddresses";

    private final ConfigGroup group;
    private final Map<String, Doc> fields = new LinkedHashMap<>();
    private final Set<String> shown = new HashSet<>();

    ShownSection(ConfigGroup group) {
        this.group = group;
    }

    /// The modification policy that is not worth a word.
    static String usualPolicy(String element) {
        return element.equals(ADDRESSES) ? "/Channel/Orderer/Admins" : ADMINS;
    }

    ShownSection put(String name, Doc value) {
        fields.put(name, value);
        return this;
    }

    ShownSection put(String name, String text) {
        return put(name, new Doc.Text(text));
    }

    /// Shows a value; one that is absent is left out, one that cannot be read is shown as base64 by [#done].
    <T> ShownSection value(String name, Parser<T> parser, Consumer<T> show) {
        ConfigValue found = group.getValuesMap().get(name);
        if (found != null) {
            try {
                T value = parser.parseFrom(found.getValue());
                shown.add(name);
                show.accept(value);
            } catch (InvalidProtocolBufferException unreadable) {
                shown.remove(name);
            }
        }
        return this;
    }

    /// As [#value], for one that is a list of texts.
    <T> ShownSection list(String name, Parser<T> parser, String field, Function<T, List<String>> texts) {
        return value(name, parser, value -> put(field, Doc.Items.ofTexts(texts.apply(value))));
    }

    /// The groups below, by name.
    ShownSection groups(String field, Function<ConfigGroup, Doc> show) {
        Map<String, Doc> groups = new LinkedHashMap<>();
        new TreeMap<>(group.getGroupsMap()).forEach((name, below) -> groups.put(name, show.apply(below)));
        return put(field, new Doc.Fields(groups));
    }

    /// What every section has.
    ShownSection rest() {
        list(
                "Capabilities",
                Capabilities.parser(),
                CAPABILITIES,
                value -> value.getCapabilitiesMap().keySet().stream().sorted().toList());
        if (group.getPoliciesCount() > 0) {
            Map<String, Doc> policies = new LinkedHashMap<>();
            new TreeMap<>(group.getPoliciesMap())
                    .forEach((name, policy) -> policies.put(name, new Doc.Text(PolicyWords.of(policy))));
            put(POLICIES, new Doc.Fields(policies));
        }
        Map<String, Doc> changedBy = new TreeMap<>();
        unusual(GROUP, group.getModPolicy(), changedBy);
        group.getValuesMap().forEach((name, value) -> unusual(name, value.getModPolicy(), changedBy));
        group.getPoliciesMap().forEach((name, policy) -> unusual(name, policy.getModPolicy(), changedBy));
        if (!changedBy.isEmpty()) {
            put(CHANGED_BY, new Doc.Fields(changedBy));
        }
        return this;
    }

    private static void unusual(String name, String policy, Map<String, Doc> into) {
        if (!policy.equals(usualPolicy(name))) {
            into.put(name, new Doc.Text(policy));
        }
    }

    Doc.Fields done() {
        Map<String, Doc> others = new TreeMap<>();
        group.getValuesMap().forEach((name, value) -> {
            if (!shown.contains(name)) {
                others.put(name, new Doc.Text(base64(value.getValue()), "nothing is known of these bytes"));
            }
        });
        if (!others.isEmpty()) {
            put(OTHER_VALUES, new Doc.Fields(others));
        }
        return new Doc.Fields(fields);
    }

    static String base64(ByteString bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
