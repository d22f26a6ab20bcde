package org.holdfast.channel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.env.YamlTree;
import org.jspecify.annotations.Nullable;

/// A path into a readable config, e.g. `orderer.batch.timeout`, `application.organizations."a.b".anchorPeers`,
/// `orderer.consenters[0].address`, `channel.ordererAddresses[+]`. A name with dots needs quotes only when it is not
/// there yet.
final class DocPath {
    private static final int APPEND = -1;

    private final String path;
    private final List<Step> steps;

    private DocPath(String path, List<Step> steps) {
        this.path = path;
        this.steps = steps;
    }

    private sealed interface Step {
        record Name(String name) implements Step {}

        record Index(int index) implements Step {}
    }

    /// The path or the value does not fit the document.
    static final class Misfit extends Exception {
        private static final long serialVersionUID = 1L;

        Misfit(String text) {
            super(text);
        }
    }

    static DocPath of(String path) throws Misfit {
        List<Step> steps = new ArrayList<>();
        int at = 0;
        while (at < path.length()) {
            char first = path.charAt(at);
            int end;
            if (first == '"') {
                end = path.indexOf('"', at + 1);
                if (end < 0) {
                    throw new Misfit("%s has a quote without an end".formatted(path));
                }
                steps.add(new Step.Name(path.substring(at + 1, end)));
                end++;
            } else if (first == '[') {
                end = path.indexOf(']', at) + 1;
                String index = end == 0 ? "" : path.substring(at + 1, end - 1);
                if (!index.matches("\\+|[0-9]{1,6}")) {
                    throw new Misfit("%s has '[' without a number and ']' behind it".formatted(path));
                }
                steps.add(new Step.Index(index.equals("+") ? APPEND : Integer.parseInt(index)));
            } else {
                end = at;
                while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
                    end++;
                }
                if (end == at) {
                    throw new Misfit("'%s' has an empty name in it".formatted(path));
                }
                steps.add(new Step.Name(path.substring(at, end)));
            }
            at = end < path.length() && path.charAt(end) == '.' ? end + 1 : end;
        }
        if (steps.isEmpty()) {
            throw new Misfit("an empty path names nothing");
        }
        return new DocPath(path, steps);
    }

    /// What a value after `=` means: a list or mapping in YAML's flow style, null for nothing, else text.
    static @Nullable Doc value(String text) throws Misfit {
        String plain = text.strip();
        if (plain.equals("null") || plain.equals("~")) {
            return null;
        }
        if (plain.startsWith("[") || plain.startsWith("{")) {
            YamlTree tree =
                    YamlTree.of("the value", ("value: " + plain).getBytes(java.nio.charset.StandardCharsets.UTF_8));
            if (!tree.faults().isEmpty()) {
                throw new Misfit("'%s' is no list and no mapping: %s"
                        .formatted(plain, tree.faults().getFirst()));
            }
            return Doc.of(tree.at("value"));
        }
        int last = plain.length() - 1;
        boolean quoted = last > 0
                && (plain.charAt(0) == '"' || plain.charAt(0) == '\'')
                && plain.charAt(last) == plain.charAt(0);
        return new Doc.Text(quoted ? plain.substring(1, plain.length() - 1) : text);
    }

    /// The document with another value at this path.
    ///
    /// @param value null takes away what is there
    Doc.Fields set(Doc.Fields document, @Nullable Doc value) throws Misfit {
        return (Doc.Fields) replaced(document, 0, value);
    }

    private Doc replaced(@Nullable Doc here, int at, @Nullable Doc value) throws Misfit {
        return switch (steps.get(at)) {
            case Step.Name _ -> {
                if (here != null && !(here instanceof Doc.Fields)) {
                    throw new Misfit("%s: there is %s where the path goes on; nothing lies below it"
                            .formatted(path, here instanceof Doc.Items ? "a list ([0], [+])" : "a single value"));
                }
                yield field(here == null ? new Doc.Fields(Map.of()) : (Doc.Fields) here, at, value);
            }
            case Step.Index index -> {
                if (here != null && !(here instanceof Doc.Items)) {
                    throw new Misfit("%s: there is no list before [%d]".formatted(path, index.index()));
                }
                yield item(here == null ? List.of() : ((Doc.Items) here).items(), index.index(), at, value);
            }
        };
    }

    private Doc field(Doc.Fields fields, int at, @Nullable Doc value) throws Misfit {
        String name = ((Step.Name) steps.get(at)).name();
        int next = at + 1;
        // The longest known name wins: names of organisations have dots.
        StringBuilder joined = new StringBuilder(name);
        for (int i = at + 1; i < steps.size() && steps.get(i) instanceof Step.Name more; i++) {
            joined.append('.').append(more.name());
            if (fields.fields().containsKey(joined.toString())) {
                name = joined.toString();
                next = i + 1;
            }
        }
        Doc before = fields.get(name);
        if (next == steps.size()) {
            if (value == null && before == null) {
                throw new Misfit("%s is not there; nothing is to be taken away".formatted(path));
            }
            return fields.with(name, value);
        }
        return fields.with(name, replaced(before, next, value));
    }

    private Doc item(List<Doc> before, int index, int at, @Nullable Doc value) throws Misfit {
        List<Doc> items = new ArrayList<>(before);
        boolean last = at + 1 == steps.size();
        if (index == APPEND) {
            if (last && value == null) {
                throw new Misfit("%s: nothing can be taken away there".formatted(path));
            }
            items.add(last && value != null ? value : replaced(null, at + 1, value));
        } else if (index >= items.size()) {
            throw new Misfit("%s: the list has %d items, counted from 0".formatted(path, items.size()));
        } else if (last && value == null) {
            items.remove(index);
        } else {
            items.set(index, last && value != null ? value : replaced(items.get(index), at + 1, value));
        }
        return new Doc.Items(items);
    }

    /// The document with a partial one laid over it: fields are merged, everything else is replaced.
    static Doc.Fields patched(Doc.Fields document, YamlTree patch) {
        Map<String, Doc> result = new LinkedHashMap<>(document.fields());
        for (Map.Entry<String, YamlTree> entry : patch.entries().entrySet()) {
            YamlTree wanted = entry.getValue();
            Doc before = result.get(entry.getKey());
            Doc after = wanted.isMapping() && before instanceof Doc.Fields fields
                    ? patched(fields, wanted)
                    : Doc.of(wanted);
            if (after == null) {
                result.remove(entry.getKey());
            } else {
                result.put(entry.getKey(), after);
            }
        }
        return new Doc.Fields(result);
    }
}
