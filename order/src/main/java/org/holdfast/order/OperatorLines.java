package org.holdfast.order;

import com.google.protobuf.InvalidProtocolBufferException;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigChange;
import org.holdfast.env.Invariant;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The lines of a channel that operators and their tools look for, in the words of Fabric's etcdraft orderers. A
/// member's number is its Raft id: its consenter id in the channel's newest block; 0 = none. Called on the channel's
/// loop.
final class OperatorLines {
    private static final Logger LOG = LoggerFactory.getLogger(Orderer.class);

    private final ChannelId channel;
    private final MemberId self;
    private final Spine spine;

    OperatorLines(ChannelId channel, MemberId self, Spine spine) {
        this.channel = channel;
        this.self = self;
        this.spine = spine;
    }

    void starting(long height) {
        LOG.info("Starting Raft node channel={} node={} member={} height={}", channel, number(self), self, height);
    }

    void leader(Leadership before, Leadership now) {
        if (!now.leader().equals(before.leader())) {
            LOG.info(
                    "Raft leader changed: {} -> {} channel={} node={}",
                    number(before),
                    number(now),
                    channel,
                    number(self));
        }
    }

    void wrote(StoredBlock block) {
        if (LOG.isInfoEnabled()) {
            LOG.info(
                    "Writing block [{}] (Raft index: {}) to ledger channel={} node={}",
                    block.number(),
                    raftIndex(block),
                    channel,
                    number(self));
        }
    }

    /// A config is in force; what of it waits for a restart is said once, here.
    void configured(ChannelConfig before, ChannelConfig now) {
        ConfigChange change = ConfigChange.between(before, now);
        LOG.info(
                "Config {} is in force from block [{}] on, changed: {} channel={} node={}",
                now.sequence(),
                now.blockNumber(),
                String.join(", ", change.elements()),
                channel,
                number(self));
        if (!change.restart().isEmpty()) {
            LOG.warn(
                    "Config {} asks for a restart of every node, one after the other: {} channel={} node={}",
                    now.sequence(),
                    String.join("; ", change.restart()),
                    channel,
                    number(self));
        }
    }

    private long number(Leadership leadership) {
        return leadership.leader().map(this::number).orElse(0L);
    }

    private long number(MemberId member) {
        return spine.consenterId(member.seat());
    }

    private static long raftIndex(StoredBlock block) {
        try {
            return Decode.aliasing(ConsenterMetadata.parser(), BlockWriter.consenterMetadata(block))
                    .getRaftIndex();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("consenter metadata of block %d does not decode: %s", block.number(), e);
        }
    }
}
