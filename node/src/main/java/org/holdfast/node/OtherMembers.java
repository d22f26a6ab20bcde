package org.holdfast.node;

import java.util.Optional;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.order.Peers;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;

/// What the other members of a channel know of it. Every question blocks for at most a few seconds.
///
/// @param seat of this node
record OtherMembers(Channels.Shared shared, String seat) {
    ChannelPeers of(ChannelConfig config, MemberId self) {
        return new ChannelPeers(shared.links(), config, self);
    }

    /// Which incarnation they know in this node's seat; empty if none of them answers.
    Optional<Integer> incarnation(ChannelConfig config) {
        Optional<Peers.View> view = of(config, new MemberId(seat, 1)).view();
        return view.map(known -> known.members().stream()
                .filter(member -> member.seat().equals(seat))
                .mapToInt(MemberId::incarnation)
                .max()
                .orElse(1));
    }

    /// Whether they have opened the channel already, so that this seat may have voted in it although it has no marker:
    /// a log begins when every member has joined, and who joins has a marker first.
    boolean active(ChannelConfig config, MemberId self) {
        boolean known = shared.home().seat(config.id()).member().isPresent();
        return !known && of(config, self).view().isPresent();
    }

    /// A node that left a channel has forgotten its log: it comes back only as a new member among others that have kept
    /// theirs.
    void requireOrdering(ChannelConfig config, MemberId self) {
        if (of(config, self).view().isEmpty()) {
            throw Refusal.of(
                            Code.NOT_A_MEMBER,
                            "this node has left channel %s and deleted its log, and no other member that still orders"
                                    + " it answers: make a new channel, with a new genesis block",
                            config.id())
                    .asException();
        }
    }
}
