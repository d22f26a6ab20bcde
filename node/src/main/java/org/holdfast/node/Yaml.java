package org.holdfast.node;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Typed look-ups in a settings file; faults are gathered, not thrown.
final class Yaml {
    private final Object root;
    private final Path directory;
    private final List<String> faults = new ArrayList<>();

    private Yaml(Object root, Path directory) {
        this.root = root;
        this.directory = directory;
    }

    static Yaml read(Disk disk, Path file) throws BadSettings {
        if (!disk.exists(file)) {
            throw new BadSettings(List.of("settings file " + file + " does not exist"));
        }
        try {
            String text = new String(disk.read(file), StandardCharsets.UTF_8);
            Object root =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
            Path parent = file.toAbsolutePath().getParent();
            return new Yaml(root == null ? Map.of() : root, parent == null ? Path.of(".") : parent);
        } catch (YamlEngineException e) {
            throw new BadSettings(List.of("settings file " + file + " is not valid YAML: " + e.getMessage()));
        }
    }

    /// All faults found by the look-ups so far.
    List<String> faults() {
        return faults;
    }

    void fault(String text) {
        faults.add(text);
    }

    Optional<String> text(String path) {
        Object at = root;
        for (String key : path.split("\\.", -1)) {
            if (!(at instanceof Map<?, ?> map) || map.get(key) == null) {
                return Optional.empty();
            }
            at = map.get(key);
        }
        if (at instanceof Map || at instanceof List) {
            faults.add(path + " must be one value");
            return Optional.empty();
        }
        return Optional.of(String.valueOf(at));
    }

    String textOr(String path, String fallback) {
        return text(path).orElse(fallback);
    }

    String required(String path) {
        Optional<String> value = text(path).filter(text -> !text.isBlank());
        if (value.isEmpty()) {
            faults.add(path + " is missing");
        }
        return value.orElse("");
    }

    /// A file or directory, relative to the settings file.
    Path requiredPath(String path) {
        return directory.resolve(required(path));
    }

    Optional<Path> path(String path) {
        return text(path).filter(text -> !text.isBlank()).map(directory::resolve);
    }

    int port(String path, int fallback) {
        return number(path, fallback, 0, 65_535);
    }

    int number(String path, int fallback, int least, int most) {
        Optional<String> value = text(path);
        if (value.isEmpty()) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(value.get().trim());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // falls through to the same fault
        }
        faults.add("%s is '%s': a number from %d to %d is wanted".formatted(path, value.get(), least, most));
        return fallback;
    }

    boolean flag(String path, boolean fallback) {
        Optional<String> value = text(path);
        if (value.isEmpty()) {
            return fallback;
        }
        if (!value.get().equals("true") && !value.get().equals("false")) {
            faults.add(path + " is '" + value.get() + "': true or false is wanted");
            return fallback;
        }
        return value.get().equals("true");
    }

    /// A list of files, relative to the settings file.
    List<Path> paths(String path) {
        Object at = root;
        for (String key : path.split("\\.", -1)) {
            at = at instanceof Map<?, ?> map ? map.get(key) : null;
            if (at == null) {
                return List.of();
            }
        }
        if (!(at instanceof List<?> list)) {
            faults.add(path + " must be a list");
            return List.of();
        }
        return list.stream()
                .map(item -> directory.resolve(String.valueOf(item)))
                .toList();
    }
}
