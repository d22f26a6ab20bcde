package org.holdfast.drill;

/// The process of a node that does not lead is gone, and comes back later.
final class FollowerReturns implements Drill {
    @Override
    public String name() {
        return "follower-dies-and-returns";
    }

    @Override
    public String summary() {
        return "kill -9 of a node that does not lead; the others go on; it comes back and catches up";
    }

    @Override
    public void carryOut(Scene scene) {
        SandboxNode node = scene.follower();
        long since = scene.fault("kill -9 of " + node.name() + ", which does not lead");
        node.kill();
        scene.service(since);
        scene.hold();
        node.start();
        scene.healed(node.name() + " is started again");
    }
}
