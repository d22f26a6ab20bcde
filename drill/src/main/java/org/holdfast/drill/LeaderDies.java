package org.holdfast.drill;

/// The process of the node that leads is gone from one moment to the next.
final class LeaderDies implements Drill {
    @Override
    public String name() {
        return "leader-dies";
    }

    @Override
    public String summary() {
        return "kill -9 of the node that leads; another takes over; the dead one comes back";
    }

    @Override
    public void carryOut(Scene scene) {
        SandboxNode leader = scene.leader();
        long since = scene.fault("kill -9 of " + leader.name() + ", which leads");
        leader.kill();
        scene.newLeader(leader, since);
        scene.service(since);
        scene.hold();
        leader.start();
        scene.healed(leader.name() + " is started again");
    }
}
