package org.holdfast.channel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.env.YamlTree;
import org.jspecify.annotations.Nullable;

/// A piece of a readable config: a text, a list or named fields. Not changed once made.
sealed interface Doc {
    /// @param note a comment for people; says nothing to [#same]
    record Text(String text, String note) implements Doc {
        Text(String text) {
            this(text, "");
        }
    }

    record Items(List<Doc> items) implements Doc {
        public Items {
            items = List.copyOf(items);
        }

        static Items ofTexts(List<String> texts) {
            List<Doc> items = new ArrayList<>();
            texts.forEach(text -> items.add(new Text(text)));
            return new Items(items);
        }
    }

    /// Fields in the order they are written.
    record Fields(Map<String, Doc> fields) implements Doc {
        public Fields {
            fields = new LinkedHashMap<>(fields);
        }

        @Nullable
        Doc get(String name) {
            return fields.get(name);
        }

        /// The same with one field more, or another value for it; without it for null.
        Fields with(String name, @Nullable Doc value) {
            Map<String, Doc> changed = new LinkedHashMap<>(fields);
            if (value == null) {
                changed.remove(name);
            } else {
                changed.put(name, value);
            }
            return new Fields(changed);
        }
    }

    /// What stands in a file; null for nothing.
    static @Nullable Doc of(YamlTree tree) {
        if (!tree.present()) {
            return null;
        }
        if (tree.isMapping()) {
            Map<String, Doc> fields = new LinkedHashMap<>();
            tree.entries().forEach((name, value) -> {
                Doc read = of(value);
                if (read != null) {
                    fields.put(name, read);
                }
            });
            return new Fields(fields);
        }
        if (tree.isList()) {
            List<Doc> items = new ArrayList<>();
            for (YamlTree item : tree.items()) {
                Doc read = of(item);
                items.add(read == null ? new Text("") : read);
            }
            return new Items(items);
        }
        return new Text(tree.text().orElse(""));
    }

    /// Whether two pieces say the same: blanks around texts and the order of fields do not matter.
    static boolean same(@Nullable Doc one, @Nullable Doc other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return switch (one) {
            case Text text -> other instanceof Text there && plain(text.text()).equals(plain(there.text()));
            case Items items ->
                other instanceof Items there
                        && items.items().size() == there.items().size()
                        && eachSame(items.items(), there.items());
            case Fields fields ->
                other instanceof Fields there
                        && fields.fields().keySet().equals(there.fields().keySet())
                        && fields.fields().entrySet().stream()
                                .allMatch(entry -> same(entry.getValue(), there.get(entry.getKey())));
        };
    }

    private static boolean eachSame(List<Doc> ones, List<Doc> others) {
        for (int i = 0; i < ones.size(); i++) {
            if (!same(ones.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }

    /// A text as a file gives it back.
    static String plain(String text) {
        return text.replace("\r\n", "\n").strip();
    }
}
