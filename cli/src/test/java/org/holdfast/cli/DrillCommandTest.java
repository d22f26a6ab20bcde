package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The command around the drills; the drills themselves are run where they live. The skipped one is skipped because
/// this test's disk shows no libfaketime.
class DrillCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path temp;

    @Test
    void theListSaysWhatThereIsAndWhatCannotBeRunHere() {
        assertThat(run("drill", "list")).isZero();
        assertThat(text(out))
                .contains("leader-dies ", "all-die ", "cut-in-half ", "torn-tail ", "(needs root, ip (iproute2))")
                .containsPattern("clock-jump +the leader's.*\\R +cannot be run here: .*libfaketime.*install");
    }

    @Test
    void theListIsJsonToo() {
        assertThat(run("drill", "list", "--json")).isZero();
        JsonNode drills = new JsonMapper().readTree(text(out)).path("drills");
        assertThat(drills.size()).isEqualTo(10);
        JsonNode last = drills.get(9);
        assertThat(last.path("name").asString("")).isEqualTo("clock-jump");
        assertThat(last.path("runsHere").asBoolean(true)).isFalse();
        assertThat(last.path("obstacle").asString("")).contains("libfaketime");
        assertThat(drills.get(0).path("runsHere").asBoolean(false)).isTrue();
    }

    @Test
    void aSkippedDrillIsToldAndIsAFailureOnlyWhereNoneMayBeSkipped() throws IOException {
        Path report = temp.resolve("report.md");
        int usual = run("drill", "run", "clock-jump", "--report", report.toString());
        assertThat(usual).isEqualTo("true".equals(System.getenv(DrillCommand.CI)) ? 1 : 0);
        assertThat(text(out)).contains("clock-jump: SKIPPED", "libfaketime");
        assertThat(Files.readString(report)).contains("| clock-jump | SKIPPED |", "libfaketime");

        assertThat(run("drill", "run", "clock-jump", "--no-skip", "--json")).isEqualTo(1);
        JsonNode filing = new JsonMapper().readTree(text(out));
        assertThat(filing.path("verdict").asString("")).isEqualTo("FAILED");
        JsonNode drill = filing.path("drills").get(0);
        assertThat(drill.path("verdict").asString("")).isEqualTo("SKIPPED");
        assertThat(drill.path("figures").path("counts").path("lost").asLong(-5)).isZero();
        assertThat(filing.path("version").asString("")).isNotEmpty();
    }

    @Test
    void wrongUsageSaysWhatIsRight() {
        assertThat(run("drill", "run", "earthquake")).isEqualTo(2);
        assertThat(text(err)).contains("no drill 'earthquake'", "leader-dies", "all");
        assertThat(run("drill", "run")).isEqualTo(2);
        assertThat(run("drill", "run", "leader-dies", "--nodes", "2")).isEqualTo(2);
        assertThat(text(err)).contains("2 nodes: 3 to 9 are wanted");
        assertThat(run("drill", "run", "leader-dies", "--seconds", "0")).isEqualTo(2);
    }

    private int run(String... words) {
        out.reset();
        err.reset();
        Screen screen = new Screen(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        return Main.run(new Session(withoutFakeTime(World.real()), screen), words);
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }

    private static World withoutFakeTime(World world) {
        Disk disk = (Disk)
                Proxy.newProxyInstance(Disk.class.getClassLoader(), new Class<?>[] {Disk.class}, (_, method, args) -> {
                    if (method.getName().equals("exists") && args[0].toString().contains("faketime")) {
                        return false;
                    }
                    return call(method, world.disk(), args);
                });
        return (World) Proxy.newProxyInstance(
                World.class.getClassLoader(),
                new Class<?>[] {World.class},
                (_, method, args) -> method.getName().equals("disk") ? disk : call(method, world, args));
    }

    private static Object call(java.lang.reflect.Method method, Object on, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
