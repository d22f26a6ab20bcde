package org.holdfast.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The sources of this tree as they lie on disk.
final class HouseTree {
    private HouseTree() {}

    /// The root of the tree: the directory above this room's.
    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("mvnw")) ? here : here.resolveSibling("");
    }

    /// The rooms' names, as the root pom lists them.
    static List<String> rooms() throws IOException {
        return Files.readString(root().resolve("pom.xml"))
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("<module>"))
                .map(line -> line.replaceAll("</?module>", ""))
                .toList();
    }

    /// Every Java source of every room, main and test.
    static List<Source> sources() throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (String room : rooms()) {
            Path src = root().resolve(room).resolve("src");
            try (Stream<Path> files = Files.walk(src)) {
                for (Path file : files.filter(p -> p.toString().endsWith(".java"))
                        .sorted()
                        .toList()) {
                    String path = root().relativize(file).toString().replace('\\', '/');
                    texts.put(path, Files.readString(file));
                }
            }
        }
        return Source.all(texts);
    }
}
