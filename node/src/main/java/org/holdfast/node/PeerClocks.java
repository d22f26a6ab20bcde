package org.holdfast.node;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.holdfast.env.Clock;
import org.holdfast.wire.proto.RendezvousReply;

/// The wall clocks of other nodes, remembered for a moment: the channels of this node ask for them one after the other.
/// One entry for each node that a config names. Thread-safe.
final class PeerClocks {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Clock clock;
    private final Map<String, Heard> heard = new ConcurrentHashMap<>();

    /// @param wallMillis what the other node's clock showed
    /// @param atNanos this node's monotonic time then: half-way between question and answer
    private record Heard(long wallMillis, long atNanos) {}

    PeerClocks(Clock clock) {
        this.clock = clock;
    }

    /// How far a node's wall clock is ahead of this node's, milliseconds; empty when it does not answer or tell.
    ///
    /// @param name of the node, one of a bounded number
    /// @param ask asks it; blocks
    OptionalLong aheadMillis(String name, Supplier<Optional<RendezvousReply>> ask) {
        Heard known = heard.get(name);
        if (known == null || clock.nanos() - known.atNanos > FRESH_NANOS) {
            long asked = clock.nanos();
            Optional<RendezvousReply> reply = ask.get();
            long answered = clock.nanos();
            if (reply.isEmpty() || reply.get().getWallMillis() == 0) {
                return OptionalLong.empty();
            }
            known = new Heard(reply.get().getWallMillis(), asked + (answered - asked) / 2);
            heard.put(name, known);
        }
        // The other's clock is carried on by monotonic time, so that a jump of this node's shows at once.
        long there = known.wallMillis + TimeUnit.NANOSECONDS.toMillis(clock.nanos() - known.atNanos);
        return OptionalLong.of(there - clock.wallMillis());
    }
}
