package org.holdfast.lab;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/// One source file, parsed but not compiled.
///
/// @param path from the root of the tree, with slashes
/// @param room the module it belongs to
/// @param test whether it is test code
/// @param lines its text; index 0 is line 1
record Source(
        String path,
        String room,
        boolean test,
        List<String> lines,
        CompilationUnitTree tree,
        SourcePositions positions,
        boolean readable) {

    static Source of(String path, String text) {
        return all(Map.of(path, text)).getFirst();
    }

    /// Several at once: a compiler for each would cost more than the parsing.
    ///
    /// @param texts path → text
    static List<Source> all(Map<String, String> texts) {
        DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
        // The compiler hands back its own wraps of them.
        Map<URI, Text> files = new LinkedHashMap<>();
        texts.forEach((path, text) -> {
            Text file = new Text(path, text);
            files.put(file.toUri(), file);
        });
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, faults, List.of("-proc:none"), null, files.values());
        try {
            List<Source> sources = new ArrayList<>();
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree tree : task.parse()) {
                Text file =
                        Objects.requireNonNull(files.get(tree.getSourceFile().toUri()));
                boolean readable = faults.getDiagnostics().stream()
                        .noneMatch(d -> d.getKind() == Diagnostic.Kind.ERROR
                                && (d.getSource() == null
                                        || d.getSource().toUri().equals(file.toUri())));
                String room = file.path.substring(0, file.path.indexOf('/'));
                boolean test = file.path.contains("/src/test/");
                List<String> lines = file.text.lines().toList();
                sources.add(new Source(file.path, room, test, lines, tree, positions, readable));
            }
            return sources;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long firstLine(Tree node) {
        return tree.getLineMap().getLineNumber(positions.getStartPosition(tree, node));
    }

    long lastLine(Tree node) {
        return tree.getLineMap().getLineNumber(positions.getEndPosition(tree, node));
    }

    /// The text of a line, empty when there is none.
    String line(long number) {
        return number >= 1 && number <= lines.size() ? lines.get((int) number - 1) : "";
    }

    /// The package as written.
    String packageName() {
        return tree.getPackageName() == null ? "" : tree.getPackageName().toString();
    }

    boolean isPackageInfo() {
        return path.endsWith("/package-info.java");
    }

    private static final class Text extends SimpleJavaFileObject {
        private final String path;
        private final String text;

        private Text(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.path = path;
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
