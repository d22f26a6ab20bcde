package org.holdfast.lab.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockHeader;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.LastConfig;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.MetadataSignature;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;
import org.hyperledger.fabric.protos.orderer.etcdraft.BlockMetadata;

/// A chain of blocks as one of Fabric's peers checks it before it takes a block in. Knows nothing of our rooms: the
/// messages are those of fabric-protos, the header's encoding BouncyCastle's, the signature check the JDK's.
///
/// Source of the rules: Fabric's block format (header hash over DER, five metadata slots, what an orderer signs)
/// and the peers' check since 2.5.5 that a transaction encodes to the same bytes.
final class PeerView {
    private static final int SLOTS = 5;
    private static final BigInteger HALF_ORDER =
            CustomNamedCurves.getByName("secp256r1").getN().shiftRight(1);

    private final String channel;
    private final List<X509Certificate> ordererRoots = new ArrayList<>();
    private String ordererMsp = "";
    private ByteString previousHash = ByteString.EMPTY;
    private long next;
    private long lastConfig;

    PeerView(String channel) {
        this.channel = channel;
    }

    /// Takes the next block, or fails the test.
    void take(ByteString bytes) throws IOException, GeneralSecurityException {
        Block block = Block.parseFrom(bytes);
        assertThat(block.toByteString()).as("a block in its own encoding").isEqualTo(bytes);
        BlockHeader header = block.getHeader();
        assertThat(header.getNumber()).isEqualTo(next);
        assertThat(header.getPreviousHash()).isEqualTo(previousHash);
        assertThat(header.getDataHash()).isEqualTo(dataHash(block));
        boolean config = transactions(block);
        if (config) {
            lastConfig = next;
        }
        assertThat(block.getMetadata().getMetadataCount()).isEqualTo(SLOTS);
        if (next > 0) {
            signatures(block);
        }
        slots(block);
        previousHash = sha256(der(header));
        next++;
    }

    /// @return whether it is a config block
    private boolean transactions(Block block) throws IOException {
        assertThat(block.getData().getDataCount()).isPositive();
        boolean config = false;
        for (ByteString bytes : block.getData().getDataList()) {
            Envelope envelope = Envelope.parseFrom(bytes);
            Payload payload = Payload.parseFrom(envelope.getPayload());
            ChannelHeader header = ChannelHeader.parseFrom(payload.getHeader().getChannelHeader());
            assertThat(header.getChannelId()).isEqualTo(channel);
            if (header.getType() == HeaderType.CONFIG_VALUE) {
                assertThat(block.getData().getDataCount())
                        .as("a config is alone")
                        .isOne();
                config = true;
                learn(ConfigEnvelope.parseFrom(payload.getData()));
            } else {
                assertThat(envelope.getPayload()).isNotEmpty();
                assertThat(envelope.getSignature()).isNotEmpty();
                assertThat(Envelope.newBuilder()
                                .setPayload(envelope.getPayload())
                                .setSignature(envelope.getSignature())
                                .build()
                                .toByteString())
                        .as("a transaction encodes to the same bytes")
                        .isEqualTo(bytes);
            }
        }
        return config;
    }

    /// Who may sign from now on: the orderer organisation's authorities.
    private void learn(ConfigEnvelope config) throws IOException {
        ConfigGroup orderer = config.getConfig().getChannelGroup().getGroupsOrThrow("Orderer");
        for (ConfigGroup organization : orderer.getGroupsMap().values()) {
            FabricMSPConfig msp = FabricMSPConfig.parseFrom(
                    MSPConfig.parseFrom(organization.getValuesOrThrow("MSP").getValue())
                            .getConfig());
            ordererMsp = msp.getName();
            for (ByteString root : msp.getRootCertsList()) {
                ordererRoots.add(certificate(root));
            }
        }
    }

    private void signatures(Block block) throws IOException, GeneralSecurityException {
        Metadata slot = Metadata.parseFrom(block.getMetadata().getMetadata(0));
        assertThat(slot.getSignaturesCount()).isOne();
        MetadataSignature signature = slot.getSignatures(0);
        SignatureHeader by = SignatureHeader.parseFrom(signature.getSignatureHeader());
        assertThat(by.getNonce().size()).isEqualTo(24);
        SerializedIdentity signer = SerializedIdentity.parseFrom(by.getCreator());
        assertThat(signer.getMspid()).isEqualTo(ordererMsp);
        X509Certificate certificate = certificate(signer.getIdBytes());
        assertThat(ordererRoots)
                .as("the signer's authority is one of the channel's")
                .anyMatch(root -> issued(root, certificate));
        Signature verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(slot.getValue().toByteArray());
        verifier.update(signature.getSignatureHeader().toByteArray());
        verifier.update(der(block.getHeader()));
        assertThat(verifier.verify(signature.getSignature().toByteArray())).isTrue();
        ASN1Sequence pair = ASN1Sequence.getInstance(signature.getSignature().toByteArray());
        assertThat(ASN1Integer.getInstance(pair.getObjectAt(1)).getValue()).isLessThanOrEqualTo(HALF_ORDER);
    }

    private void slots(Block block) throws InvalidProtocolBufferException {
        OrdererBlockMetadata value = OrdererBlockMetadata.parseFrom(
                Metadata.parseFrom(block.getMetadata().getMetadata(0)).getValue());
        assertThat(value.hasLastConfig()).isTrue();
        assertThat(value.getLastConfig().getIndex()).isEqualTo(lastConfig);
        ByteString slot1 = block.getMetadata().getMetadata(1);
        if (lastConfig == 0) {
            assertThat(slot1).isEmpty();
        } else {
            assertThat(LastConfig.parseFrom(Metadata.parseFrom(slot1).getValue())
                            .getIndex())
                    .isEqualTo(lastConfig);
        }
        for (int slot = 2; slot < SLOTS; slot++) {
            assertThat(block.getMetadata().getMetadata(slot))
                    .as("slot %d", slot)
                    .isEmpty();
        }
        if (next > 0) {
            // Fabric's own reader of the consenters' metadata must find its fields.
            BlockMetadata consenters = BlockMetadata.parseFrom(
                    Metadata.parseFrom(value.getConsenterMetadata()).getValue());
            assertThat(consenters.getConsenterIdsCount()).isPositive();
            assertThat(consenters.getNextConsenterId()).isGreaterThan(consenters.getConsenterIdsCount());
            assertThat(consenters.getRaftIndex()).isPositive();
        }
    }

    private static boolean issued(X509Certificate root, X509Certificate certificate) {
        try {
            certificate.verify(root.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte[] der(BlockHeader header) throws IOException {
        return new DERSequence(new org.bouncycastle.asn1.ASN1Encodable[] {
                    new ASN1Integer(new BigInteger(Long.toUnsignedString(header.getNumber()))),
                    new DEROctetString(header.getPreviousHash().toByteArray()),
                    new DEROctetString(header.getDataHash().toByteArray())
                })
                .getEncoded("DER");
    }

    private static ByteString dataHash(Block block) throws GeneralSecurityException {
        return sha256(ByteString.copyFrom(block.getData().getDataList()).toByteArray());
    }

    private static ByteString sha256(byte[] bytes) throws GeneralSecurityException {
        return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private static X509Certificate certificate(ByteString pem) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.toByteArray()));
        } catch (CertificateException e) {
            throw new IOException(e);
        }
    }
}
