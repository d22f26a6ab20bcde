package org.holdfast.node;

import org.holdfast.order.Orderer;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;

/// Hears of a node's channels as they open and close. Called with the channels' lock held: it must not come back to
/// them.
interface ChannelUse {
    /// Nobody's.
    ChannelUse NONE = new ChannelUse() {
        @Override
        public void opened(ChannelId id, Orderer orderer, MemberId self) {}

        @Override
        public void closing(ChannelId id) {}
    };

    /// A channel orders from now on.
    ///
    /// @param self this node in it
    void opened(ChannelId id, Orderer orderer, MemberId self);

    /// A channel is about to be closed. When this returns nothing of it is used any more.
    void closing(ChannelId id);
}
