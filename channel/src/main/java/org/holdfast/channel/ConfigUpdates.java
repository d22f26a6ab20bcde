package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.identity.Identity;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// How one config becomes the next. Pure and immutable, safe from any thread; for one config.
///
/// Three questions, three methods. [#propose] is the gate's: may this be ordered? It asks everything Fabric asks, and
/// refuses what a real orderer accepted to its harm. [#validate] is every node's, when the cutter meets a config
/// envelope: only what depends on the channel's config and the record, so that all nodes give one answer. [#follow] is
/// asked of a block that is already written: it checks what the block must be, not whether it was wise.
///
/// The trees are compared decoded, never as bytes: the order in which a map was written means nothing.
public final class ConfigUpdates {
    /// More admins than any channel has: each signature costs a verification on every node.
    private static final int MOST_SIGNATURES = 1_000;

    private final ChannelConfig current;

    private ConfigUpdates(ChannelConfig current) {
        this.current = current;
    }

    /// The rules as this config sets them.
    public static ConfigUpdates of(ChannelConfig current) {
        return new ConfigUpdates(current);
    }

    /// Judges a client's CONFIG_UPDATE and makes the new config of it. Who may send at all, and the size, was asked
    /// before ([Admission#checkUpdate]).
    ///
    /// @throws org.holdfast.wire.Refusal.Refused with [Code#UPDATE_STALE] when it was computed against another config,
    ///     [Code#UPDATE_NOT_AUTHORIZED], [Code#UPDATE_INVALID], or [Code#UPDATES_NOT_SUPPORTED] for what Fabric takes
    ///     and this program does not
    public ConfigProposal propose(EnvelopeView update, UpdateContext context) {
        try {
            UpdateRules.Outcome outcome = authorize(update);
            ChannelConfig next = read(outcome.tree(), ChannelConfig.NO_BLOCK);
            supported(next);
            judge(next, outcome, context);
            StricterRules.check(current, next, outcome, context);
            return new ConfigProposal(encode(next.tree(), update.bytes()), next, ConfigChange.between(current, next));
        } catch (UpdateFault e) {
            throw e.refusal().asException();
        }
    }

    private void supported(ChannelConfig next) {
        List<String> unsupported = FeatureLevel.unsupported(next);
        if (!unsupported.isEmpty()) {
            throw new UpdateFault(
                            Code.UPDATE_INVALID,
                            "config requires unsupported capabilities: " + String.join("; ", unsupported))
                    .within("config update is not compatible")
                    .within(applying());
        }
    }

    private void judge(ChannelConfig next, UpdateRules.Outcome outcome, UpdateContext context) {
        try {
            ContinuityRules.check(current, next);
            if (context.runningType().equals(RaftMetadata.TYPE)) {
                consenters(next, context);
            }
        } catch (UpdateFault e) {
            throw e.within(applying());
        }
        try {
            MaintenanceRules.check(current, next, outcome.update());
        } catch (UpdateFault e) {
            throw e.within("config transaction inspection failed")
                    .within("config update for existing channel did not pass maintenance checks");
        }
    }

    private void consenters(ChannelConfig next, UpdateContext context) {
        try {
            ConsenterRules.check(current, next, context.wallMillis(), context.activeSeats());
        } catch (UpdateFault e) {
            throw e.within("consensus metadata update for channel config update is invalid");
        }
    }

    /// Judges the CONFIG envelope that a record brings, on every node alike: it must be what its update makes of the
    /// current config, and keep Fabric's rules.
    ///
    /// @param blockNumber of the block it will stand in
    /// @param recordMillis the record's time
    /// @return the config in force from that block on
    /// @throws org.holdfast.wire.Refusal.Refused when it is not; [Code#UPDATE_STALE] when the config has moved
    /// @throws AboveLevel when it asks for more than this program can do: the channel has to stop before it
    public ChannelConfig validate(EnvelopeView config, long blockNumber, long recordMillis) {
        try {
            UpdateRules.Outcome outcome = replayed(config);
            ChannelConfig next = within(outcome.tree(), blockNumber);
            judge(next, outcome, UpdateContext.of(recordMillis, current));
            return next;
        } catch (UpdateFault e) {
            throw e.refusal().asException();
        }
    }

    /// Reads the config of a block that others have written, after its block signatures were verified.
    ///
    /// @param config the block's only envelope
    /// @return the config in force from that block on
    /// @throws org.holdfast.wire.Refusal.Refused when it is not the update of the current config it claims to be, or
    ///     cannot be read
    /// @throws AboveLevel when it asks for more than this program can do: the channel has to stop before it
    public ChannelConfig follow(EnvelopeView config, long blockNumber) {
        try {
            return within(replayed(config).tree(), blockNumber);
        } catch (UpdateFault e) {
            throw e.refusal().asException();
        }
    }

    /// What turns one tree into another, as `configtxlator compute_update` says it: see [UpdateComputation].
    ///
    /// @throws org.holdfast.wire.Refusal.Refused when the trees do not differ
    public static ConfigUpdate compute(ChannelId channel, ConfigGroup original, ConfigGroup updated) {
        try {
            return UpdateComputation.of(channel, original, updated);
        } catch (UpdateFault e) {
            throw e.refusal().asException();
        }
    }

    /// The config of a tree, unless it is above this program: then no rule of ours may judge it.
    ///
    /// @throws AboveLevel then
    private ChannelConfig within(ConfigGroup tree, long blockNumber) {
        Config config = config(tree);
        List<String> unsupported = FeatureLevel.unsupported(tree);
        if (!unsupported.isEmpty()) {
            throw new AboveLevel(current.id(), config.getSequence(), unsupported);
        }
        try {
            return ChannelConfig.of(current.id(), blockNumber, config, current.crypto());
        } catch (MalformedConfig e) {
            throw unreadable(e.faults());
        }
    }

    private UpdateRules.Outcome replayed(EnvelopeView config) {
        if (config.channelHeader().getType() != HeaderType.CONFIG_VALUE) {
            throw new UpdateFault(
                    Code.UPDATE_INVALID,
                    "an envelope of type %d is no config"
                            .formatted(config.channelHeader().getType()));
        }
        if (!config.channelHeader().getChannelId().equals(current.id().name())) {
            throw new UpdateFault(
                    Code.UPDATE_INVALID,
                    "the config is for channel '%s', not for '%s'"
                            .formatted(config.channelHeader().getChannelId(), current.id()));
        }
        try {
            ConfigEnvelope wire = ConfigEnvelope.parseFrom(config.data());
            long sequence = wire.getConfig().getSequence();
            if (sequence != current.sequence() + 1) {
                throw new UpdateFault(
                        Code.UPDATE_STALE,
                        "config currently at sequence %s, cannot validate config at sequence %s"
                                .formatted(Long.toUnsignedString(current.sequence()), Long.toUnsignedString(sequence)));
            }
            UpdateRules.Outcome outcome =
                    authorize(EnvelopeView.of(wire.getLastUpdate().toByteString()));
            if (!config(outcome.tree()).equals(wire.getConfig())) {
                throw new UpdateFault(
                        Code.UPDATE_INVALID, "ConfigEnvelope LastUpdate did not produce the supplied config result");
            }
            return outcome;
        } catch (InvalidProtocolBufferException e) {
            throw new UpdateFault(Code.MALFORMED_ENVELOPE, "the config cannot be decoded: " + Decode.reason(e));
        }
    }

    private String applying() {
        return "error applying config update to existing channel '%s'".formatted(current.id());
    }

    private UpdateRules.Outcome authorize(EnvelopeView envelope) {
        ConfigUpdateEnvelope wire;
        try {
            if (envelope.channelHeader().getType() != HeaderType.CONFIG_UPDATE_VALUE) {
                throw new UpdateFault(
                        Code.UPDATE_INVALID,
                        "an envelope of type %d is no config update"
                                .formatted(envelope.channelHeader().getType()));
            }
            wire = ConfigUpdateEnvelope.parseFrom(envelope.data());
        } catch (InvalidProtocolBufferException e) {
            throw new UpdateFault(Code.MALFORMED_ENVELOPE, Decode.reason(e))
                    .within("error converting envelope to config update")
                    .within(applying());
        }
        try {
            return authorize(wire);
        } catch (UpdateFault e) {
            throw e.within("error authorizing update").within(applying());
        }
    }

    private UpdateRules.Outcome authorize(ConfigUpdateEnvelope wire) {
        if (wire.getSignaturesCount() > MOST_SIGNATURES) {
            throw new UpdateFault(
                    Code.UPDATE_INVALID,
                    "it carries %d signatures, %d at most".formatted(wire.getSignaturesCount(), MOST_SIGNATURES));
        }
        ConfigUpdate update;
        List<SignedMessage> messages;
        try {
            update = ConfigUpdate.parseFrom(wire.getConfigUpdate());
            messages = messages(wire);
        } catch (InvalidProtocolBufferException e) {
            throw new UpdateFault(Code.MALFORMED_ENVELOPE, "it cannot be decoded: " + Decode.reason(e));
        }
        if (!update.getChannelId().equals(current.id().name())) {
            throw new UpdateFault(
                    Code.UPDATE_INVALID,
                    "ConfigUpdate for channel '%s' but envelope for channel '%s'"
                            .formatted(update.getChannelId(), current.id()));
        }
        List<String> dropped = new ArrayList<>();
        List<Identity> signers = current.signers(messages, dropped);
        return UpdateRules.apply(
                current.tree().getChannelGroup(), update, path -> current.evaluate(path, signers, dropped));
    }

    /// Each signature covers its own header and the update.
    static List<SignedMessage> messages(ConfigUpdateEnvelope wire) throws InvalidProtocolBufferException {
        List<SignedMessage> messages = new ArrayList<>();
        for (ConfigSignature signature : wire.getSignaturesList()) {
            messages.add(new SignedMessage(
                    SignatureHeader.parseFrom(signature.getSignatureHeader()).getCreator(),
                    signature.getSignatureHeader().concat(wire.getConfigUpdate()),
                    signature.getSignature()));
        }
        return messages;
    }

    private ChannelConfig read(ConfigGroup tree, long blockNumber) {
        if (!tree.containsGroups("Orderer")) {
            throw new UpdateFault(Code.UPDATE_INVALID, "config does not contain orderer config")
                    .within("config update is not compatible")
                    .within(applying());
        }
        List<String> faults = new ArrayList<>(TreeRules.faults(tree));
        try {
            ChannelConfig next = ChannelConfig.of(current.id(), blockNumber, config(tree), current.crypto());
            if (faults.isEmpty()) {
                return next;
            }
        } catch (MalformedConfig e) {
            faults.addAll(e.faults());
        }
        throw unreadable(faults);
    }

    private Config config(ConfigGroup tree) {
        return Config.newBuilder()
                .setSequence(current.sequence() + 1)
                .setChannelGroup(tree)
                .build();
    }

    private UpdateFault unreadable(List<String> faults) {
        return new UpdateFault(Code.UPDATE_INVALID, String.join("; ", faults))
                .within("initializing channelconfig failed")
                .within(applying());
    }

    private static ByteString encode(Config config, ByteString update) {
        ByteString.Output bytes = ByteString.newOutput();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            out.writeMessage(ConfigEnvelope.CONFIG_FIELD_NUMBER, config);
            // An embedded message and a byte field look alike: the update goes in as it was sent.
            out.writeBytes(ConfigEnvelope.LAST_UPDATE_FIELD_NUMBER, update);
            out.flush();
        } catch (IOException e) {
            throw new AssertionError("memory does not fail", e);
        }
        return bytes.toByteString();
    }
}
