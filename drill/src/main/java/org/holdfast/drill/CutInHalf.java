package org.holdfast.drill;

import java.util.List;

/// The node that leads is cut off from the other members. Clients reach both sides.
final class CutInHalf implements Drill {
    @Override
    public String name() {
        return "cut-in-half";
    }

    @Override
    public String summary() {
        return "the network between the leader and the other members is cut, clients reach both sides; it is mended";
    }

    @Override
    public List<Need> needs() {
        return List.of(Need.ROOT, Need.NAMESPACES);
    }

    @Override
    public Ground ground(Site site) {
        return new Bridges(site);
    }

    @Override
    public void carryOut(Scene scene) {
        Bridges bridges = scene.ground(Bridges.class);
        SandboxNode leader = scene.leader();
        int number = scene.sandbox().nodes().indexOf(leader) + 1;
        long since = scene.fault(leader.name() + ", which leads, is cut off from the other members");
        bridges.cut(number);
        scene.newLeader(leader, since);
        scene.service(since);
        scene.hold();
        bridges.mend(number);
        scene.healed("the network is mended");
    }
}
