package org.holdfast.drill;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.wire.Code;
import org.hyperledger.fabric.protos.common.ConfigGroup;

/// Changes the config of a sandbox's channel again and again while clients send, nodes are killed and leadership is
/// handed on; then judges what is left. Used once, by one thread.
public final class ConfigDrill {
    /// Long, for a busy machine.
    private static final Duration LEADER_WITHIN = Duration.ofMinutes(2);

    private static final Duration RECOVERY = Duration.ofSeconds(90);
    /// An update whose fate is unknown is looked for before it is made again.
    private static final int ATTEMPTS_MAX = 12;

    private static final long CALM_NANOS = 200_000_000;

    private final Sandbox sandbox;
    private final Plan plan;
    private final Consumer<String> told;
    private final Seeded chance;
    private final Governor governor;
    private final ConfigEdits edits;
    private final Set<Long> acknowledged = new HashSet<>();
    private final Set<Long> refused = new HashSet<>();
    private int unknown;
    private int kills;
    private int transfers;

    /// What the drill does.
    ///
    /// @param changes of the config
    /// @param every so many changes a fault
    /// @param clients streams of the load
    /// @param ratePerSecond envelopes of all clients together
    public record Plan(int changes, int every, int clients, int ratePerSecond, long seed) {
        /// Fifty changes, a fault at every third, 300 envelopes a second.
        public static final Plan FIFTY = new Plan(50, 3, 6, 300, 1);
    }

    /// What came of it.
    ///
    /// @param verdict on the envelopes and the copies, configs included
    /// @param changed updates that were acknowledged
    /// @param unknown updates whose fate their sender was not told
    /// @param kills of nodes
    /// @param transfers of leadership
    public record Outcome(Verdict verdict, int changed, int unknown, int kills, int transfers) {}

    private ConfigDrill(Sandbox sandbox, Author author, Plan plan, Consumer<String> told) {
        this.sandbox = sandbox;
        this.plan = plan;
        this.told = told;
        this.chance = new Seeded(plan.seed);
        this.governor = new Governor(sandbox, author);
        this.edits = new ConfigEdits(governor);
    }

    /// Drills the nodes of a sandbox that is up, and stops them.
    ///
    /// @param told gets a line for every change and fault
    public static Outcome run(Sandbox sandbox, Plan plan, Consumer<String> told) {
        try (Author author = Author.of(sandbox)) {
            return new ConfigDrill(sandbox, author, plan, told).run(author);
        }
    }

    private Outcome run(Author author) {
        Load load = Load.start(sandbox, author, new Load.Plan(plan.clients, plan.ratePerSecond, 200));
        List<String> faults = new ArrayList<>();
        try {
            for (int number = 1; number <= plan.changes; number++) {
                change(number);
                if (number % plan.every == 0) {
                    breakSomething(number / plan.every);
                }
                LockSupport.parkNanos(CALM_NANOS);
            }
        } catch (DrillFault e) {
            faults.add(stuck(e));
        } finally {
            load.stop();
        }
        faults.addAll(settle());
        boolean stuck = !faults.isEmpty();
        Verdict verdict = Judge.judge(sandbox, load.sent());
        faults.addAll(verdict.faults());
        faults.addAll(Judge.judgeUpdates(sandbox, acknowledged, refused));
        if (!stuck && !faults.isEmpty()) {
            Evidence.tell(sandbox, told);
        }
        return new Outcome(
                new Verdict(verdict.counts(), verdict.equal(), faults), acknowledged.size(), unknown, kills, transfers);
    }

    /// Carries a change through, whatever happens to the nodes meanwhile.
    private void change(int number) {
        Consumer<ConfigGroup.Builder> edit = edits.number(number);
        long floor = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            ChannelConfig config = newest();
            if (config.sequence() > floor && inForce(config, edit)) {
                return; // by an attempt of which nobody said what became of it
            }
            floor = Math.min(floor, config.sequence());
            ByteString update = governor.update(config, edit);
            SandboxNode node = running();
            Optional<BroadcastAnswer> answer = governor.send(node, update);
            long fingerprint = LoadClient.fingerprint(update);
            if (answer.filter(BroadcastAnswer::isSuccess).isPresent()) {
                acknowledged.add(fingerprint);
                told.accept("config %d by %s".formatted(config.sequence() + 1, node.name()));
                return;
            }
            boolean promises = answer.filter(told -> !told.info().startsWith(Code.OUTCOME_UNKNOWN.number()))
                    .isPresent();
            told.accept("update %d by %s: %s"
                    .formatted(
                            number,
                            node.name(),
                            answer.map(BroadcastAnswer::info).orElse("no answer")));
            if (promises) {
                refused.add(fingerprint);
            } else {
                unknown++;
                sandbox.awaitHealthy(RECOVERY);
            }
            LockSupport.parkNanos(CALM_NANOS);
        }
        throw new DrillFault("change %d was not taken in %d attempts".formatted(number, ATTEMPTS_MAX));
    }

    private static boolean inForce(ChannelConfig config, Consumer<ConfigGroup.Builder> edit) {
        ConfigGroup tree = config.tree().getChannelGroup();
        ConfigGroup.Builder edited = tree.toBuilder();
        edit.accept(edited);
        return edited.build().equals(tree);
    }

    /// The highest config that any running node has.
    private ChannelConfig newest() {
        Optional<ChannelConfig> best = Optional.empty();
        for (SandboxNode node : sandbox.nodes()) {
            Optional<ChannelConfig> one = node.isRunning() ? governor.read(node) : Optional.empty();
            if (one.isPresent()
                    && (best.isEmpty() || one.get().sequence() > best.get().sequence())) {
                best = one;
            }
        }
        return best.orElseThrow(() -> new DrillFault("no node serves the channel's config"));
    }

    private SandboxNode running() {
        List<SandboxNode> running =
                sandbox.nodes().stream().filter(SandboxNode::isRunning).toList();
        return running.get(chance.below(running.size()));
    }

    /// In turn: the leader dies, it hands on leadership, a follower dies.
    private void breakSomething(int turn) {
        SandboxNode leader = sandbox.awaitLeader(LEADER_WITHIN);
        if (turn % 3 == 1) {
            transfers++;
            told.accept("transfer from %s%s"
                    .formatted(
                            leader.name(),
                            leader.transfer(Sandbox.CHANNEL)
                                    .map(why -> ", refused: " + why)
                                    .orElse("")));
            return;
        }
        SandboxNode victim = turn % 3 == 2
                ? leader
                : sandbox.others(leader).get(chance.below(sandbox.others(leader).size()));
        kills++;
        told.accept("kill -9 %s%s".formatted(victim.name(), victim == leader ? ", the leader" : ""));
        victim.kill();
        if (chance.below(2) == 0) {
            sandbox.await("new leader", LEADER_WITHIN, () -> sandbox.leader().isPresent());
        }
        victim.start();
    }

    private List<String> settle() {
        List<String> faults = new ArrayList<>();
        try {
            long height = sandbox.awaitEqualHeight(RECOVERY);
            sandbox.await("equal configs", RECOVERY, () -> configs().size() == 1);
            told.accept("all nodes at height %d, config %s".formatted(height, configs()));
            for (SandboxNode node : sandbox.nodes()) {
                int code = node.stop();
                if (code != 0 && code != SandboxNode.TERMINATED) {
                    faults.add(node.name() + " ended with " + code + " when it was asked to stop");
                }
            }
        } catch (DrillFault e) {
            faults.add(stuck(e));
            sandbox.nodes().forEach(SandboxNode::kill);
        }
        return faults;
    }

    /// The nodes did not come to where they must; what they say of it is told before they are ended.
    private String stuck(DrillFault fault) {
        String text = String.valueOf(fault.getMessage());
        told.accept(text);
        Evidence.tell(sandbox, told);
        return text;
    }

    private Set<Long> configs() {
        Set<Long> found = new HashSet<>();
        for (SandboxNode node : sandbox.nodes()) {
            found.add(node.state()
                    .flatMap(state -> state.channel(Sandbox.CHANNEL))
                    .map(NodeState.Channel::config)
                    .orElse(-1L));
        }
        return found;
    }
}
