package org.holdfast.drill;

/// The node that leads stands still (a stopped virtual machine, a long pause) and goes on as if nothing had been.
final class PausedNode implements Drill {
    @Override
    public String name() {
        return "paused-node";
    }

    @Override
    public String summary() {
        return "SIGSTOP of the node that leads; another takes over; SIGCONT, and the old one must follow";
    }

    @Override
    public int seconds() {
        return 5;
    }

    @Override
    public void carryOut(Scene scene) {
        SandboxNode leader = scene.leader();
        long since = scene.fault("SIGSTOP of " + leader.name() + ", which leads");
        leader.pause();
        try {
            scene.newLeader(leader, since);
            scene.service(since);
            scene.hold();
        } finally {
            leader.resume();
        }
        scene.healed("SIGCONT of " + leader.name());
    }
}
