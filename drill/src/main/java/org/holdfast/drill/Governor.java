package org.holdfast.drill;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.DeliverStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.BlockHeader;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekNewest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;

/// The admins of a sandbox's organisations: read the config in force, and change it. Used by one thread.
final class Governor {
    private static final int NONCE_BYTES = 24;
    private static final int ANSWER_SECONDS = 20;

    private final Sandbox sandbox;
    private final Author author;
    private final List<LocalIdentity> admins = new ArrayList<>();

    Governor(Sandbox sandbox, Author author) {
        this.sandbox = sandbox;
        this.author = author;
        admins.add(admin(sandbox.orderers(), Sandbox.ORDERER_MSP));
        admins.add(admin(sandbox.clients(), Sandbox.CLIENT_MSP));
    }

    private LocalIdentity admin(OrganizationFiles files, String mspId) {
        return LocalIdentity.load(sandbox.world().disk(), files.userMsp("Admin"), mspId, sandbox.crypto());
    }

    /// Makes a further organisation, whose admin signs from now on.
    FabricMSPConfig found(String domain, String mspId) {
        Path root = sandbox.directory().resolve("crypto");
        OrganizationFiles files = OrganizationFiles.write(
                sandbox.world(),
                sandbox.crypto(),
                root,
                new OrganizationPlan(domain, OrganizationPlan.Kind.PEER, List.of(), List.of()));
        admins.add(admin(files, mspId));
        return MspDirectory.read(sandbox.world().disk(), files.msp(), mspId);
    }

    /// The config that a node has in force; empty when it does not answer.
    Optional<ChannelConfig> read(SandboxNode node) {
        try (OrdererClient client = author.connect(node)) {
            SeekPosition newest = SeekPosition.newBuilder()
                    .setNewest(SeekNewest.getDefaultInstance())
                    .build();
            Optional<ByteString> tip = block(client, newest);
            if (tip.isEmpty()) {
                return Optional.empty();
            }
            SeekPosition config = SeekPosition.newBuilder()
                    .setSpecified(SeekSpecified.newBuilder().setNumber(lastConfig(tip.get())))
                    .build();
            return block(client, config).map(bytes -> ChannelConfig.fromBlock(bytes, sandbox.crypto()));
        } catch (LinkBroken e) {
            return Optional.empty();
        } catch (java.io.IOException e) {
            throw new DrillFault(node.name() + " serves a block that does not decode: " + e.getMessage());
        }
    }

    private Optional<ByteString> block(OrdererClient client, SeekPosition position) throws LinkBroken {
        SeekInfo seek = SeekInfo.newBuilder()
                .setStart(position)
                .setStop(position)
                .setBehavior(SeekInfo.SeekBehavior.FAIL_IF_NOT_READY)
                .setErrorResponse(SeekInfo.SeekErrorResponse.BEST_EFFORT)
                .build();
        try (DeliverStream blocks = client.deliver(author.seek(seek.toByteString(), tlsHash()))) {
            return blocks.next();
        }
    }

    private ByteString tlsHash() {
        try {
            return ByteString.copyFrom(
                    BlockHeader.sha256().digest(author.tlsCertificate().getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("the author's certificate does not encode", e);
        }
    }

    private static long lastConfig(ByteString block) throws java.io.IOException {
        Metadata signatures =
                Metadata.parseFrom(Block.parseFrom(block).getMetadata().getMetadata(0));
        return OrdererBlockMetadata.parseFrom(signatures.getValue())
                .getLastConfig()
                .getIndex();
    }

    /// The envelope of an update that leads from one config to an edited one, signed by all admins.
    ///
    /// @throws org.holdfast.wire.Refusal.Refused when the edit changes nothing
    ByteString update(ChannelConfig from, Consumer<ConfigGroup.Builder> edit) {
        ConfigGroup before = from.tree().getChannelGroup();
        ConfigGroup.Builder after = before.toBuilder();
        edit.accept(after);
        ConfigUpdate update = ConfigUpdates.compute(from.id(), before, after.build());
        ByteString content = update.toByteString();
        ConfigUpdateEnvelope.Builder signed = ConfigUpdateEnvelope.newBuilder().setConfigUpdate(content);
        for (LocalIdentity admin : admins) {
            ByteString header = header(admin);
            signed.addSignatures(ConfigSignature.newBuilder()
                    .setSignatureHeader(header)
                    .setSignature(admin.sign(header.concat(content))));
        }
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder()
                        .setChannelHeader(ChannelHeader.newBuilder()
                                .setType(HeaderType.CONFIG_UPDATE_VALUE)
                                .setChannelId(from.id().name())
                                .build()
                                .toByteString())
                        .setSignatureHeader(header(admins.getFirst())))
                .setData(signed.build().toByteString())
                .build()
                .toByteString();
        return Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(admins.getFirst().sign(payload))
                .build()
                .toByteString();
    }

    private ByteString header(LocalIdentity signer) {
        byte[] nonce = new byte[NONCE_BYTES];
        sandbox.world().chance().nextBytes(nonce);
        return SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteString();
    }

    /// Sends an update; empty when the stream broke or stayed silent, so that its fate is not known.
    Optional<BroadcastAnswer> send(SandboxNode node, ByteString update) {
        try (OrdererClient client = author.connect(node)) {
            return Optional.of(client.broadcast().send(update).get(ANSWER_SECONDS, TimeUnit.SECONDS));
        } catch (LinkBroken | ExecutionException | TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a config update was sent", e);
        }
    }
}
