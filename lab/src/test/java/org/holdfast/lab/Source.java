package org.holdfast.lab;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
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
        String[] parts = path.split("/", -1);
        DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
        JavaFileObject file = new Text(path, text);
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, faults, List.of("-proc:none"), null, List.of(file));
        try {
            CompilationUnitTree tree = task.parse().iterator().next();
            boolean readable = faults.getDiagnostics().stream().noneMatch(d -> d.getKind() == Diagnostic.Kind.ERROR);
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            boolean test = path.contains("/src/test/");
            return new Source(path, parts[0], test, text.lines().toList(), tree, positions, readable);
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
        private final String text;

        private Text(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
