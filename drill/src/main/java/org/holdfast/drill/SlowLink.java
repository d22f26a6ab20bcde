package org.holdfast.drill;

import java.time.Duration;
import java.util.List;

/// Everything between members takes longer.
final class SlowLink implements Drill {
    private static final Duration ONE_WAY = Duration.ofMillis(80);

    @Override
    public String name() {
        return "slow-link";
    }

    @Override
    public String summary() {
        return "everything between members takes 80 ms longer, each way; the leader stays, answers take longer";
    }

    @Override
    public List<Need> needs() {
        return List.of(Need.LOOPBACK_NET);
    }

    @Override
    public Ground ground(Site site) {
        return new SlowLinks(site);
    }

    @Override
    public void carryOut(Scene scene) {
        SlowLinks links = scene.ground(SlowLinks.class);
        long since =
                scene.fault("everything between members takes %d ms longer, each way".formatted(ONE_WAY.toMillis()));
        links.delay(ONE_WAY);
        scene.service(since);
        scene.hold();
        links.delay(Duration.ZERO);
        scene.healed("links are as before");
    }
}
