package org.holdfast.state.redis;

import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Finds out when a client has kept its session waiting for too long. Owner: the session's event loop.
final class Overdue {
    private static final long LOOK_MIN_MILLIS = 20;
    private static final long LOOK_MAX_MILLIS = 5_000;
    private static final long LOOKS = 4;

    private final Doorway door;
    private final SocketChannel channel;
    private long requestBeganNanos;
    private Taken taken;

    /// How much of what was written the client had taken at some time.
    ///
    /// @param pending bytes it had not taken
    /// @param ofCurrent what it had taken of the buffer that was being sent
    private record Taken(long pending, long ofCurrent, long atNanos) {}

    Overdue(Doorway door, SocketChannel channel) {
        this.door = door;
        this.channel = channel;
        this.taken = new Taken(0, 0, door.nanos());
    }

    void requestBegan() {
        requestBeganNanos = door.nanos();
    }

    /// After how many milliseconds to look again.
    long lookMillis() {
        DoorSettings.Times times = door.settings().limits().times();
        long shortest = Math.min(times.request().toMillis(), times.stall().toMillis());
        Duration idle = door.tuning().idle;
        if (!idle.isZero()) {
            shortest = Math.min(shortest, idle.toMillis());
        }
        return Math.clamp(shortest / LOOKS, LOOK_MIN_MILLIS, LOOK_MAX_MILLIS);
    }

    /// Why the client is to be cut; null when it is not.
    ///
    /// @param quiet whether nothing is under way
    /// @param inRequest whether the rest of a request is awaited
    @Nullable
    String reason(Client client, boolean quiet, boolean inRequest) {
        long now = door.nanos();
        DoorSettings.Times times = door.settings().limits().times();
        Duration idle = door.tuning().idle;
        if (quiet && !inRequest && !idle.isZero() && now - client.lastNanos > idle.toNanos()) {
            return "idle";
        }
        if (inRequest && now - requestBeganNanos > times.request().toNanos()) {
            return "a request was begun and not ended";
        }
        return takesNothing(now, times.stall()) ? "it takes none of its replies" : null;
    }

    private boolean takesNothing(long now, Duration stall) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long pending = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        long current = buffer == null ? 0 : buffer.currentProgress();
        boolean none = pending > 0 && pending >= taken.pending() && current == taken.ofCurrent();
        if (!none || taken.pending() == 0) {
            taken = new Taken(pending, current, now);
            return false;
        }
        return now - taken.atNanos() > stall.toNanos();
    }
}
