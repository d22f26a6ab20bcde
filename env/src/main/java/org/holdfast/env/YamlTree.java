package org.holdfast.env;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// A YAML file an operator wrote, with typed look-ups. What is wrong is gathered with its path and line instead of
/// thrown, so that all faults of a file can be told at once. Anchors, aliases and merge keys (`<<`, YAML 1.1) are
/// followed; a key written here goes before a merged one. A value `null` counts as absent. Belongs to one thread.
public final class YamlTree {
    /// A channel config of 10 MB takes about twice that as a document.
    private static final int CODE_POINTS_MAX = 64 << 20;

    private static final String MERGE = "<<";
    /// Merges within merges deeper than this are a fault: an anchor that contains itself has no end.
    private static final int MERGES_DEEPEST = 32;

    private final String path;
    private final @Nullable Node node;
    private final List<String> faults;
    private final Map<String, Node> keys = new LinkedHashMap<>();

    private YamlTree(String path, @Nullable Node node, List<String> faults) {
        this.path = path;
        this.node = node;
        this.faults = faults;
        if (node instanceof MappingNode mapping) {
            gather(mapping, 0);
        }
    }

    /// Reads a document. One that is no YAML is an empty mapping with a fault.
    ///
    /// @param name of the file, for the faults
    /// @param content UTF-8
    public static YamlTree of(String name, byte[] content) {
        List<String> faults = new ArrayList<>();
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setCodePointLimit(CODE_POINTS_MAX)
                .build();
        try {
            Node root = new Compose(settings)
                    .composeString(new String(content, StandardCharsets.UTF_8))
                    .orElse(null);
            YamlTree tree = new YamlTree("", root, faults);
            if (root != null && !(root instanceof MappingNode)) {
                faults.add("%s is no mapping of keys to values".formatted(name));
            }
            return tree;
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark()
                    .map(mark -> " in line " + (mark.getLine() + 1))
                    .orElse("");
            faults.add("%s is no valid YAML%s: %s".formatted(name, line, e.getProblem()));
        } catch (YamlEngineException e) {
            faults.add("%s is no valid YAML: %s".formatted(name, e.getMessage()));
        }
        return new YamlTree("", null, faults);
    }

    private void gather(MappingNode mapping, int depth) {
        if (depth > MERGES_DEEPEST) {
            fault("merges into itself");
            return;
        }
        List<Node> merged = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                fault("has a key that is no text");
            } else if (key.getValue().equals(MERGE)) {
                merged.add(tuple.getValueNode());
            } else if (keys.putIfAbsent(key.getValue(), tuple.getValueNode()) != null && depth == 0) {
                fault(below(key.getValue()) + " is there twice" + line(tuple.getValueNode()));
            }
        }
        for (Node source : merged) {
            List<Node> parts = source instanceof SequenceNode list ? list.getValue() : List.of(source);
            for (Node part : parts) {
                if (part instanceof MappingNode other) {
                    gather(other, depth + 1);
                } else {
                    fault("merges (<<) something that is no mapping");
                }
            }
        }
    }

    /// All faults found so far, in this document.
    public List<String> faults() {
        return List.copyOf(faults);
    }

    /// Notes a fault of this value.
    ///
    /// @param text goes on after the value's path, e.g. `is no address`
    public void fault(String text) {
        faults.add(path.isEmpty() ? "the file " + text : path + " " + text + line(node));
    }

    /// Where this value stands, e.g. `nodes[2].host`; empty for the document.
    public String path() {
        return path;
    }

    /// Whether there is a value.
    public boolean present() {
        return node != null && !isNull(node);
    }

    /// Whether this is a mapping of keys to values.
    public boolean isMapping() {
        return node instanceof MappingNode;
    }

    /// Whether this is a list.
    public boolean isList() {
        return node instanceof SequenceNode;
    }

    /// A key's value; an absent one when it is not there.
    public YamlTree at(String key) {
        return new YamlTree(below(key), keys.get(key), faults);
    }

    /// The keys of this mapping with their values, in the file's order, merged ones last. A value that is no mapping is
    /// a fault and has none.
    public Map<String, YamlTree> entries() {
        Map<String, YamlTree> entries = new LinkedHashMap<>();
        if (present() && !(node instanceof MappingNode)) {
            fault("must be a mapping of keys to values");
        }
        keys.forEach((key, value) -> entries.put(key, new YamlTree(below(key), value, faults)));
        return entries;
    }

    /// The items of this list; none when it is absent. Something else is a fault.
    public List<YamlTree> items() {
        if (!present()) {
            return List.of();
        }
        if (!(node instanceof SequenceNode list)) {
            fault("must be a list");
            return List.of();
        }
        List<YamlTree> items = new ArrayList<>();
        for (Node item : list.getValue()) {
            items.add(new YamlTree("%s[%d]".formatted(path, items.size()), item, faults));
        }
        return items;
    }

    /// The items of this list as texts.
    public List<String> texts() {
        List<String> texts = new ArrayList<>();
        items().forEach(item -> item.text().ifPresentOrElse(texts::add, () -> item.fault("must not be empty")));
        return texts;
    }

    /// This value as text, without blanks around it; empty when absent or blank. A list or mapping is a fault.
    public Optional<String> text() {
        if (!present()) {
            return Optional.empty();
        }
        if (!(node instanceof ScalarNode scalar)) {
            fault("must be one value");
            return Optional.empty();
        }
        return Optional.of(scalar.getValue().strip()).filter(text -> !text.isEmpty());
    }

    /// This value as text; absent is a fault.
    public String required() {
        Optional<String> text = text();
        if (text.isEmpty() && (!present() || node instanceof ScalarNode)) {
            fault("is missing");
        }
        return text.orElse("");
    }

    /// This value as a whole number.
    ///
    /// @param fallback when it is absent or faulty
    public int number(int fallback, int least, int most) {
        Optional<String> text = text();
        if (text.isEmpty()) {
            return fallback;
        }
        if (text.get().matches("[+-]?[0-9]{1,10}")) {
            long number = Long.parseLong(text.get());
            if (number >= least && number <= most) {
                return (int) number;
            }
        }
        fault("is '%s', a number from %d to %d is wanted".formatted(text.get(), least, most));
        return fallback;
    }

    /// Notes a fault for every key of this mapping that is not among the known ones.
    public void onlyKeys(Set<String> known) {
        entries().forEach((key, value) -> {
            if (!known.contains(key)) {
                value.fault("is no key here; known are "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        });
    }

    private String below(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static boolean isNull(Node node) {
        // The engine's core schema knows `~` as well, but it follows merge keys itself, without end where one is
        // circular.
        return node.getTag().equals(Tag.NULL)
                || (node instanceof ScalarNode scalar
                        && scalar.isPlain()
                        && scalar.getValue().equals("~"));
    }

    private static String line(@Nullable Node node) {
        return node == null
                ? ""
                : node.getStartMark()
                        .map(mark -> " (line " + (mark.getLine() + 1) + ")")
                        .orElse("");
    }
}
