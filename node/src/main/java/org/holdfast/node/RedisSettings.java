package org.holdfast.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.node.NodeSettings.Address;
import org.holdfast.node.NodeSettings.TlsSettings;
import org.holdfast.state.redis.DoorSettings;

/// What a node's settings say of its Redis doors.
///
/// @param listen of the door whose clients name keys in full; empty = none
/// @param plain of the door whose clients' keys all lie in one table; empty = none
/// @param tls of both
/// @param users lines in Redis' ACL syntax; without one for `default` that user may do everything
/// @param usersFile a file of such lines
/// @param allowed what is off unless it stands here
/// @param clients connections of each door
/// @param replyBytes longest reply
/// @param idle a client without a request is cut after this; zero: never
record RedisSettings(
        Optional<Address> listen,
        Optional<Plain> plain,
        Optional<TlsSettings> tls,
        List<String> users,
        Optional<Path> usersFile,
        Set<DoorSettings.Allowed> allowed,
        int clients,
        long replyBytes,
        Duration idle) {
    RedisSettings {
        users = List.copyOf(users);
        allowed = Set.copyOf(allowed);
    }

    /// @param keyspace in which the table is
    record Plain(Address listen, String keyspace, String table) {}

    /// The door's limits.
    DoorSettings.Limits limits() {
        DoorSettings.Times by = DoorSettings.Times.DEFAULT;
        return DoorSettings.Limits.DEFAULT
                .withClients(clients)
                .withOutputBytes(replyBytes)
                .withTimes(new DoorSettings.Times(idle, by.request(), by.stall(), by.handshake(), by.grace()));
    }
}
