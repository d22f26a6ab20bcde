package org.holdfast.order;

import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;

/// What clients are told when a channel has halted at this node: a bug or a broken disk.
record Halt(ChannelId channel, Throwable fault) {
    /// For whatever comes, or was not sent yet.
    Refusal refusal() {
        return Refusal.of(
                Code.CHANNEL_HALTED,
                "channel %s halted at this node (%s): send to another node, and see this node's log",
                channel,
                Decode.reason(fault));
    }

    /// For what was on its way already.
    Refusal afloat() {
        return Refusal.of(
                Code.OUTCOME_UNKNOWN,
                "channel %s halted at this node (%s): the envelope may or may not be ordered; look for it before"
                        + " sending again",
                channel,
                Decode.reason(fault));
    }

    /// In a few words, for the operator.
    String problem() {
        return "halted: " + Decode.reason(fault);
    }
}
