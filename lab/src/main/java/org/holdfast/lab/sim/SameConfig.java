package org.holdfast.lab.sim;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;
import org.hyperledger.fabric.protos.common.Config;
import org.jspecify.annotations.Nullable;

/// Every node goes by the config of the newest config block it has, and each of its blocks names that one.
final class SameConfig implements Rule {
    private final Scene scene;
    private final List<Change> changes = new ArrayList<>();
    /// The config each node was last seen with.
    private final @Nullable ChannelConfig[] seen;

    private record Change(long block, Config config) {}

    SameConfig(Scene scene) {
        this.scene = scene;
        this.seen = new ChannelConfig[scene.plan().members()];
    }

    @Override
    public void first(SimNode node, StoredBlock block, BlockView view) {
        if (block.number() > 0) {
            Configs.of(view.data()).ifPresent(config -> changes.add(new Change(block.number(), config.getConfig())));
        }
    }

    @Override
    public void appended(SimNode node, StoredBlock block, BlockView view) {
        if (changes.isEmpty() || block.number() == 0) {
            return;
        }
        int behind = count(block.number() + 1);
        long due = behind == 0 ? 0 : changes.get(behind - 1).block;
        long named = Metadatas.lastConfig(view);
        if (named != due) {
            throw Violation.of(
                    SameConfig.class, "%s: block %d names config block %d, not %d", node, block.number(), named, due);
        }
    }

    @Override
    public void step() {
        for (SimNode node : scene.nodes()) {
            if (node.runs()) {
                check(node, node.orderer().config());
            }
        }
    }

    private void check(SimNode node, ChannelConfig now) {
        int due = count(node.height());
        if (now.sequence() != due) {
            throw Violation.of(
                    SameConfig.class,
                    "%s: config %d is in force at height %d, not %d",
                    node,
                    now.sequence(),
                    node.height(),
                    due);
        }
        if (due == 0 || now.equals(seen[node.number()])) {
            return;
        }
        seen[node.number()] = now;
        Change change = changes.get(due - 1);
        if (now.blockNumber() != change.block || !now.tree().equals(change.config)) {
            throw Violation.of(
                    SameConfig.class,
                    "%s: config %d of block %d is not that of block %d",
                    node,
                    due,
                    now.blockNumber(),
                    change.block);
        }
    }

    /// Config blocks below a height, block 0 aside.
    private int count(long height) {
        int count = 0;
        while (count < changes.size() && changes.get(count).block < height) {
            count++;
        }
        return count;
    }
}
