package org.holdfast.order;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import org.holdfast.channel.Admission;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Clock;
import org.holdfast.env.Invariant;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.TxPlace;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;

/// The gate's judge: the channel's config says what is admitted, the ledger what stands in it. Safe from any thread.
///
/// @param checkExpiry see [OrdererSettings#checkExpiry]
record ChannelJudge(ChannelConfig config, Ledger ledger, Clock clock, boolean checkExpiry) implements Gate.Judge {
    @Override
    public Optional<Refusal> refuse(EnvelopeView envelope) {
        return Admission.check(envelope, config, clock, checkExpiry);
    }

    @Override
    public boolean inLedger(EnvelopeView envelope) {
        return ledger.transaction(envelope.channelHeader().getTxId())
                .filter(place -> holds(place, envelope))
                .isPresent();
    }

    /// Clients choose their transaction ids: only the same bytes are the same envelope.
    private boolean holds(TxPlace place, EnvelopeView envelope) {
        try {
            return ledger.block(place.block())
                    .view()
                    .data()
                    .get(place.position())
                    .equals(envelope.bytes());
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("stored block %d does not decode: %s", place.block(), Decode.reason(e));
        }
    }
}
