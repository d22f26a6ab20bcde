package org.holdfast.drill;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.env.World;

/// Whether the nodes of a sandbox still get nearer to where they are waited for. On a slow machine a start or the way
/// to the newest block may take minutes, and is not held against a node; that it stands still is.
///
/// A node moves when it gets blocks, and until its channel is open also when it prints something or answers otherwise
/// than before. One that is where it is waited for need not move, unless all are and what is waited for is still not
/// so: then the blocks of any will do. While one is starting the others wait for it: it may be the one that makes a
/// majority.
///
/// For one wait; used by the thread that waits.
final class Headway {
    /// However much moves: so long is not waited for anything.
    static final Duration LONGEST = Duration.ofMinutes(6);

    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final World world;
    private final List<SandboxNode> nodes;
    private final boolean abreast;
    private final Duration patience;
    private final long begun;
    private final Map<String, Sign> last = new HashMap<>();
    private final Map<String, Long> moved = new HashMap<>();
    private long looked;

    /// @param there whether it is healthy with its channel open
    /// @param height of the channel; -1 = not open
    /// @param rest of what it shows; the same as long as its channel is open
    private record Sign(boolean there, long height, String rest) {
        boolean isOpen() {
            return height >= 0;
        }
    }

    /// @param nodes those that run are waited for
    /// @param abreast whether they are also waited for to have equally many blocks
    /// @param patience for a node that does not move
    Headway(World world, List<SandboxNode> nodes, boolean abreast, Duration patience) {
        this.world = world;
        this.nodes = nodes;
        this.abreast = abreast;
        this.patience = patience;
        this.begun = world.clock().nanos();
        this.looked = begun - LOOK_NANOS;
    }

    /// Who has not moved for too long. Looks at the nodes once a second at most.
    ///
    /// @return in words; empty as long as there is hope
    Optional<String> lost() {
        long now = world.clock().nanos();
        if (now - looked < LOOK_NANOS) {
            return Optional.empty();
        }
        looked = now;
        note(now);
        Optional<String> stuck = nodes.stream()
                .filter(SandboxNode::isRunning)
                .filter(node -> now - moved.getOrDefault(node.name(), begun) > patience.toNanos())
                .map(node -> "%s has not moved for %d s".formatted(node.name(), patience.toSeconds()))
                .findFirst();
        Duration longest = LONGEST.compareTo(patience) > 0 ? LONGEST : patience;
        return stuck.isPresent() || now - begun <= longest.toNanos()
                ? stuck
                : Optional.of("nodes move, and are not there after %d s".formatted(longest.toSeconds()));
    }

    private void note(long now) {
        Map<String, Sign> signs = new HashMap<>();
        nodes.stream().filter(SandboxNode::isRunning).forEach(node -> signs.put(node.name(), sign(node)));
        long top = signs.values().stream().mapToLong(Sign::height).max().orElse(-1);
        boolean allThere = signs.values().stream().allMatch(sign -> isThere(sign, top));
        boolean anyMoved = false;
        boolean anyStarts = false;
        for (Map.Entry<String, Sign> node : signs.entrySet()) {
            boolean moves = !node.getValue().equals(last.put(node.getKey(), node.getValue()));
            anyMoved |= moves;
            anyStarts |= moves && !node.getValue().isOpen();
            if (moves || (!allThere && isThere(node.getValue(), top))) {
                moved.put(node.getKey(), now);
            }
        }
        for (Map.Entry<String, Sign> node : signs.entrySet()) {
            if (anyStarts ? node.getValue().isOpen() : allThere && anyMoved) {
                moved.put(node.getKey(), now);
            }
        }
    }

    private boolean isThere(Sign sign, long top) {
        return sign.there && (!abreast || sign.height == top);
    }

    private Sign sign(SandboxNode node) {
        Optional<NodeState> state = node.state();
        Optional<NodeState.Channel> channel = state.flatMap(now -> now.channel(Sandbox.CHANNEL));
        if (channel.isPresent()) {
            return new Sign(state.get().healthy(), channel.get().height(), "");
        }
        String says = state.map(NodeState::toString).orElse("");
        return new Sign(false, -1, says + node.printed(world.disk()));
    }
}
