package org.holdfast.drill;

import java.time.Duration;
import java.util.Optional;

/// A node comes back without its disk.
final class WipedNode implements Drill {
    private static final Duration SEAT_WITHIN = Duration.ofSeconds(90);

    @Override
    public String name() {
        return "wiped-node";
    }

    @Override
    public String summary() {
        return "kill -9 of a node and its data deleted; it comes back as the next incarnation and takes its seat";
    }

    @Override
    public int seconds() {
        return 2;
    }

    @Override
    public void carryOut(Scene scene) {
        Sandbox sandbox = scene.sandbox();
        SandboxNode node = scene.follower();
        String before = node.state().map(NodeState::member).orElse("");
        long since = scene.fault("kill -9 of " + node.name() + ", its data is deleted");
        node.kill();
        sandbox.world().disk().deleteTree(node.dataDirectory());
        sandbox.world().disk().createDirectories(node.dataDirectory());
        scene.service(since);
        scene.hold();
        node.start();
        scene.healed(node.name() + " is started again");
        sandbox.await(
                "control socket of " + node.name(),
                SEAT_WITHIN,
                () -> node.state().filter(state -> state.ports().raft() != 0).isPresent());
        node.join(sandbox.genesis()).ifPresent(why -> {
            throw new DrillFault(node.name() + " does not join again: " + why);
        });
        scene.step(node.name() + " has joined the channel again");
        sandbox.await(
                "seat for " + node.name(),
                SEAT_WITHIN,
                () -> role(node).filter(role -> !role.equals("observer")).isPresent());
        String now = node.state().map(NodeState::member).orElse("");
        scene.step("%s has its seat again, as member %s".formatted(node.name(), now));
        scene.expect(!now.equals(before), "it votes as %s, as before its votes were lost".formatted(now));
    }

    private static Optional<String> role(SandboxNode node) {
        return node.state().flatMap(state -> state.channel(Sandbox.CHANNEL)).map(NodeState.Channel::role);
    }
}
