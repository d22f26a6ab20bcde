package org.holdfast.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What is different between two configs of one channel.
///
/// @param elements elements that were added, changed or removed, e.g. `[Value]  /Channel/Orderer/BatchSize`; sorted
/// @param consenters whether the list of consenters is another: members, addresses, certificates or order
/// @param type whether the consensus type is another
/// @param restart what of it takes effect only when a node is restarted, each readable alone; empty when all is in
///     force with the block
public record ConfigChange(List<String> elements, boolean consenters, boolean type, List<String> restart) {
    public ConfigChange {
        elements = List.copyOf(elements);
        restart = List.copyOf(restart);
    }

    /// Compares.
    public static ConfigChange between(ChannelConfig before, ChannelConfig after) {
        boolean type = !before.consensusType().equals(after.consensusType());
        // Lists that could not be read are empty: then the bytes tell.
        boolean consenters = type
                || !before.consenters().equals(after.consenters())
                || (after.consenters().isEmpty() && !ConsenterRules.sameMetadata(before, after));
        return new ConfigChange(elements(before, after), consenters, type, restart(before, after));
    }

    private static List<String> elements(ChannelConfig before, ChannelConfig after) {
        Map<String, TreeElement> old = TreeElement.flatten(before.tree().getChannelGroup());
        Map<String, TreeElement> now = TreeElement.flatten(after.tree().getChannelGroup());
        SortedSet<String> keys = new TreeSet<>(old.keySet());
        keys.addAll(now.keySet());
        List<String> found = new ArrayList<>();
        for (String key : keys) {
            if (!Objects.equals(version(old.get(key)), version(now.get(key)))) {
                found.add(key);
            }
        }
        return found;
    }

    private static @Nullable Long version(@Nullable TreeElement element) {
        return element == null ? null : element.version();
    }

    private static List<String> restart(ChannelConfig before, ChannelConfig after) {
        List<String> found = new ArrayList<>();
        if (!before.consensusType().equals(after.consensusType())) {
            found.add("ConsensusType.type %s -> %s: the old engine runs on until every node was restarted"
                    .formatted(before.consensusType(), after.consensusType()));
        }
        Options old = before.options();
        Options now = after.options();
        note(found, "tick_interval", GoDuration.format(old.tickInterval()), GoDuration.format(now.tickInterval()));
        note(found, "election_tick", old.electionTicks(), now.electionTicks());
        note(found, "heartbeat_tick", old.heartbeatTicks(), now.heartbeatTicks());
        note(found, "max_inflight_blocks", old.maxInflightBlocks(), now.maxInflightBlocks());
        return found;
    }

    private static void note(List<String> found, String name, Object old, Object now) {
        if (!old.equals(now)) {
            found.add("%s %s -> %s: in force on a node from its next start on".formatted(name, old, now));
        }
    }
}
