package org.holdfast.order;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.channel.Admission;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigProposal;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.channel.UpdateContext;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.TxPlace;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gate's judge: the channel's config says what is admitted, the ledger what stands in it. Safe from any thread.
///
/// @param config in force when asked
/// @param signer signs the configs that updates lead to
/// @param checkExpiry see [OrdererSettings#checkExpiry]
record ChannelJudge(
        Supplier<ChannelConfig> config, Ledger ledger, World world, LocalIdentity signer, boolean checkExpiry)
        implements Gate.Judge {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelJudge.class);

    @Override
    public Gate.Judgement judge(EnvelopeView envelope) {
        ChannelConfig now = config.get();
        return envelope.channelHeader().getType() == HeaderType.CONFIG_UPDATE_VALUE
                ? update(envelope, now)
                : new Gate.Judgement(
                        Admission.check(envelope, now, world.clock(), checkExpiry), now.sequence(), Optional.empty());
    }

    /// As Fabric does it: who sends, what comes of it, and whether that may be sent.
    private Gate.Judgement update(EnvelopeView update, ChannelConfig now) {
        Optional<Refusal> refusal = Admission.checkUpdate(update, now, world.clock(), checkExpiry);
        if (refusal.isPresent()) {
            return new Gate.Judgement(refusal, now.sequence(), Optional.empty());
        }
        try {
            UpdateContext context =
                    UpdateContext.of(world.clock().wallMillis(), now).withFixedConsenters();
            ConfigProposal proposal = ConfigUpdates.of(now).propose(update, context);
            EnvelopeView made = proposal.envelope(signer, world);
            return new Gate.Judgement(
                    Admission.checkProposed(made, now, world.clock(), checkExpiry),
                    now.sequence(),
                    Optional.of(made.bytes()));
        } catch (Refusal.Refused e) {
            return new Gate.Judgement(Optional.of(e.refusal()), now.sequence(), Optional.empty());
        }
    }

    @Override
    public boolean inLedger(EnvelopeView envelope, long since) {
        try {
            if (envelope.channelHeader().getType() == HeaderType.CONFIG_UPDATE_VALUE) {
                return ConfigBlocks.holds(ledger, envelope.bytes(), since);
            }
            return ledger.transaction(envelope.channelHeader().getTxId())
                    .filter(place -> holds(place, envelope))
                    .isPresent();
        } catch (DiskFault unreadable) {
            // A full disk keeps the index closed until there is room. That is no reason for the channel to halt: the
            // client is told that the outcome is not known.
            LOG.warn(
                    "channel={}: an answer cannot be looked up: {}",
                    config.get().id(),
                    Decode.reason(unreadable));
            return false;
        }
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
