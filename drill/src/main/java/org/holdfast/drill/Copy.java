package org.holdfast.drill;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.holdfast.channel.BlockSignatures;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.channel.PolicyVerdict;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockBytes;
import org.holdfast.ledger.BlockCheck;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.LedgerCheck;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Metadata;

/// One node's copy of the ledger, read from outside and verified on the way: checksums, chain, data hashes, index,
/// signatures.
///
/// @param node whose it is
/// @param blocks in order, block 0 first
/// @param fault what is wrong with it
record Copy(String node, List<Block> blocks, Optional<String> fault) {
    Copy {
        blocks = List.copyOf(blocks);
    }

    /// What must be equal on every node.
    ///
    /// @param header its DER bytes
    /// @param data digest of the envelopes, each with its length
    /// @param metadata digest of what is signed and of the other slots; the signature itself is each node's own
    /// @param envelopes ids and fingerprints, in order; none in a config block
    /// @param update fingerprint of the envelope that a config block's config came from
    record Block(
            ByteString header, ByteString data, ByteString metadata, List<Envelope> envelopes, OptionalLong update) {}

    /// @param id its transaction id
    record Envelope(String id, long fingerprint) {}

    /// Reads a ledger whose node does not run. After a kill a torn tail or a late index is no fault: the next start
    /// mends both.
    ///
    /// @param config of block 0
    static Copy read(World world, SandboxNode of, ChannelConfig config) {
        String node = of.name();
        Path ledger = of.ledger(Sandbox.CHANNEL);
        boolean clean = of.stoppedCleanly();
        Reader reader = new Reader(config, Crypto.choose());
        try {
            LedgerCheck.Report report = LedgerCheck.verify(world, ledger, reader);
            Optional<String> fault = report.fault()
                    .map(damage -> node + ": " + damage)
                    .or(() -> report.tail()
                            .filter(tail -> clean)
                            .map(tail -> node + " stopped cleanly and left a torn tail: " + tail))
                    .or(() -> !clean || report.index() == LedgerCheck.IndexState.AGREES
                            ? Optional.empty()
                            : Optional.of(node + " stopped cleanly and its index is " + report.index()));
            return new Copy(node, reader.blocks, fault);
        } catch (DiskFault e) {
            return new Copy(node, reader.blocks, Optional.of(node + ": " + e.getMessage()));
        }
    }

    /// Gathers digests, and judges signatures by the config in force before each block.
    private static final class Reader implements BlockCheck {
        private final Crypto crypto;
        private final List<Block> blocks = new ArrayList<>();
        private ChannelConfig config;

        Reader(ChannelConfig config, Crypto crypto) {
            this.config = config;
            this.crypto = crypto;
        }

        @Override
        public Optional<String> fault(BlockHeader header, BlockView block) {
            try {
                blocks.add(digest(header, block));
            } catch (InvalidProtocolBufferException e) {
                return Optional.of("it holds what does not decode: " + e.getMessage());
            }
            if (header.number() == 0) {
                return Optional.empty();
            }
            PolicyVerdict verdict = BlockSignatures.verify(config, header, block.slot(0));
            try {
                if (blocks.getLast().update().isPresent()) {
                    ByteString bytes = BlockBytes.encode(header, block.data(), block.metadata());
                    config = ChannelConfig.fromBlock(bytes, crypto);
                }
            } catch (MalformedConfig e) {
                return Optional.of("its config cannot be read: " + e.getMessage());
            }
            return verdict.satisfied() ? Optional.empty() : Optional.of(verdict.reason());
        }

        private static Block digest(BlockHeader header, BlockView block) throws InvalidProtocolBufferException {
            MessageDigest data = BlockHeader.sha256();
            List<Envelope> envelopes = new ArrayList<>();
            OptionalLong update = OptionalLong.empty();
            for (ByteString envelope : block.data()) {
                add(data, envelope);
                EnvelopeView view = EnvelopeView.of(envelope);
                if (view.channelHeader().getType() == HeaderType.CONFIG_VALUE) {
                    ConfigEnvelope config = ConfigEnvelope.parseFrom(view.data());
                    update = OptionalLong.of(
                            LoadClient.fingerprint(config.getLastUpdate().toByteString()));
                } else {
                    envelopes.add(new Envelope(view.channelHeader().getTxId(), LoadClient.fingerprint(envelope)));
                }
            }
            MessageDigest metadata = BlockHeader.sha256();
            add(metadata, Metadata.parseFrom(block.slot(0)).getValue());
            for (int slot = 1; slot < block.metadata().size(); slot++) {
                add(metadata, block.slot(slot));
            }
            return new Block(
                    ByteString.copyFrom(header.der()),
                    ByteString.copyFrom(data.digest()),
                    ByteString.copyFrom(metadata.digest()),
                    List.copyOf(envelopes),
                    update);
        }

        private static void add(MessageDigest digest, ByteString bytes) {
            digest.update(Integer.toString(bytes.size()).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            digest.update((byte) ':');
            digest.update(bytes.asReadOnlyByteBuffer());
        }
    }
}
