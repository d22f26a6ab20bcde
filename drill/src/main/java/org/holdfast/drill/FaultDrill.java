package org.holdfast.drill;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.holdfast.drill.Sent.Outcome;
import org.holdfast.env.Disk;
import org.holdfast.env.World;

/// Breaks the nodes of a sandbox by a schedule while clients send, then judges what is left. Used once, by one thread.
public final class FaultDrill {
    /// Long, for a busy machine; how long it took is measured.
    private static final Duration LEADER_WITHIN = Duration.ofMinutes(2);

    /// Longer than an election: the paused node comes back to another leader.
    private static final int PAUSE_MILLIS_MIN = 2500;

    private static final int PAUSE_MILLIS_MORE = 2500;
    private static final int DOWN_MILLIS = 2000;
    /// Shorter than an election: the leader does not step down.
    private static final int STALL_MILLIS = 700;
    /// At most so many bytes go from the end of a block file.
    private static final int CUT_BYTES = 6000;

    private final Sandbox sandbox;
    private final World world;
    private final DrillPlan plan;
    private final Seeded chance;
    private final Consumer<String> told;
    private final List<DrillReport.Event> events = new ArrayList<>();
    private final List<Duration> leaders = new ArrayList<>();
    private final List<Duration> service = new ArrayList<>();
    private long begun;
    private int turn;

    private FaultDrill(Sandbox sandbox, DrillPlan plan, Consumer<String> told) {
        this.sandbox = sandbox;
        this.world = sandbox.world();
        this.plan = plan;
        this.chance = new Seeded(plan.seed());
        this.told = told;
    }

    /// Drills the nodes of a sandbox that is up, and stops them.
    ///
    /// @param told gets a line for every fault
    public static DrillReport run(Sandbox sandbox, DrillPlan plan, Consumer<String> told) {
        return new FaultDrill(sandbox, plan, told).run();
    }

    private DrillReport run() {
        try (Author author = Author.of(sandbox)) {
            Load load = Load.start(
                    sandbox, author, new Load.Plan(plan.clients(), plan.ratePerSecond(), plan.payloadBytes()));
            begun = world.clock().nanos();
            Optional<String> stuck = schedule(load);
            load.stop();
            Duration lasted = since(begun);
            stuck = stuck.isPresent() ? stuck : settle();
            // Those that did not come back, or did not stop: the ledgers of running nodes cannot be judged.
            sandbox.nodes().forEach(SandboxNode::kill);
            List<Sent> sent = load.sent();
            Verdict verdict = Judge.judge(sandbox, sent);
            if (stuck.isEmpty() && !verdict.passed()) {
                Evidence.tell(sandbox, told);
            }
            if (stuck.isPresent()) {
                List<String> faults = new ArrayList<>(List.of(stuck.get()));
                faults.addAll(verdict.faults());
                verdict = new Verdict(verdict.counts(), verdict.equal(), faults);
            }
            DrillReport.Timings timings = new DrillReport.Timings(lasted, longestGap(sent), leaders, service);
            return new DrillReport(plan, verdict, events, timings);
        }
    }

    /// @return why the nodes did not recover; empty when they always did
    private Optional<String> schedule(Load load) {
        try {
            sandbox.await("first acknowledgement", LEADER_WITHIN, () -> load.servedSince(begun));
            while (goesOn()) {
                List<Fault> round = new ArrayList<>(plan.faults());
                for (int i = round.size() - 1; i > 0; i--) {
                    Collections.swap(round, i, chance.below(i + 1));
                }
                for (Fault fault : round) {
                    if (goesOn()) {
                        calm();
                        carryOut(fault, load);
                        sandbox.awaitHealthy(plan.recovery());
                    }
                }
            }
            return Optional.empty();
        } catch (DrillFault e) {
            return Optional.of(stuck(e));
        }
    }

    private boolean goesOn() {
        return since(begun).compareTo(plan.length()) < 0 || events.size() < plan.faultsLeast();
    }

    private Optional<String> settle() {
        try {
            long height = sandbox.awaitEqualHeight(plan.recovery());
            told.accept("all nodes at height " + height);
            for (SandboxNode node : sandbox.nodes()) {
                int code = node.stop();
                if (code != 0 && code != SandboxNode.TERMINATED) {
                    return Optional.of(node.name() + " ended with " + code + " when it was asked to stop");
                }
            }
            return Optional.empty();
        } catch (DrillFault e) {
            return Optional.of(stuck(e));
        }
    }

    /// The nodes did not come to where they must; what they say of it is told before they are ended.
    private String stuck(DrillFault fault) {
        String text = String.valueOf(fault.getMessage());
        told.accept(text);
        Evidence.tell(sandbox, told);
        return text;
    }

    private void carryOut(Fault fault, Load load) {
        long at = since(begun).toMillis();
        String text = switch (fault) {
            case KILL_LEADER -> killLeader(load);
            case KILL_STALLED_LEADER -> killStalledLeader();
            case KILL_FOLLOWER -> killFollower();
            case KILL_ALL -> killAll();
            case PAUSE_LEADER -> pause(sandbox.awaitLeader(LEADER_WITHIN));
            case PAUSE_FOLLOWER -> pause(follower());
            case CUT_BLOCKS -> cutBlocks();
            case TRANSFER -> transfer();
        };
        events.add(new DrillReport.Event(at, fault, text));
        told.accept("%6d ms %s: %s".formatted(at, fault, text));
    }

    private String killLeader(Load load) {
        SandboxNode leader = sandbox.awaitLeader(LEADER_WITHIN);
        long moment = world.clock().nanos();
        leader.kill();
        sandbox.await("new leader", LEADER_WITHIN, () -> sandbox.leader().isPresent());
        Duration led = since(moment);
        sandbox.await("service after the leader's death", LEADER_WITHIN, () -> load.servedSince(moment));
        Duration served = since(moment);
        leaders.add(led);
        service.add(served);
        pauseFor(chance.below(DOWN_MILLIS));
        leader.start();
        return "%s; new leader after %d ms, service after %d ms"
                .formatted(leader.name(), led.toMillis(), served.toMillis());
    }

    private String killStalledLeader() {
        SandboxNode leader = sandbox.awaitLeader(LEADER_WITHIN);
        List<SandboxNode> followers = sandbox.others(leader);
        followers.forEach(SandboxNode::pause);
        pauseFor(STALL_MILLIS);
        leader.kill();
        followers.forEach(SandboxNode::resume);
        sandbox.await("new leader", LEADER_WITHIN, () -> sandbox.leader().isPresent());
        leader.start();
        return leader.name();
    }

    private String killFollower() {
        SandboxNode node = follower();
        node.kill();
        pauseFor(chance.below(DOWN_MILLIS));
        node.start();
        return node.name();
    }

    private String killAll() {
        sandbox.nodes().forEach(SandboxNode::kill);
        sandbox.nodes().forEach(SandboxNode::start);
        return "all";
    }

    private String pause(SandboxNode node) {
        int millis = PAUSE_MILLIS_MIN + chance.below(PAUSE_MILLIS_MORE);
        node.pause();
        pauseFor(millis);
        node.resume();
        return node.name() + " for " + millis + " ms";
    }

    private String cutBlocks() {
        SandboxNode node = follower();
        node.kill();
        Path blocks = node.ledger(Sandbox.CHANNEL).resolve("blocks");
        Path newest = world.disk().list(blocks).getLast();
        long cut;
        try (Disk.DiskFile file = world.disk().open(newest)) {
            // The first block and the file's header stay: a node without block 0 was never in the channel.
            long kept = world.disk().read(sandbox.genesis()).length + 200L;
            cut = Math.min(1L + chance.below(CUT_BYTES), Math.max(file.size() - kept, 0));
            file.truncate(file.size() - cut);
        }
        node.start();
        return "%s, %d bytes".formatted(node.name(), cut);
    }

    private String transfer() {
        SandboxNode leader = sandbox.awaitLeader(LEADER_WITHIN);
        Optional<String> refused = leader.transfer(Sandbox.CHANNEL);
        return leader.name() + refused.map(why -> ", refused: " + why).orElse("");
    }

    /// Followers in turn.
    private SandboxNode follower() {
        SandboxNode leader = sandbox.awaitLeader(LEADER_WITHIN);
        List<SandboxNode> followers = sandbox.others(leader);
        return followers.get(turn++ % followers.size());
    }

    private void calm() {
        pauseFor(chance.below((int) plan.calm().toMillis()));
    }

    private void pauseFor(long millis) {
        long end = world.clock().nanos() + Duration.ofMillis(millis).toNanos();
        for (long left = end - world.clock().nanos();
                left > 0;
                left = end - world.clock().nanos()) {
            LockSupport.parkNanos(left);
        }
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(world.clock().nanos() - nanos);
    }

    private static Duration longestGap(List<Sent> sent) {
        long[] times = sent.stream()
                .filter(one -> one.answer().outcome() == Outcome.ACKNOWLEDGED)
                .mapToLong(one -> one.answer().nanos())
                .sorted()
                .toArray();
        long longest = 0;
        for (int i = 1; i < times.length; i++) {
            longest = Math.max(longest, times[i] - times[i - 1]);
        }
        return Duration.ofNanos(longest);
    }
}
