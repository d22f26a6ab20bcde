package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A place in a document: names of members and numbers of items with dots between them, `a.b.1`; a dot in a name is
/// written `\.`. Nothing, or one dot, is the document itself.
///
/// @param steps none for the document itself
record JsonPath(List<String> steps) {
    /// Most steps: as deep as a document may be.
    private static final int STEPS_MAX = JsonReader.DEPTH_MAX;

    static JsonPath of(byte[] word) {
        String text = new String(word, StandardCharsets.UTF_8);
        List<String> steps = new ArrayList<>();
        StringBuilder step = new StringBuilder();
        for (int i = text.startsWith(".") ? 1 : 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                step.append(text.charAt(++i));
            } else if (c == '.') {
                steps.add(step.toString());
                step.setLength(0);
            } else {
                step.append(c);
            }
        }
        if (!step.isEmpty() || !steps.isEmpty()) {
            steps.add(step.toString());
        }
        if (steps.size() > STEPS_MAX) {
            throw BadWords.of("path of %d steps: %d at most".formatted(steps.size(), STEPS_MAX));
        }
        return new JsonPath(List.copyOf(steps));
    }

    boolean isRoot() {
        return steps.isEmpty();
    }

    /// What is there; null for nothing.
    @Nullable
    Json find(@Nullable Json root) {
        Json here = root;
        for (String step : steps) {
            here = child(here, step);
        }
        return here;
    }

    private static @Nullable Json child(@Nullable Json parent, String step) {
        if (parent instanceof Json.Members members) {
            return members.map().get(step);
        }
        if (parent instanceof Json.Items items) {
            int index = index(step);
            return index >= 0 && index < items.list().size() ? items.list().get(index) : null;
        }
        return null;
    }

    private static int index(String step) {
        OptionalLong number = Numbers.whole(step.getBytes(StandardCharsets.UTF_8));
        return number.isPresent() && number.getAsLong() >= 0 && number.getAsLong() < Integer.MAX_VALUE
                ? (int) number.getAsLong()
                : -1;
    }

    /// Puts a value there; objects that are missing on the way are made. An item may be replaced, or added behind the
    /// last one, by its number or by -1.
    ///
    /// @return the document, which is the value when that is its place
    Json put(@Nullable Json root, Json value) {
        if (isRoot()) {
            return value;
        }
        Json top = root == null ? new Json.Members(new LinkedHashMap<>()) : root;
        Json parent = top;
        for (String step : steps.subList(0, steps.size() - 1)) {
            Json next = child(parent, step);
            if (next == null) {
                next = new Json.Members(new LinkedHashMap<>());
                set(parent, step, next);
            }
            parent = next;
        }
        set(parent, steps.getLast(), value);
        return top;
    }

    private static void set(Json parent, String step, Json value) {
        if (parent instanceof Json.Members members) {
            members.map().put(step, value);
            return;
        }
        if (parent instanceof Json.Items items) {
            int size = items.list().size();
            int index = step.equals("-1") ? size : index(step);
            if (index == size) {
                items.list().add(value);
                return;
            }
            if (index >= 0 && index < size) {
                items.list().set(index, value);
                return;
            }
        }
        throw Refused.of("the path leads nowhere: '%s' has no member '%s'"
                .formatted(parent.kind(), CommandTable.shown(step.getBytes(StandardCharsets.UTF_8))));
    }

    /// Takes what is there away; not for the document itself.
    ///
    /// @return whether there was something
    boolean remove(Json root) {
        String last = steps.getLast();
        Json parent = new JsonPath(steps.subList(0, steps.size() - 1)).find(root);
        if (parent instanceof Json.Members members) {
            return members.map().remove(last) != null;
        }
        if (parent instanceof Json.Items items && child(items, last) != null) {
            items.list().remove(index(last));
            return true;
        }
        return false;
    }
}
