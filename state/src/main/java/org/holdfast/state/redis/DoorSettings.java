package org.holdfast.state.redis;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/// How a Redis door behaves.
///
/// @param host address to bind, `0.0.0.0` for all
/// @param port 0 lets the system choose, see [RedisDoor#port]
/// @param keys full names, or one table for all
/// @param users lines `user NAME RULE ...` in Redis' ACL syntax; without a line for `default` that user is on,
///     without a password, and may do everything
/// @param allowed what is off unless it stands here
/// @param limits see [Limits]
public record DoorSettings(
        String host, int port, KeyMapping keys, List<String> users, Set<Allowed> allowed, Limits limits) {
    public DoorSettings {
        users = List.copyOf(users);
        allowed = Set.copyOf(allowed);
    }

    /// Nobody but `default`, nothing dangerous, limits as [Limits#DEFAULT].
    public DoorSettings(String host, int port, KeyMapping keys) {
        this(host, port, keys, List.of(), Set.of(), Limits.DEFAULT);
    }

    /// What one wrong command could cost too much for.
    public enum Allowed {
        /// FLUSHDB and FLUSHALL: they remove every key, by a committed transaction like any other.
        FLUSH,
        /// DEBUG SLEEP: the connection's commands wait (nobody else's).
        DEBUG_SLEEP
    }

    /// The same with other users.
    public DoorSettings withUsers(List<String> others) {
        return new DoorSettings(host, port, keys, others, allowed, limits);
    }

    /// The same with other limits.
    public DoorSettings withLimits(Limits others) {
        return new DoorSettings(host, port, keys, users, allowed, others);
    }

    /// The same with other permissions.
    public DoorSettings withAllowed(Set<Allowed> others) {
        return new DoorSettings(host, port, keys, users, others, limits);
    }

    /// What the door bears.
    ///
    /// @param clients connections at once; one more is told so and closed (`maxclients`)
    /// @param bulkBytes longest word of a request (`proto-max-bulk-len`)
    /// @param requestBytes all words of a request, each with 16 bytes for itself
    /// @param unansweredBytes requests of all clients that wait for the backend; beyond it commands are refused
    /// @param outputBytes the longest reply; a client is cut that asks for a longer one (`client-output-buffer-limit`)
    /// @param waiting clients that wait in a blocking command; one more is refused
    /// @param times see [Times]
    public record Limits(
            int clients,
            int bulkBytes,
            long requestBytes,
            long unansweredBytes,
            long outputBytes,
            int waiting,
            Times times) {
        /// 10,000 clients, words of 9 MiB, requests of 10 MB, 256 MiB unanswered, replies of 64 MiB, 10,000 waiting.
        public static final Limits DEFAULT =
                new Limits(10_000, 9 << 20, 10_000_000, 256L << 20, 64L << 20, 10_000, Times.DEFAULT);

        /// The same with another number of clients.
        public Limits withClients(int other) {
            return new Limits(other, bulkBytes, requestBytes, unansweredBytes, outputBytes, waiting, times);
        }

        /// The same with another longest reply.
        public Limits withOutputBytes(long other) {
            return new Limits(clients, bulkBytes, requestBytes, unansweredBytes, other, waiting, times);
        }

        /// The same with other times.
        public Limits withTimes(Times others) {
            return new Limits(clients, bulkBytes, requestBytes, unansweredBytes, outputBytes, waiting, others);
        }
    }

    /// How long somebody may keep the door waiting. Looked at a few times within each, so a cut comes up to a quarter
    /// late.
    ///
    /// @param idle a client without a request is cut after this; zero: never (`timeout`)
    /// @param request a request that has begun has to be whole after this
    /// @param stall a client that takes none of its replies is cut after this
    /// @param handshake TLS
    /// @param grace how long a closing door waits for answers that are under way
    public record Times(Duration idle, Duration request, Duration stall, Duration handshake, Duration grace) {
        /// Never, 2 min, 1 min, 5 s, 5 s.
        public static final Times DEFAULT = new Times(
                Duration.ZERO,
                Duration.ofMinutes(2),
                Duration.ofMinutes(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
    }
}
