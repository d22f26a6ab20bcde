package org.holdfast.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.holdfast.env.World;

/// What a drill does things to, and the notes it takes. Owned by the thread that runs the drill.
final class Scene {
    private final Sandbox sandbox;
    private final Load load;
    private final DrillOrder order;
    private final Duration lasting;
    private final Consumer<String> told;
    private final long begun;
    private final List<DrillResult.Step> steps = new ArrayList<>();
    private final List<Long> newLeaders = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private long faultNanos;
    private boolean struck;
    private long healedNanos;
    private long backMillis = -1;

    /// @param seconds how long the fault is kept up when nothing was ordered
    /// @param told gets a line for every step
    Scene(Sandbox sandbox, Load load, DrillOrder order, int seconds, Consumer<String> told) {
        this.sandbox = sandbox;
        this.load = load;
        this.order = order;
        this.lasting = Duration.ofSeconds(order.seconds().orElse(seconds));
        this.told = told;
        this.begun = sandbox.world().clock().nanos();
        this.faultNanos = begun;
        this.healedNanos = begun;
    }

    Sandbox sandbox() {
        return sandbox;
    }

    /// Where the nodes live, as the drill chose it.
    <G extends Ground> G ground(Class<G> kind) {
        return kind.cast(sandbox.ground());
    }

    World world() {
        return sandbox.world();
    }

    /// The node that leads now; waits for one.
    SandboxNode leader() {
        return sandbox.awaitLeader(order.patience());
    }

    /// The node that leads now, if one does.
    Optional<SandboxNode> leads() {
        return sandbox.leader();
    }

    /// A node that does not lead.
    SandboxNode follower() {
        return sandbox.others(leader()).getFirst();
    }

    /// Notes what was done or seen.
    void step(String text) {
        DrillResult.Step step = new DrillResult.Step(millisSince(begun), text);
        steps.add(step);
        told.accept("%8.3f s  %s".formatted(step.atMillis() / 1000.0, text));
    }

    /// Notes the fault, at the moment before it is done.
    ///
    /// @return that moment
    long fault(String text) {
        long now = now();
        if (!struck) {
            struck = true;
            faultNanos = now;
        }
        step(text);
        return now;
    }

    /// Notes that the fault is taken back.
    void healed(String text) {
        healedNanos = now();
        step(text);
    }

    /// Waits until another node leads.
    ///
    /// @param old who led
    /// @param since the moment from which the time is counted
    SandboxNode newLeader(SandboxNode old, long since) {
        SandboxNode leader =
                sandbox.awaitFound("another leader than " + old.name(), order.patience(), () -> leaderBeside(old));
        long millis = millisSince(since);
        newLeaders.add(millis);
        step("%s leads, %d ms after the fault".formatted(leader.name(), millis));
        return leader;
    }

    /// Waits until any node leads.
    ///
    /// @param since the moment from which the time is counted
    void anyLeader(long since) {
        SandboxNode leader = leader();
        long millis = millisSince(since);
        newLeaders.add(millis);
        step("%s leads, %d ms after the fault".formatted(leader.name(), millis));
    }

    /// Waits until an envelope that was sent after a moment is acknowledged.
    void service(long since) {
        sandbox.await("service after the fault", order.patience(), () -> load.servedSince(since));
        long millis = millisSince(since);
        if (backMillis < 0) {
            backMillis = millis;
        }
        step("an envelope sent after the fault is acknowledged, %d ms after it".formatted(millis));
    }

    /// Keeps the fault up for as long as was ordered.
    void hold() {
        pause(lasting);
    }

    /// Lets time pass with the load going on.
    void pause(Duration length) {
        long end = now() + length.toNanos();
        for (long left = end - now(); left > 0; left = end - now()) {
            LockSupport.parkNanos(left);
        }
    }

    /// Notes what must be so and is not.
    void expect(boolean holds, String otherwise) {
        if (!holds) {
            broken.add(otherwise);
            step("WRONG: " + otherwise);
        }
    }

    long now() {
        return world().clock().nanos();
    }

    List<DrillResult.Step> steps() {
        return steps;
    }

    List<Long> newLeaders() {
        return newLeaders;
    }

    /// What was expected and did not come.
    List<String> broken() {
        return broken;
    }

    long begunNanos() {
        return begun;
    }

    long faultNanos() {
        return faultNanos;
    }

    long healedNanos() {
        return healedNanos;
    }

    long backMillis() {
        return backMillis;
    }

    /// Only the others are asked: a node that hangs would be waited for.
    private Optional<SandboxNode> leaderBeside(SandboxNode old) {
        return sandbox.others(old).stream()
                .filter(SandboxNode::isRunning)
                .filter(node -> node.state()
                        .flatMap(state -> state.channel(Sandbox.CHANNEL))
                        .filter(channel -> channel.role().equals("leader"))
                        .isPresent())
                .findFirst();
    }

    private long millisSince(long nanos) {
        return (now() - nanos) / 1_000_000;
    }
}
