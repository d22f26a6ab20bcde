package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;

/// One element of a config tree, which has a version and says who may change it.
sealed interface TreeElement {
    /// The root group's path.
    String ROOT = "/Channel";

    /// Characters of a group's, value's or policy's name.
    Pattern NAME = Pattern.compile("[a-zA-Z0-9.-]{1,249}");

    /// From the root, e.g. `/Channel/Orderer/BatchTimeout`.
    String path();

    /// Unsigned.
    long version();

    /// Whose signatures change the element: relative to [#home], or absolute.
    String modPolicy();

    /// The group in which a relative mod_policy stands.
    String home();

    /// Kind and path as Fabric's error texts print them, two blanks behind all but `[Policy]`.
    String key();

    /// A group; its members are elements of their own, it lists their names.
    record OfGroup(String path, ConfigGroup group) implements TreeElement {
        @Override
        public long version() {
            return group.getVersion();
        }

        @Override
        public String modPolicy() {
            return group.getModPolicy();
        }

        @Override
        public String home() {
            return path;
        }

        @Override
        public String key() {
            return key(path);
        }

        static String key(String path) {
            return "[Group]  " + path;
        }
    }

    /// A value.
    record OfValue(String path, ConfigValue value) implements TreeElement {
        @Override
        public long version() {
            return value.getVersion();
        }

        @Override
        public String modPolicy() {
            return value.getModPolicy();
        }

        @Override
        public String home() {
            return parent(path);
        }

        @Override
        public String key() {
            return key(path);
        }

        static String key(String path) {
            return "[Value]  " + path;
        }

        /// What the value means; empty when there is no such value.
        static ByteString bytes(Map<String, TreeElement> elements, String path) {
            return elements.get(key(path)) instanceof OfValue found ? found.value.getValue() : ByteString.EMPTY;
        }
    }

    /// A policy.
    record OfPolicy(String path, ConfigPolicy policy) implements TreeElement {
        @Override
        public long version() {
            return policy.getVersion();
        }

        @Override
        public String modPolicy() {
            return policy.getModPolicy();
        }

        @Override
        public String home() {
            return parent(path);
        }

        @Override
        public String key() {
            return key(path);
        }

        static String key(String path) {
            return "[Policy] " + path;
        }
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    /// Every element of a tree by its key, sorted: nothing may hang on the order in which a map was sent.
    static Map<String, TreeElement> flatten(ConfigGroup root) {
        Map<String, TreeElement> found = new TreeMap<>();
        group(ROOT, root, found);
        return found;
    }

    private static void group(String path, ConfigGroup group, Map<String, TreeElement> found) {
        put(new OfGroup(path, group), found);
        group.getValuesMap().forEach((name, value) -> put(new OfValue(path + "/" + name, value), found));
        group.getPoliciesMap().forEach((name, policy) -> put(new OfPolicy(path + "/" + name, policy), found));
        group.getGroupsMap().forEach((name, below) -> group(path + "/" + name, below, found));
    }

    private static void put(TreeElement element, Map<String, TreeElement> found) {
        found.put(element.key(), element);
    }

    /// Every element of a read or write set, whose names are a stranger's.
    ///
    /// @throws UpdateFault when a name is none
    static Map<String, TreeElement> flattenChecked(ConfigGroup root) {
        names(ROOT, root);
        return flatten(root);
    }

    private static void names(String path, ConfigGroup group) {
        new TreeSet<>(group.getValuesMap().keySet()).forEach(name -> requireName(path, name));
        new TreeSet<>(group.getPoliciesMap().keySet()).forEach(name -> requireName(path, name));
        new TreeMap<>(group.getGroupsMap()).forEach((name, below) -> {
            requireName(path, name);
            names(path + "/" + name, below);
        });
    }

    private static void requireName(String path, String name) {
        if (!isName(name)) {
            throw new UpdateFault(
                    Code.UPDATE_INVALID,
                    "'%s' under %s is no config key: letters, digits, dots and dashes, at most 249"
                            .formatted(name, path));
        }
    }

    /// Whether a text may name an element.
    static boolean isName(String name) {
        return NAME.matcher(name).matches() && !name.equals(".") && !name.equals("..");
    }
}
