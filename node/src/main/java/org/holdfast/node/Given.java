package org.holdfast.node;

import com.google.errorprone.annotations.FormatMethod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.env.Disk;
import org.holdfast.env.Invariant;
import org.jspecify.annotations.Nullable;

/// What the settings file and the environment say, by key. Every known key's value is checked against its kind when it
/// is read; look-ups then give the value, or the default where the value is at fault. Faults and warnings are
/// gathered, not thrown. Confined to one thread.
final class Given {
    private final Path directory;
    private final Map<String, Setting> settings = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /// Where a value comes from.
    enum Source {
        DEFAULT,
        FILE,
        ENVIRONMENT
    }

    /// A value as text; a list has any number of words, anything else at most one.
    private record Setting(Key key, Source source, List<String> words) {}

    private Given(Path directory) {
        this.directory = directory;
    }

    /// Reads a file and lays the environment's `ORDERER_` variables over it. An empty variable is none.
    ///
    /// @throws BadSettings when the file cannot be read at all
    static Given read(Disk disk, Path file, Map<String, String> environment) throws BadSettings {
        Map<?, ?> root = Yaml.read(disk, file);
        Path parent = file.toAbsolutePath().getParent();
        Given given = new Given(parent == null ? Path.of(".") : parent);
        given.section("", root);
        new TreeMap<>(environment).forEach(given::variable);
        KnownKeys.ALL.forEach(given::check);
        return given;
    }

    /// What makes the settings unusable, in the order found.
    List<String> faults() {
        return faults;
    }

    /// What the operator should know although the settings can be used.
    List<String> warnings() {
        return warnings;
    }

    @FormatMethod
    void fault(String form, Object... parts) {
        faults.add(form.formatted(parts));
    }

    @FormatMethod
    void warn(String form, Object... parts) {
        warnings.add(form.formatted(parts));
    }

    /// Whether the file or the environment says anything for a key.
    boolean has(String path) {
        return !word(path).isEmpty() && setting(path).source != Source.DEFAULT;
    }

    /// The text; empty where there is none.
    String text(String path) {
        return word(path);
    }

    boolean flag(String path) {
        return Words.flag(word(path)).orElseThrow(() -> wrong(path));
    }

    /// A port, a count or a size.
    int number(String path) {
        return Words.size(word(path)).orElseThrow(() -> wrong(path));
    }

    Duration duration(String path) {
        return Words.duration(word(path)).orElseThrow(() -> wrong(path));
    }

    Optional<NodeSettings.Address> address(String path) {
        return Words.address(word(path));
    }

    /// A file or directory; a relative one lies beside the settings file.
    Optional<Path> path(String path) {
        return Optional.of(word(path)).filter(text -> !text.isEmpty()).map(this::resolved);
    }

    /// The same where there must be one; a fault otherwise.
    Path requiredPath(String path) {
        return path(path).orElseGet(() -> {
            fault("%s is empty: give a path", path);
            return directory;
        });
    }

    /// Files, relative ones beside the settings file.
    List<Path> paths(String path) {
        return setting(path).words.stream().map(this::resolved).toList();
    }

    /// Texts of a list.
    List<String> texts(String path) {
        return setting(path).words;
    }

    /// One line for each key with the value in force, as `General.ListenPort = 7050`, and where it comes from unless it
    /// is the default. What is secret is not shown.
    List<String> effective() {
        return KnownKeys.ALL.stream().map(key -> line(setting(key.path()))).toList();
    }

    private String line(Setting setting) {
        Key key = setting.key;
        List<String> words = key.kind() == Key.Kind.PATH || key.kind() == Key.Kind.PATHS
                ? setting.words.stream().map(word -> resolved(word).toString()).toList()
                : setting.words;
        String value = key.kind().isList() ? words.toString() : String.join("", words);
        if (key.isSecret() && !value.isEmpty()) {
            value = "(not shown)";
        }
        String from = switch (setting.source) {
            case DEFAULT -> "";
            case FILE -> " (file)";
            case ENVIRONMENT -> " (" + key.variable() + ")";
        };
        return (key.path() + " = " + value).stripTrailing() + from;
    }

    /// Not normalized: a directory before `..` may be a link.
    private Path resolved(String text) {
        return directory.resolve(text);
    }

    private static Invariant wrong(String path) {
        return Invariant.broken("the default of %s is of its kind", path);
    }

    private Setting setting(String path) {
        Key key = KnownKeys.find(path).orElseThrow(() -> Invariant.broken("%s is looked up and is no known key", path));
        Setting given = settings.get(key.folded());
        return given == null ? fallback(key) : given;
    }

    private static Setting fallback(Key key) {
        return new Setting(key, Source.DEFAULT, key.fallback().isEmpty() ? List.of() : List.of(key.fallback()));
    }

    private String word(String path) {
        List<String> words = setting(path).words;
        return words.isEmpty() ? "" : words.getFirst();
    }

    private void section(String prefix, Map<?, ?> section) {
        section.forEach((name, value) -> {
            String path = prefix.isEmpty() ? String.valueOf(name) : prefix + "." + name;
            Optional<Key> key = KnownKeys.find(path);
            boolean below = KnownKeys.isSection(path);
            if (value instanceof Map<?, ?> map && below) {
                section(path, map);
            } else if (key.isPresent()) {
                leaf(path, key.get(), value);
            } else if (!below) {
                warn("%s is no known key and is not looked at%s", path, meant(path));
            } else if (value != null) {
                fault("%s has keys below it and cannot be '%s': write them under it, one a line", path, value);
            }
        });
    }

    private static String meant(String path) {
        return KnownKeys.nearest(path)
                .map(key -> " (is " + key.path() + " meant?)")
                .orElse("");
    }

    private void leaf(String path, Key key, @Nullable Object value) {
        if (settings.containsKey(key.folded())) {
            fault("%s is given twice (case does not tell keys apart): keep one", path);
            return;
        }
        if (value == null) {
            return;
        }
        if (value instanceof Map || (value instanceof List && !key.kind().isList())) {
            fault("%s is no single value: %s is wanted", key.path(), key.kind().wanted());
            return;
        }
        List<String> words = new ArrayList<>();
        if (value instanceof List<?> items) {
            for (Object item : items) {
                if (item == null || item instanceof Map || item instanceof List) {
                    fault(
                            "%s has an item that is no text: %s is wanted",
                            key.path(), key.kind().wanted());
                    return;
                }
                words.add(String.valueOf(item).strip());
            }
        } else {
            words.addAll(words(key, String.valueOf(value)));
        }
        settings.put(key.folded(), new Setting(key, Source.FILE, List.copyOf(words)));
    }

    private static List<String> words(Key key, String text) {
        return key.kind().isList() ? Words.list(text) : List.of(text.strip());
    }

    private void variable(String name, String value) {
        if (!name.startsWith(Key.PREFIX) || value.isBlank()) {
            return;
        }
        Optional<Key> key = KnownKeys.ofVariable(name);
        if (key.isEmpty()) {
            warn(
                    "%s in the environment matches no known key and is not looked at%s",
                    name, meant(name.substring(Key.PREFIX.length()).replace('_', '.')));
            return;
        }
        settings.put(
                key.get().folded(), new Setting(key.get(), Source.ENVIRONMENT, List.copyOf(words(key.get(), value))));
    }

    /// Drops a value that is not of its kind, with a fault, and tells of one that changes nothing.
    private void check(Key key) {
        Setting given = settings.get(key.folded());
        if (given == null) {
            return;
        }
        String word = String.join(", ", given.words);
        boolean mayBeEmpty = key.kind() == Key.Kind.TEXT
                || key.kind() == Key.Kind.PATH
                || key.kind() == Key.Kind.ADDRESS
                || key.kind().isList();
        boolean fits = word.isEmpty() ? mayBeEmpty : given.words.stream().allMatch(item -> fits(key.kind(), item));
        if (!fits) {
            fault(
                    "%s is '%s': %s is wanted",
                    name(given), word.replace('\0', '?'), key.kind().wanted());
            settings.put(key.folded(), fallback(key));
        } else if (key.use() == Key.Use.IDLE && !isDefault(given)) {
            warn("%s has no effect here: %s", name(given), key.note());
        }
    }

    private static String name(Setting setting) {
        String path = setting.key.path();
        return setting.source == Source.ENVIRONMENT ? path + " (" + setting.key.variable() + ")" : path;
    }

    private static boolean fits(Key.Kind kind, String word) {
        return switch (kind) {
            case TEXT, TEXTS -> true;
            case PATH, PATHS -> word.indexOf('\0') < 0;
            case FLAG -> Words.flag(word).isPresent();
            case PORT -> Words.port(word).isPresent();
            case COUNT -> Words.count(word).isPresent();
            case SIZE -> Words.size(word).isPresent();
            case DURATION -> Words.duration(word).isPresent();
            case ADDRESS -> Words.address(word).isPresent();
        };
    }

    private static boolean isDefault(Setting given) {
        Key key = given.key;
        String word = String.join(" ", given.words);
        if (word.isEmpty() || word.equals(key.fallback())) {
            return true;
        }
        return switch (key.kind()) {
            case FLAG -> Words.flag(word).equals(Words.flag(key.fallback()));
            case SIZE -> Words.size(word).equals(Words.size(key.fallback()));
            case DURATION -> Words.duration(word).equals(Words.duration(key.fallback()));
            case TEXT, PORT, COUNT, ADDRESS, PATH, PATHS, TEXTS -> false;
        };
    }
}
