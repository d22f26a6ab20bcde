package org.holdfast.drill;

import java.time.Duration;
import java.util.List;

/// The disk of a node is full, and has room again later.
final class FullDisk implements Drill {
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "full-disk";
    }

    @Override
    public String summary() {
        return "the disk of the node that leads is full; another takes over; there is room again, without a restart";
    }

    @Override
    public List<Need> needs() {
        return List.of(Need.ROOT, Need.MOUNTS);
    }

    @Override
    public Ground ground(Site site) {
        return new SmallDisks(site);
    }

    @Override
    public void carryOut(Scene scene) {
        SmallDisks disks = scene.ground(SmallDisks.class);
        SandboxNode leader = scene.leader();
        long since = scene.fault("the disk of " + leader.name() + ", which leads, is filled to the last byte");
        long bytes = disks.fill(leader);
        scene.step("%,d bytes of ballast written".formatted(bytes));
        scene.sandbox()
                .await(
                        "complaint of " + leader.name() + " about its disk",
                        NOTICED_WITHIN,
                        () -> leader.state().filter(state -> !state.healthy()).isPresent());
        scene.step(leader.name() + " says: "
                + leader.state().map(NodeState::problems).orElse(List.of()));
        scene.newLeader(leader, since);
        scene.service(scene.now());
        scene.hold();
        scene.expect(leader.isRunning(), leader.name() + " has ended, though a full disk must only stop its part");
        disks.free(leader);
        scene.healed("the ballast is deleted");
    }
}
