package org.holdfast.keyspace;

import java.util.Optional;
import org.holdfast.wire.ChannelId;

/// How a shard stands on this node.
///
/// @param appliedBlock the last block whose commands are in the state; -1 before the first
/// @param keys with expired ones that no block has removed yet
/// @param halted whether it needs an operator; otherwise it comes back by itself
/// @param problem what keeps it from answering, if anything
/// @param transfer the checkpoint that comes to it now, if one does
public record ShardReport(
        ShardName name,
        ChannelId channel,
        long appliedBlock,
        long keys,
        boolean halted,
        Optional<String> problem,
        Optional<Transfer> transfer) {}
