package org.holdfast.drill;

import java.util.List;

/// The wall clock of the node that leads is wrong from one moment to the next: first a day ahead, then, on the next
/// leader, a day behind.
final class ClockJump implements Drill {
    @Override
    public String name() {
        return "clock-jump";
    }

    @Override
    public String summary() {
        return "the leader's wall clock jumps a day ahead, the next leader's a day back: each hands leadership over";
    }

    @Override
    public List<Need> needs() {
        return List.of(Need.FAKETIME);
    }

    @Override
    public int seconds() {
        return 3;
    }

    @Override
    public Ground ground(Site site) {
        return new FakeClocks(site);
    }

    @Override
    public void carryOut(Scene scene) {
        jump(scene, "+1d", "a day ahead");
        jump(scene, "-1d", "a day back");
    }

    private static void jump(Scene scene, String offset, String words) {
        FakeClocks clocks = scene.ground(FakeClocks.class);
        SandboxNode leader = scene.leader();
        int number = scene.sandbox().nodes().indexOf(leader) + 1;
        long since = scene.fault("the clock of %s, which leads, jumps %s".formatted(leader.name(), words));
        clocks.set(number, offset);
        scene.newLeader(leader, since);
        scene.service(since);
        scene.hold();
        scene.expect(
                scene.leads().filter(leader::equals).isEmpty(),
                "%s leads again, its clock still %s".formatted(leader.name(), words));
        clocks.set(number, "+0");
        scene.healed("the clock of %s is right again".formatted(leader.name()));
    }
}
