package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.holdfast.env.World;
import org.holdfast.identity.Authority;
import org.holdfast.identity.Issued;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.Pem;
import org.holdfast.identity.Role;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;

/// Organisations with keys, a channel of theirs, and config updates signed by their admins: Orderers, Org1, Org2, Org3.
final class Members {
    static final World WORLD = World.real();
    static final List<String> APPLICATIONS = List.of("Org1", "Org2", "Org3");

    final Map<String, Authority> tls = new TreeMap<>();
    final Map<String, LocalIdentity> admins = new TreeMap<>();
    final Map<String, FabricMSPConfig> msps = new TreeMap<>();
    final List<Consenter> consenters = new ArrayList<>();
    final ChannelConfig genesis;

    /// @param members consenters of the first config
    Members(int members) {
        for (String name : List.of("Orderers", "Org1", "Org2", "Org3", "Org4")) {
            organization(name);
        }
        for (int i = 0; i < members; i++) {
            consenters.add(consenter("Orderers", 7050 + i));
        }
        List<GenesisPlan.Member> applications = new ArrayList<>();
        APPLICATIONS.forEach(name -> applications.add(new GenesisPlan.Member(name, msp(name), List.of())));
        GenesisPlan plan = new GenesisPlan(
                new ChannelId("members"),
                List.of(new GenesisPlan.Member("Orderers", msp("Orderers"), List.of("localhost:7050"))),
                applications,
                consenters,
                new GenesisPlan.Settings(Options.SAMPLE, new BatchSize(500, 1 << 20, 1 << 19), Duration.ofSeconds(2)));
        genesis = ChannelConfig.fromBlock(Genesis.block(plan, WORLD, Golden.CRYPTO), Golden.CRYPTO);
    }

    private void organization(String name) {
        Authority authority = Authority.create(WORLD, Golden.CRYPTO, name + ".test", "ca." + name + ".test");
        Authority tlsAuthority = Authority.create(WORLD, Golden.CRYPTO, name + ".test", "tlsca." + name + ".test");
        Issued admin = authority.member("admin", Role.ADMIN);
        tls.put(name, tlsAuthority);
        admins.put(name, LocalIdentity.of(name + "MSP", admin.certificate(), admin.key(), Golden.CRYPTO));
        msps.put(
                name,
                FabricMSPConfig.newBuilder()
                        .setName(name + "MSP")
                        .addRootCerts(pem(authority.certificate()))
                        .addTlsRootCerts(pem(tlsAuthority.certificate()))
                        .addAdmins(pem(admin.certificate()))
                        .build());
    }

    private static ByteString pem(java.security.cert.X509Certificate certificate) {
        return ByteString.copyFrom(Pem.of(certificate));
    }

    FabricMSPConfig msp(String organization) {
        return java.util.Objects.requireNonNull(msps.get(organization));
    }

    LocalIdentity admin(String organization) {
        return java.util.Objects.requireNonNull(admins.get(organization));
    }

    /// A new member, certified by an organisation's TLS authority.
    Consenter consenter(String organization, int port) {
        Issued issued = java.util.Objects.requireNonNull(tls.get(organization)).tls("localhost", List.of("localhost"));
        return new Consenter("localhost", port, issued.certificate(), issued.certificate());
    }

    /// A config's tree after a change.
    static ConfigGroup edited(ChannelConfig config, Consumer<ConfigGroup.Builder> change) {
        ConfigGroup.Builder tree = config.tree().getChannelGroup().toBuilder();
        change.accept(tree);
        return tree.build();
    }

    /// Changes a group below.
    static void below(ConfigGroup.Builder group, String name, Consumer<ConfigGroup.Builder> change) {
        ConfigGroup.Builder sub = group.getGroupsOrDefault(name, ConfigGroup.getDefaultInstance()).toBuilder();
        change.accept(sub);
        group.putGroups(name, sub.build());
    }

    static ConfigValue value(com.google.protobuf.MessageLite value) {
        return ConfigValue.newBuilder()
                .setValue(value.toByteString())
                .setModPolicy("Admins")
                .build();
    }

    /// The signed update that changes a config, sent by the orderers' admin.
    EnvelopeView update(ChannelConfig config, List<String> signers, Consumer<ConfigGroup.Builder> change) {
        ConfigUpdate update =
                ConfigUpdates.compute(config.id(), config.tree().getChannelGroup(), edited(config, change));
        return envelope(update.toByteString(), signers);
    }

    EnvelopeView envelope(ByteString update, List<String> signers) {
        ConfigUpdateEnvelope.Builder signed = ConfigUpdateEnvelope.newBuilder().setConfigUpdate(update);
        for (String signer : signers) {
            ByteString header = header(admin(signer));
            signed.addSignatures(ConfigSignature.newBuilder()
                    .setSignatureHeader(header)
                    .setSignature(admin(signer).sign(header, update)));
        }
        return envelope(
                HeaderType.CONFIG_UPDATE_VALUE, "members", signed.build().toByteString());
    }

    private static ByteString header(LocalIdentity signer) {
        byte[] nonce = new byte[24];
        WORLD.chance().nextBytes(nonce);
        return SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteString();
    }

    /// Any envelope of the orderers' admin.
    EnvelopeView envelope(int type, String channel, ByteString data) {
        LocalIdentity sender = admin("Orderers");
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder()
                        .setChannelHeader(ChannelHeader.newBuilder()
                                .setType(type)
                                .setChannelId(channel)
                                .build()
                                .toByteString())
                        .setSignatureHeader(header(sender)))
                .setData(data)
                .build()
                .toByteString();
        try {
            return EnvelopeView.of(Envelope.newBuilder()
                    .setPayload(payload)
                    .setSignature(sender.sign(payload))
                    .build()
                    .toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    UpdateContext now(ChannelConfig config) {
        return UpdateContext.of(WORLD.clock().wallMillis(), config);
    }
}
