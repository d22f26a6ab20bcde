package org.holdfast.node;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// A settings file as YAML sees it.
final class Yaml {
    private Yaml() {}

    /// The top mapping of a file; empty for an empty file.
    ///
    /// @throws BadSettings when there is no such file, or it is no YAML mapping
    static Map<?, ?> read(Disk disk, Path file) throws BadSettings {
        if (!disk.exists(file)) {
            throw new BadSettings(List.of("settings file " + file + " does not exist"));
        }
        try {
            String text = new String(disk.read(file), StandardCharsets.UTF_8);
            Object root =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromString(text);
            if (root == null) {
                return Map.of();
            }
            if (root instanceof Map<?, ?> map) {
                return map;
            }
            throw new BadSettings(List.of("settings file " + file + " holds no mapping of keys to values"));
        } catch (YamlEngineException e) {
            throw new BadSettings(List.of("settings file " + file + " is not valid YAML: " + e.getMessage()));
        } catch (DiskFault e) {
            throw new BadSettings(List.of("settings file " + file + " cannot be read: " + e.getMessage()));
        }
    }
}
