package org.holdfast.drill;

/// All processes are gone at once, and come back.
final class AllDie implements Drill {
    @Override
    public String name() {
        return "all-die";
    }

    @Override
    public String summary() {
        return "kill -9 of all nodes at once; all are started again";
    }

    @Override
    public int seconds() {
        return 1;
    }

    @Override
    public void carryOut(Scene scene) {
        Sandbox sandbox = scene.sandbox();
        long since = scene.fault("kill -9 of all nodes");
        sandbox.nodes().forEach(SandboxNode::kill);
        scene.hold();
        sandbox.nodes().forEach(SandboxNode::start);
        scene.healed("all nodes are started again");
        scene.anyLeader(since);
        scene.service(since);
    }
}
