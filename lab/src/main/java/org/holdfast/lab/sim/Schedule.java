package org.holdfast.lab.sim;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One schedule: what a seed makes happen, from the first start to the last check.
public final class Schedule {
    /// After the last fault everything accepted must be answered and everywhere within this time.
    private static final long PATIENCE = 40 * Timeline.SECOND;
    private static final long STEPS_MAX = 400_000;

    private final Plan plan;
    private final Scene scene;
    private final Mischief mischief;
    private final Clients clients;
    private final Admins admins;

    /// What became of a schedule.
    ///
    /// @param seed that says it all
    /// @param digest over everything that happened, the same at each run
    /// @param envelopes offered
    /// @param ordered of them, by their answers
    /// @param blocks of the chain
    /// @param rule that was broken; null when none was
    /// @param story what was broken and the steps before it; empty when nothing was
    public record Outcome(
            long seed,
            long steps,
            long digest,
            int envelopes,
            int ordered,
            long blocks,
            @Nullable String rule,
            String story) {
        /// Whether every rule held.
        public boolean kept() {
            return rule == null;
        }
    }

    private Schedule(long seed, Plant plant) {
        this.plan = Plan.of(seed);
        this.scene = new Scene(plan, plant);
        this.mischief = new Mischief(scene);
        this.clients = new Clients(scene);
        this.admins = new Admins(scene);
    }

    /// Runs a schedule.
    public static Outcome run(long seed) {
        return run(seed, Plant.NONE, null);
    }

    /// Runs a schedule.
    ///
    /// @param plant a bug to put in
    /// @param trace told every step, if given
    public static Outcome run(long seed, Plant plant, @Nullable Consumer<String> trace) {
        Schedule schedule = new Schedule(seed, plant);
        if (trace != null) {
            schedule.scene.time().listen(trace);
        }
        return schedule.run();
    }

    private Outcome run() {
        try {
            play();
            return outcome(null, "");
        } catch (Violation violation) {
            return outcome(violation.rule(), story(violation));
        } catch (RuntimeException fault) { // boundary: whatever it is, the seed must be told
            return outcome(fault.getClass().getSimpleName(), story(fault));
        }
    }

    private void play() {
        Timeline time = scene.time();
        mischief.begin();
        clients.begin();
        admins.begin();
        long quiet = plan.load().span() + 50 * Timeline.MILLI;
        while (time.now() < quiet && step()) {}
        mischief.end();
        long deadline = time.now() + PATIENCE;
        while (!isQuiet()) {
            if (time.now() > deadline || !step()) {
                throw Violation.of(EverythingEnds.class, "%s", EverythingEnds.unfinished(scene));
            }
        }
        scene.done();
    }

    private boolean step() {
        Timeline time = scene.time();
        if (time.steps() > STEPS_MAX) {
            throw Violation.of(EverythingEnds.class, "%d steps: %s", time.steps(), EverythingEnds.unfinished(scene));
        }
        return time.step();
    }

    private boolean isQuiet() {
        return scene.time().steps() % 8 == 0 && EverythingEnds.holds(scene);
    }

    private Outcome outcome(@Nullable String rule, String story) {
        int ordered = 0;
        for (Sent one : scene.sent()) {
            ordered += one.fate() == Sent.Fate.ORDERED ? 1 : 0;
        }
        long blocks = 0;
        for (SimNode node : scene.nodes()) {
            blocks = Math.max(blocks, node.height());
        }
        Timeline time = scene.time();
        return new Outcome(
                plan.seed(), time.steps(), time.digest(), scene.sent().size(), ordered, blocks, rule, story);
    }

    private String story(Throwable end) {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(plan.seed()).append(": ").append(end).append('\n');
        for (Throwable cause = end; cause != null; cause = cause.getCause()) {
            for (StackTraceElement frame : cause.getStackTrace()) {
                if (frame.getClassName().equals(Schedule.class.getName())) {
                    break; // who runs it makes no difference
                }
                text.append("    at ").append(frame).append('\n');
            }
        }
        text.append(plan).append('\n').append(scene.time().trace());
        return text.toString();
    }
}
