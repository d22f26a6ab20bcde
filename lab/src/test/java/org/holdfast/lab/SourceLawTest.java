package org.holdfast.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.lab.Finding.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The law read off the sources, and that each of its rules can fail.
class SourceLawTest {
    @Test
    void theHouseKeepsTheLaw() throws IOException {
        List<Source> sources = HouseTree.sources();
        assertThat(sources).hasSizeGreaterThan(20);
        List<Finding> findings = new ArrayList<>(SourceLaw.signs(sources));
        sources.forEach(source -> findings.addAll(SourceLaw.judge(source)));
        assertThat(findings).isEmpty();
    }

    @Test
    void aPlainClassIsFine() {
        assertThat(planted("class A { int twice(int a) { return 2 * a; } }")).isEmpty();
    }

    @Test
    void whatCannotBeParsedIsFound() {
        assertThat(planted("class A { int }")).containsExactly(Rule.UNREADABLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ChannelManager",
                "BlockUtil",
                "BlockUtils",
                "RetryHelper",
                "DiskImpl",
                "LogBase",
                "AbstractLog",
                "NodeCommon",
                "NodeInfo",
                "BlockData"
            })
    void namesThatSayNothingAreFound(String name) {
        assertThat(planted("class A { static final class " + name + " {} }")).containsExactly(Rule.NAME);
        assertThat(planted("interface " + name + " {}")).containsExactly(Rule.NAME);
    }

    @Test
    void namesThatOnlyLookLikeThemAreFine() {
        assertThat(planted("class Database {} class Informer {} class Abstraction {}"))
                .containsExactly(Rule.NAME);
        assertThat(planted("class Database {} class Informer {} class Abstr {}"))
                .isEmpty();
    }

    @Test
    void aLongFileIsFound() {
        assertThat(planted("class A {" + "\n".repeat(SourceLaw.FILE_LINES) + "}"))
                .contains(Rule.FILE_LENGTH);
        assertThat(planted("class A {" + "\n".repeat(SourceLaw.FILE_LINES - 3) + "}"))
                .isEmpty();
    }

    @Test
    void aLongLineIsFound() {
        assertThat(planted("class A {} // " + "x".repeat(SourceLaw.LINE_COLUMNS - 13)))
                .containsExactly(Rule.LINE_LENGTH);
        assertThat(planted("class A {} // " + "x".repeat(SourceLaw.LINE_COLUMNS - 14)))
                .isEmpty();
    }

    @Test
    void aLongMethodIsFound() {
        String body = "x++;\n".repeat(SourceLaw.METHOD_LINES - 1);
        assertThat(planted("class A { int x; void a() {\n" + body + "} }")).containsExactly(Rule.METHOD_LENGTH);
        assertThat(planted("class A { int x; void a() {\n" + body.substring(5) + "} }"))
                .isEmpty();
    }

    @Test
    void manyParametersAreFound() {
        String six = "(int a, int b, int c, int d, int e, int f)";
        assertThat(planted("class A { void a" + six + " {} }")).containsExactly(Rule.PARAMETERS);
        assertThat(planted("class A { A" + six + " {} }")).containsExactly(Rule.PARAMETERS);
        assertThat(planted("interface A { void a" + six + "; }")).containsExactly(Rule.PARAMETERS);
        assertThat(planted("record A" + six + " { A" + six + " { } }")).isEmpty();
        assertThat(planted("record A(int a) { void a" + six + " {} }")).containsExactly(Rule.PARAMETERS);
        assertThat(planted("class A { private void a" + six + " {} }")).isEmpty();
        assertThat(planted("class A extends B { @Override void a" + six + " {} }"))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "System.currentTimeMillis()",
                "System.nanoTime()",
                "java.lang.System.nanoTime()",
                "Instant.now()",
                "new java.util.Date()",
                "new Random()",
                "new Random(7)",
                "new SecureRandom()",
                "Math.random()",
                "UUID.randomUUID()",
                "ThreadLocalRandom.current()",
                "new Thread(r)",
                "Thread.ofVirtual()",
                "Thread.sleep(1)",
                "TimeUnit.SECONDS.sleep(1)",
                "Thread.startVirtualThread(r)",
                "Executors.newSingleThreadExecutor()",
                "new ThreadPoolExecutor(1)",
                "ForkJoinPool.commonPool()",
                "java.nio.file.Files.exists(p)",
                "FileChannel.open(p)",
                "new FileInputStream(p)",
                "new RandomAccessFile(p)",
                "new Timer()"
            })
    void callsPastTheWorldAreFound(String call) {
        String text = "class A { Object a = " + call + "; }";
        assertThat(planted(text)).containsOnly(Rule.BANNED_CALL).isNotEmpty();
        assertThat(rules(Source.of("env/src/main/java/A.java", text))).isEmpty();
        assertThat(rules(Source.of("order/src/test/java/A.java", text))).isEmpty();
    }

    @Test
    void methodReferencesAndImportsPastTheWorldAreFound() {
        assertThat(planted("class A { java.util.function.LongSupplier a = System::nanoTime; }"))
                .containsExactly(Rule.BANNED_CALL);
        assertThat(planted("import java.nio.file.Files; class A {}")).containsExactly(Rule.BANNED_CALL);
        assertThat(planted("import static java.lang.System.nanoTime; class A {}"))
                .containsExactly(Rule.BANNED_CALL);
    }

    @Test
    void executorsAreForTheEngineAndForThoseWhoSayWhy() {
        String call = "class A {\n Object a = Executors.newCachedThreadPool();\n}";
        assertThat(rules(Source.of("order/src/main/java/A.java", "package org.holdfast.order.raft; " + call)))
                .isEmpty();
        assertThat(rules(Source.of("order/src/main/java/A.java", "package org.holdfast.order; " + call)))
                .containsExactly(Rule.BANNED_CALL);
        assertThat(planted(call.replace("class A {", "class A { // executor: gRPC wants one")))
                .isEmpty();
        assertThat(planted(call.replace("class A {", "class A { // executor:"))).containsExactly(Rule.BANNED_CALL);
    }

    @Test
    void signingMayAskForSecureRandom() {
        String text = "class A { Object a = new SecureRandom(); }";
        assertThat(rules(Source.of("identity/src/main/java/A.java", text))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Exception", "Throwable", "java.lang.Exception"})
    void broadCatchesAreFound(String type) {
        String text = "class A { void a() { try { b(); } catch (" + type + " e) {%s\n throw new B(e); } } }";
        assertThat(planted(text.formatted(""))).containsExactly(Rule.BROAD_CATCH);
        assertThat(planted(text.formatted(" // boundary: the owner decides"))).isEmpty();
        assertThat(planted(text.formatted(" // boundary:"))).containsExactly(Rule.BROAD_CATCH);
        assertThat(planted(text.formatted("").replace(type, "B"))).isEmpty();
    }

    @Test
    void swallowedExceptionsAreFound() {
        String text = "class A { void a() {\n try { b(); } catch (B e) {\n %s\n } } }";
        assertThat(planted(text.formatted(""))).containsExactly(Rule.SWALLOWED);
        assertThat(planted(text.formatted("// the other side is gone, which is what was wanted")))
                .isEmpty();
        assertThat(planted(text.formatted("return;"))).isEmpty();
    }

    @Test
    void logAndContinueIsFound() {
        String text = "class A { void a() {\n try { b(); } catch (B e) {\n %s\n } } }";
        assertThat(planted(text.formatted("log.warn(\"oh\", e);"))).containsExactly(Rule.LOG_AND_CONTINUE);
        assertThat(planted(text.formatted("LOG.atWarn().log();"))).containsExactly(Rule.LOG_AND_CONTINUE);
        assertThat(planted(text.formatted("log.warn(\"oh\", e); halt(e);"))).isEmpty();
        assertThat(planted(text.formatted("// boundary: a metric is not worth a channel\n log.warn(\"oh\", e);")))
                .isEmpty();
    }

    @Test
    void unfinishedWorkIsFound() {
        assertThat(planted("class A {} // TO" + "DO later")).containsExactly(Rule.UNFINISHED);
        assertThat(planted("class A {} // FIX" + "ME")).containsExactly(Rule.UNFINISHED);
        assertThat(planted("/// a\nclass A {} // XX" + "X")).containsExactly(Rule.UNFINISHED);
    }

    @Test
    void oldDocumentationIsFound() {
        assertThat(planted("/** a */\nclass A {}")).containsExactly(Rule.DOC_STYLE);
    }

    @Test
    void missingSignsAreFound() {
        Source plain =
                Source.of("order/src/main/java/org/holdfast/order/A.java", "package org.holdfast.order; class A {}");
        String path = "order/src/main/java/org/holdfast/order/package-info.java";
        Source bare = Source.of(path, "package org.holdfast.order;");
        Source whole = Source.of(
                path,
                "/// Door: a. Owner thread: b. Invariants: c. Not here: d.\n@NullMarked package org.holdfast.order;");
        Source empty =
                Source.of("node/src/main/java/org/holdfast/node/package-info.java", "package org.holdfast.node;");
        assertThat(SourceLaw.signs(List.of(plain))).hasSize(1);
        assertThat(SourceLaw.signs(List.of(plain, bare))).hasSize(5).allMatch(f -> f.rule() == Rule.SIGN);
        assertThat(SourceLaw.signs(List.of(plain, whole, empty))).isEmpty();
    }

    private static List<Rule> planted(String text) {
        return rules(Source.of("order/src/main/java/org/holdfast/order/A.java", text));
    }

    private static List<Rule> rules(Source source) {
        return SourceLaw.judge(source).stream().map(Finding::rule).toList();
    }
}
