package org.holdfast.lab;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePathScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import org.holdfast.lab.Finding.Rule;
import org.jspecify.annotations.Nullable;

/// The rules that are read off the source text: names, sizes, banned calls, catches, signs.
final class SourceLaw {
    static final int FILE_LINES = 500;
    static final int LINE_COLUMNS = 120;
    static final int METHOD_LINES = 60;
    static final int PARAMETERS = 5;

    private static final Pattern BANNED_NAME =
            Pattern.compile("Abstract.+|.*(Manager|Utils?|Helper|Impl|Base|Common|Info|Data)");
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");
    private static final Pattern BOUNDARY = Pattern.compile("// boundary: \\S.*");
    private static final Pattern EXECUTOR = Pattern.compile("// executor: \\S.*");
    private static final Pattern LOGGING =
            Pattern.compile("(?i)(log|logger)\\.(trace|debug|info|warn|error|at\\w+)\\(.*");
    private static final List<String> SIGN = List.of("Door", "Owner", "Invariants", "Not here");
    private static final Set<String> EXECUTORS = Set.of(
            "Executors",
            "ThreadPoolExecutor",
            "ScheduledThreadPoolExecutor",
            "ForkJoinPool",
            "CompletableFuture.delayedExecutor");

    /// Called member → what to use.
    private static final Map<String, String> BANNED_MEMBERS = Map.ofEntries(
            Map.entry("System.currentTimeMillis", "World.clock().wallMillis()"),
            Map.entry("System.nanoTime", "World.clock().nanos()"),
            Map.entry("Instant.now", "World.clock().wallMillis()"),
            Map.entry("LocalDateTime.now", "World.clock().wallMillis()"),
            Map.entry("ZonedDateTime.now", "World.clock().wallMillis()"),
            Map.entry("OffsetDateTime.now", "World.clock().wallMillis()"),
            Map.entry("Clock.systemUTC", "World.clock()"),
            Map.entry("Math.random", "World.chance()"),
            Map.entry("UUID.randomUUID", "World.chance()"),
            Map.entry("ThreadLocalRandom.current", "World.chance()"),
            Map.entry("Thread.sleep", "Loop.after"),
            Map.entry("TimeUnit.sleep", "Loop.after"),
            Map.entry("Thread.ofVirtual", "World.start"),
            Map.entry("Thread.ofPlatform", "World.loop"),
            Map.entry("Thread.startVirtualThread", "World.start"),
            Map.entry("FileChannel.open", "World.disk()"));

    private static final Map<String, String> BANNED_NEW = Map.ofEntries(
            Map.entry("Thread", "World.start or World.loop"),
            Map.entry("Timer", "Loop.after"),
            Map.entry("Random", "World.chance()"),
            Map.entry("SecureRandom", "World.chance()"),
            Map.entry("Date", "World.clock()"),
            Map.entry("FileInputStream", "World.disk()"),
            Map.entry("FileOutputStream", "World.disk()"),
            Map.entry("FileReader", "World.disk()"),
            Map.entry("FileWriter", "World.disk()"),
            Map.entry("RandomAccessFile", "World.disk()"));

    private static final Map<String, String> BANNED_IMPORTS = Map.of(
            "java.nio.file.Files", "World.disk()",
            "java.util.concurrent.ThreadLocalRandom", "World.chance()");

    private SourceLaw() {}

    /// Judges one file.
    static List<Finding> judge(Source source) {
        List<Finding> findings = new ArrayList<>();
        if (!source.readable()) {
            findings.add(new Finding(Rule.UNREADABLE, source.path(), 1, "the compiler cannot parse it"));
            return findings;
        }
        text(source, findings);
        if (source.isPackageInfo()) {
            return findings;
        }
        new Reader(source, findings).scan(source.tree(), null);
        return findings;
    }

    /// Judges the signs of all packages: one in each package with a class in it.
    static List<Finding> signs(List<Source> sources) {
        Map<String, Source> signs = new TreeMap<>();
        Map<String, Source> classes = new TreeMap<>();
        for (Source source : sources) {
            if (!source.test()) {
                (source.isPackageInfo() ? signs : classes).putIfAbsent(source.packageName(), source);
            }
        }
        List<Finding> findings = new ArrayList<>();
        classes.forEach((name, first) -> {
            Source sign = signs.get(name);
            if (sign == null) {
                findings.add(new Finding(Rule.SIGN, first.path(), 1, "package " + name + " has no package-info.java"));
                return;
            }
            String words = String.join("\n", sign.lines());
            SIGN.stream()
                    .filter(word -> !words.contains(word))
                    .forEach(word -> findings.add(
                            new Finding(Rule.SIGN, sign.path(), 1, "the sign does not say its '" + word + "'")));
            if (!words.contains("@NullMarked")) {
                findings.add(new Finding(Rule.SIGN, sign.path(), 1, "the package is not @NullMarked"));
            }
        });
        return findings;
    }

    private static void text(Source source, List<Finding> findings) {
        if (source.lines().size() > FILE_LINES) {
            findings.add(new Finding(
                    Rule.FILE_LENGTH,
                    source.path(),
                    FILE_LINES,
                    source.lines().size() + " lines, " + FILE_LINES + " at most: split it by what it does"));
        }
        for (int i = 0; i < source.lines().size(); i++) {
            String line = source.lines().get(i);
            if (line.length() > LINE_COLUMNS) {
                findings.add(new Finding(Rule.LINE_LENGTH, source.path(), i + 1L, line.length() + " columns"));
            }
            if (UNFINISHED.matcher(line).find()) {
                findings.add(new Finding(Rule.UNFINISHED, source.path(), i + 1L, "finish it or file an issue"));
            }
            if (line.strip().startsWith("/**")) {
                findings.add(new Finding(Rule.DOC_STYLE, source.path(), i + 1L, "documentation is written with ///"));
            }
        }
    }

    private static final class Reader extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final Source source;
        private final List<Finding> findings;
        private final boolean mayTouchTheWorld;

        private Reader(Source source, List<Finding> findings) {
            this.source = source;
            this.findings = findings;
            this.mayTouchTheWorld = source.test() || source.room().equals("env");
        }

        private void add(Rule rule, Tree node, String text) {
            findings.add(new Finding(rule, source.path(), source.firstLine(node), text));
        }

        @Override
        public @Nullable Void visitClass(ClassTree node, @Nullable Void none) {
            String name = node.getSimpleName().toString();
            if (BANNED_NAME.matcher(name).matches()) {
                add(Rule.NAME, node, name + " says nothing: name it after what it does");
            }
            return super.visitClass(node, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree node, @Nullable Void none) {
            long length = source.lastLine(node) - source.firstLine(node) + 1;
            if (length > METHOD_LINES) {
                add(
                        Rule.METHOD_LENGTH,
                        node,
                        node.getName() + " has " + length + " lines, " + METHOD_LINES + " at most");
            }
            boolean open = !node.getModifiers().getFlags().contains(Modifier.PRIVATE);
            if (open && node.getParameters().size() > PARAMETERS && !isExempt(node)) {
                add(
                        Rule.PARAMETERS,
                        node,
                        node.getName() + " takes " + node.getParameters().size() + ", " + PARAMETERS
                                + " at most: make a record");
            }
            return super.visitMethod(node, null);
        }

        /// A record's constructors name its components; what overrides cannot choose.
        private boolean isExempt(MethodTree node) {
            Tree owner = getCurrentPath().getParentPath().getLeaf();
            boolean constructor = node.getReturnType() == null;
            boolean overrides = node.getModifiers().getAnnotations().stream()
                    .anyMatch(a -> a.getAnnotationType().toString().equals("Override"));
            return overrides || (constructor && owner.getKind() == Tree.Kind.RECORD);
        }

        @Override
        public @Nullable Void visitImport(ImportTree node, @Nullable Void none) {
            String name = node.getQualifiedIdentifier().toString();
            String instead = BANNED_IMPORTS.get(name);
            if (!mayTouchTheWorld && instead != null) {
                add(Rule.BANNED_CALL, node, name + " outside env: use " + instead);
            }
            if (!mayTouchTheWorld && node.isStatic()) {
                for (Map.Entry<String, String> banned : BANNED_MEMBERS.entrySet()) {
                    if (name.endsWith("." + banned.getKey())) {
                        add(Rule.BANNED_CALL, node, name + " outside env: use " + banned.getValue());
                    }
                }
            }
            // A name that is imported is judged where it is used.
            return null;
        }

        @Override
        public @Nullable Void visitMemberSelect(MemberSelectTree node, @Nullable Void none) {
            judgeMember(node, node.getExpression(), node.getIdentifier().toString());
            return super.visitMemberSelect(node, null);
        }

        @Override
        public @Nullable Void visitMemberReference(MemberReferenceTree node, @Nullable Void none) {
            judgeMember(node, node.getQualifierExpression(), node.getName().toString());
            return super.visitMemberReference(node, null);
        }

        private void judgeMember(Tree node, ExpressionTree expression, String member) {
            if (mayTouchTheWorld) {
                return;
            }
            String qualifier = expression.toString();
            String owner = qualifier.contains("TimeUnit.") ? "TimeUnit" : simpleName(qualifier);
            String call = owner + "." + member;
            String instead = BANNED_MEMBERS.get(call);
            if (instead != null) {
                add(Rule.BANNED_CALL, node, call + " outside env: use " + instead);
            }
            if (qualifier.equals("java.nio.file.Files")) {
                add(Rule.BANNED_CALL, node, "Files outside env: use World.disk()");
            }
            if (EXECUTORS.contains(owner) || EXECUTORS.contains(call)) {
                executor(node, owner);
            }
        }

        @Override
        public @Nullable Void visitNewClass(NewClassTree node, @Nullable Void none) {
            if (!mayTouchTheWorld) {
                String type = simpleName(node.getIdentifier().toString());
                String instead = BANNED_NEW.get(type);
                boolean nonce = type.equals("SecureRandom") && source.room().equals("identity");
                if (instead != null && !nonce) {
                    add(Rule.BANNED_CALL, node, "new " + type + " outside env: use " + instead);
                }
                if (EXECUTORS.contains(type)) {
                    executor(node, type);
                }
            }
            return super.visitNewClass(node, null);
        }

        /// The engine's adaptor and a library's set-up may need one: the latter say why with `// executor: why`.
        private void executor(Tree node, String what) {
            long line = source.firstLine(node);
            boolean said = EXECUTOR.matcher(source.line(line)).find()
                    || EXECUTOR.matcher(source.line(line - 1)).find();
            if (!said && !source.packageName().equals("org.holdfast.order.raft")) {
                add(
                        Rule.BANNED_CALL,
                        node,
                        what + " outside env: use World.loop or World.start, or say '// executor: why'");
            }
        }

        @Override
        public @Nullable Void visitCatch(CatchTree node, @Nullable Void none) {
            if (!source.test()) {
                judgeCatch(node);
            }
            return super.visitCatch(node, null);
        }

        private void judgeCatch(CatchTree node) {
            String type = node.getParameter().getType().toString();
            long line = source.firstLine(node);
            boolean boundary = BOUNDARY.matcher(source.line(line)).find()
                    || BOUNDARY.matcher(source.line(line + 1)).find();
            if (boundary) {
                return;
            }
            if (Pattern.matches("(java\\.lang\\.)?(Exception|Throwable)", type)) {
                add(Rule.BROAD_CATCH, node, "catch what is expected, or say '// boundary: why'");
            }
            List<? extends StatementTree> body = node.getBlock().getStatements();
            if (body.isEmpty()) {
                boolean commented = source.lastLine(node) > line + 1
                        && source.line(line + 1).strip().startsWith("//");
                if (!commented) {
                    add(
                            Rule.SWALLOWED,
                            node,
                            "an exception is dropped without a word: handle it, or say why in a comment");
                }
            } else if (body.stream().allMatch(Reader::isLogging)) {
                add(
                        Rule.LOG_AND_CONTINUE,
                        node,
                        "logged and forgotten: handle it, pass it on, or say '// boundary: why'");
            }
        }

        private static boolean isLogging(StatementTree statement) {
            return statement instanceof ExpressionStatementTree call
                    && LOGGING.matcher(call.getExpression().toString()).matches();
        }

        private static String simpleName(String name) {
            String plain = name.indexOf('<') < 0 ? name : name.substring(0, name.indexOf('<'));
            return plain.substring(plain.lastIndexOf('.') + 1);
        }
    }
}
