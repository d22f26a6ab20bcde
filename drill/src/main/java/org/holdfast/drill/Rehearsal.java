package org.holdfast.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.holdfast.drill.DrillResult.Judgement;
import org.holdfast.drill.DrillResult.Phase;
import org.holdfast.drill.Sent.Outcome;
import org.holdfast.env.World;

/// Runs one drill on a sandbox network of its own: nodes up, load on, fault, healing, all nodes equal, judgement.
/// Used once, by one thread.
public final class Rehearsal {
    /// Load without a fault, before and after it.
    private static final Duration QUIET = Duration.ofMillis(1500);

    private static final int CLIENTS_PER_NODE = 2;
    private static final int RATE_PER_SECOND = 120;
    private static final int PAYLOAD_BYTES = 200;
    /// Small enough that there are blocks before the fault.
    private static final int BLOCK_ENVELOPES = 40;

    private final World world;
    private final Drill drill;
    private final DrillOrder order;
    private final Consumer<String> told;
    private final List<String> faults = new ArrayList<>();
    private boolean stuck;

    private Rehearsal(World world, Drill drill, DrillOrder order, Consumer<String> told) {
        this.world = world;
        this.drill = drill;
        this.order = order;
        this.told = told;
    }

    /// Runs a drill, or says why it cannot be run here. The drill's directory is deleted when it passes and need not be
    /// kept.
    ///
    /// @param told gets a line for every step
    public static DrillResult run(World world, Drill drill, DrillOrder order, Consumer<String> told) {
        Instant began = Instant.ofEpochMilli(world.clock().wallMillis());
        Optional<String> obstacle = Drills.obstacle(world, drill);
        if (obstacle.isPresent()) {
            return DrillResult.skipped(drill, began.toString(), List.of(obstacle.get()));
        }
        return new Rehearsal(world, drill, order, told).run(began.toString());
    }

    private DrillResult run(String began) {
        String mark = "%04x".formatted(world.chance().nextLong() & 0xffff);
        Path directory = order.directory().toAbsolutePath().resolve("holdfast-drill-" + mark);
        Site site = new Site(world, mark, directory, order.nodes());
        SandboxPlan plan = SandboxPlan.THREE
                .withNodes(order.nodes())
                .withBlocksOf(BLOCK_ENVELOPES)
                .withJvmOptions(order.jvmOptions());
        DrillResult result;
        try (Lease lease = Lease.take(site);
                Sandbox sandbox = Sandbox.create(world, directory, plan, drill.ground(site))) {
            sandbox.atAbort(() -> {
                if (!order.keep()) {
                    world.disk().deleteTree(directory);
                }
                lease.end();
            });
            told.accept("%s: %d nodes in %s".formatted(drill.name(), order.nodes(), directory));
            sandbox.up();
            result = rehearse(sandbox, began, directory);
        } catch (DrillFault e) {
            // What the machine refused, or nodes that never were a network: told like a drill that went wrong.
            String why = "the sandbox network could not be made, or not be taken back: " + e.getMessage();
            return DrillResult.notRehearsed(drill, began, why, directory.toString());
        }
        boolean kept = order.keep() || result.verdict() != Judgement.PASSED;
        if (!kept) {
            world.disk().deleteTree(directory);
        }
        return result;
    }

    private DrillResult rehearse(Sandbox sandbox, String began, Path directory) {
        try (Author author = Author.of(sandbox)) {
            Load load = Load.start(
                    sandbox, author, new Load.Plan(CLIENTS_PER_NODE * order.nodes(), RATE_PER_SECOND, PAYLOAD_BYTES));
            Scene scene = new Scene(sandbox, load, order, drill.seconds(), told);
            act(scene, load);
            load.stop();
            long end = scene.now();
            settle(scene);
            List<Sent> sent = load.sent();
            Verdict verdict = Judge.judge(sandbox, sent);
            if (stuck) {
                verdict = verdict.ofStuckNodes();
            }
            faults.addAll(scene.broken());
            faults.addAll(verdict.faults());
            DrillResult.Figures figures = new DrillResult.Figures(
                    order.nodes(),
                    verdict.counts(),
                    longestGap(sent, end).toMillis(),
                    scene.newLeaders(),
                    scene.backMillis(),
                    verdict.equal(),
                    List.of(
                            phase("before", sent, scene.begunNanos(), scene.faultNanos()),
                            phase("fault", sent, scene.faultNanos(), scene.healedNanos()),
                            phase("after", sent, scene.healedNanos(), end)));
            Judgement judgement = faults.isEmpty() ? Judgement.PASSED : Judgement.FAILED;
            boolean kept = order.keep() || judgement != Judgement.PASSED;
            return new DrillResult(
                    drill.name(),
                    drill.summary(),
                    judgement,
                    faults,
                    began,
                    scene.steps(),
                    figures,
                    kept ? directory.toString() : "");
        }
    }

    private void act(Scene scene, Load load) {
        try {
            scene.sandbox()
                    .await("first acknowledgement", order.patience(), () -> load.servedSince(scene.begunNanos()));
            scene.pause(QUIET);
            drill.carryOut(scene);
            scene.sandbox().awaitHealthy(order.patience());
            scene.step("all nodes are healthy");
            scene.pause(QUIET);
        } catch (DrillFault e) {
            stuck(scene, e);
        }
    }

    private void settle(Scene scene) {
        Sandbox sandbox = scene.sandbox();
        try {
            if (faults.isEmpty()) {
                scene.step("the load has ended; all nodes are at height " + sandbox.awaitEqualHeight(order.patience()));
                for (SandboxNode node : sandbox.nodes()) {
                    int code = node.stop();
                    if (code != 0 && code != SandboxNode.TERMINATED) {
                        faults.add("%s ended with %d when it was asked to stop".formatted(node.name(), code));
                    }
                }
            }
        } catch (DrillFault e) {
            stuck(scene, e);
        }
        sandbox.nodes().forEach(SandboxNode::kill);
    }

    private void stuck(Scene scene, DrillFault fault) {
        stuck = true;
        faults.add(String.valueOf(fault.getMessage()));
        scene.step("WRONG: " + fault.getMessage());
    }

    private static Phase phase(String name, List<Sent> sent, long from, long until) {
        List<Long> waits = sent.stream()
                .filter(one -> one.sentNanos - from >= 0 && one.sentNanos - until < 0)
                .filter(one -> one.answer().outcome() == Outcome.ACKNOWLEDGED)
                .map(one -> (one.answer().nanos() - one.sentNanos) / 1_000_000)
                .sorted()
                .toList();
        long median = waits.isEmpty() ? -1 : waits.get(waits.size() / 2);
        return new Phase(name, (until - from) / 1_000_000, waits.size(), median);
    }

    /// Between two acknowledgements to anybody, or the last one and the end of the load.
    private static Duration longestGap(List<Sent> sent, long end) {
        long[] times = sent.stream()
                .filter(one -> one.answer().outcome() == Outcome.ACKNOWLEDGED)
                .mapToLong(one -> one.answer().nanos())
                .sorted()
                .toArray();
        long longest = 0;
        for (int i = 0; i < times.length; i++) {
            long next = i + 1 < times.length ? times[i + 1] : Math.max(end, times[i]);
            longest = Math.max(longest, next - times[i]);
        }
        return Duration.ofNanos(longest);
    }
}
