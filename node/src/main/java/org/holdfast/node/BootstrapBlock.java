package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.ledger.UnreadableLedger;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal.Refused;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The channel a node joins at start: General.BootstrapFile.
final class BootstrapBlock {
    private static final Logger LOG = LoggerFactory.getLogger(BootstrapBlock.class);
    private static final String SYSTEM_CHANNEL = "Consortiums";

    private BootstrapBlock() {}

    /// Why a file is no genesis block that a node may start with; empty when it is one, as far as it can be seen
    /// without opening channels.
    static Optional<String> fault(Disk disk, Path file) {
        try {
            if (!disk.exists(file)) {
                return Optional.of(file + " does not exist: give the genesis block of a channel, or set"
                        + " General.BootstrapMethod to none and join channels one by one");
            }
            return fault(StoredBlock.of(ByteString.copyFrom(disk.read(file)))).map(reason -> file + " " + reason);
        } catch (InvalidProtocolBufferException e) {
            return Optional.of(file + " holds no config block: " + Decode.reason(e));
        } catch (DiskFault e) {
            return Optional.of(Decode.reason(e));
        }
    }

    private static Optional<String> fault(StoredBlock block) throws InvalidProtocolBufferException {
        if (block.view().data().size() != 1) {
            return Optional.of("holds no config block: it has no or several envelopes");
        }
        EnvelopeView envelope = EnvelopeView.of(block.view().data().getFirst());
        ConfigEnvelope config = ConfigEnvelope.parseFrom(envelope.data());
        if (config.getConfig().getChannelGroup().containsGroups(SYSTEM_CHANNEL)) {
            return Optional.of("is the genesis block of a system channel (it has " + SYSTEM_CHANNEL + "): there is no"
                    + " system channel here, so set General.BootstrapMethod to none and join the application"
                    + " channels one by one");
        }
        if (!config.getConfig().hasChannelGroup()) {
            return Optional.of("holds no config block");
        }
        return block.number() == 0
                ? Optional.empty()
                : Optional.of("is block " + block.number() + ": give block 0 of the channel");
    }

    /// Joins the channel, if it is not there yet.
    ///
    /// @throws BadSettings when it cannot be joined
    static void join(Disk disk, Path file, Channels channels) throws BadSettings {
        try {
            ChannelId id = channels.join(ByteString.copyFrom(disk.read(file)));
            LOG.info("Bootstrapped channel {} from {}", id, file);
        } catch (Refused e) {
            throw new BadSettings(java.util.List.of("General.BootstrapFile " + file + " cannot be joined: "
                    + e.refusal().text()));
        } catch (UnreadableLedger e) { // boundary: the channel is there and at fault; its own problem tells so
            LOG.warn("Not joined from {}: the channel's ledger does not open ({})", file, Decode.reason(e));
        }
    }
}
