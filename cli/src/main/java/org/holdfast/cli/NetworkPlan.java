package org.holdfast.cli;

import java.util.OptionalInt;
import org.holdfast.wire.ChannelId;

/// A network to be made.
///
/// @param nodes how many
/// @param channel the first channel
/// @param firstPort where to look for free ports; chosen when empty
record NetworkPlan(int nodes, ChannelId channel, OptionalInt firstPort) {
    /// Two cores run no more in earnest; it keeps a typing error from starting a hundred JVMs.
    static final int NODES_MAX = 16;

    static NetworkPlan of(int nodes, String channel, OptionalInt firstPort) {
        if (nodes < 1 || nodes > NODES_MAX) {
            throw CommandFault.usage("--nodes is %d, allowed are 1 to %d", nodes, NODES_MAX);
        }
        if (!ChannelId.isValid(channel)) {
            throw CommandFault.usage(
                    "--channel '%s' is no channel name: small letters, digits, '.' and '-', a letter first", channel);
        }
        if (firstPort.isPresent() && (firstPort.getAsInt() < 1024 || firstPort.getAsInt() > 65_000)) {
            throw CommandFault.usage("--ports is %d, allowed are 1024 to 65000", firstPort.getAsInt());
        }
        return new NetworkPlan(nodes, new ChannelId(channel), firstPort);
    }
}
