package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.Pem;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Authorities between the roots and the certificates, and what certificates may be used for: of consenters' TLS
/// certificates and of those who sign. Oracle: BouncyCastle's builders issue the certificates; the rules are those of
/// Go's verifier as Fabric calls it.
class TlsAuthoritiesTest {
    private static final KeyPurposeId SERVER = KeyPurposeId.id_kp_serverAuth;
    private static final KeyPurposeId CLIENT = KeyPurposeId.id_kp_clientAuth;
    private static final KeyPurposeId CODE = KeyPurposeId.id_kp_codeSigning;
    private static final Instant NOW =
            Instant.ofEpochMilli(Members.WORLD.clock().wallMillis());
    private static final Duration YEAR = Duration.ofDays(365);
    private static final String UNKNOWN = "signed by unknown authority";
    private static final String USAGE = "incompatible key usage";

    private final Members members = new Members(3);
    private final Party root = Party.root("root", -1);

    @Test
    void theWholeChainMustBeKnown() {
        Party upper = root.authority("upper");
        Party lower = upper.authority("lower");
        Party leaf = lower.leaf("leaf", SERVER, CLIENT);
        judged(leaf, "", root, lower, upper);
        judged(leaf, UNKNOWN, root, lower);
        judged(leaf, UNKNOWN, root, upper);
        judged(leaf, UNKNOWN, Party.root("root", -1), lower, upper);
        judged(upper.leaf("beside", SERVER), "", root, lower, upper);
        judged(root.leaf("direct", SERVER), "", root, upper);
    }

    @Test
    void pathLengthsCount() {
        Party tight = Party.root("tight", 0);
        judged(tight.leaf("leaf", SERVER), "", tight);
        Party below = tight.authority("below");
        judged(below.leaf("leaf", SERVER), UNKNOWN, tight, below);
        Party one = Party.root("one", 1);
        Party first = one.authority("first");
        judged(first.leaf("leaf", SERVER), "", one, first);
        Party second = first.authority("second");
        judged(second.leaf("leaf", SERVER), UNKNOWN, one, first, second);
    }

    @Test
    void oneUsageMustBeAllowedByTheWholeChain() {
        judged(root.leaf("leaf"), "", root);
        judged(root.leaf("leaf", CLIENT), "", root);
        judged(root.leaf("leaf", KeyPurposeId.anyExtendedKeyUsage), "", root);
        judged(root.leaf("leaf", CODE), USAGE, root);
        judged(root.leaf("leaf", CODE, SERVER), "", root);
        Party servers = root.authority("servers", SERVER);
        judged(servers.leaf("leaf", SERVER, CLIENT), "", root, servers);
        judged(servers.leaf("leaf", CLIENT), USAGE, root, servers);
        Party signers = root.authority("signers", CODE);
        judged(signers.leaf("leaf", SERVER), USAGE, root, signers);
        // The same authority once more without the limit: one good chain is enough.
        Party again = root.authority("signers", signers.keys());
        judged(signers.leaf("leaf", SERVER), "", root, signers, again);
    }

    @Test
    void expiryCountsForWhoIsAdded() {
        Party ended = root.issue("ended", new Shape(true, -1, NOW.minus(YEAR.multipliedBy(2)), YEAR), null);
        Party leaf = ended.leaf("leaf", SERVER);
        assertThat(refusal(leaf, OptionalLong.empty(), root, ended)).isEmpty();
        assertThat(refusal(leaf, OptionalLong.of(NOW.toEpochMilli()), root, ended))
                .contains(UNKNOWN);
        Party old = root.issue("old", new Shape(false, -1, NOW.minus(YEAR.multipliedBy(2)), YEAR), null);
        assertThat(refusal(old, OptionalLong.empty(), root)).isEmpty();
        assertThat(refusal(old, OptionalLong.of(NOW.toEpochMilli()), root)).contains("has expired or is not yet valid");
        Party early = root.issue("early", new Shape(false, -1, NOW.plus(YEAR), YEAR), null);
        assertThat(refusal(early, OptionalLong.of(NOW.toEpochMilli()), root)).contains("is before");
    }

    /// Through updates, as an operator does it: first the authority, then the member it has certified.
    @Test
    void aMemberCertifiedByAnIntermediateIsAddedOnceTheAuthorityIsKnown() {
        Party middle = root.authority("middle", SERVER, CLIENT);
        ChannelConfig before = members.genesis;
        refused(before, middle.leaf("new", SERVER, CLIENT), UNKNOWN);
        ChannelConfig rooted = updated(before, "Orderers", root, List.of());
        refused(rooted, middle.leaf("new", SERVER, CLIENT), UNKNOWN);
        ChannelConfig known = updated(rooted, "Orderers", root, List.of(middle));
        refused(known, middle.leaf("new", CODE), USAGE);
        ChannelConfig grown = propose(known, adding(middle.leaf("new", SERVER, CLIENT)));
        assertThat(grown.consenters()).hasSize(4);
        // Away with the authority again: the member's certificate hangs in the air.
        assertThatThrownBy(() -> updated(grown, "Orderers", root, List.of()))
                .isInstanceOf(Refusal.Refused.class)
                .hasMessageContaining(UNKNOWN);
    }

    /// An organisation whose admin's certificate an intermediate has issued joins by an update and signs the next.
    @Test
    void anOrganisationWithIntermediatesSigns() throws InvalidProtocolBufferException {
        Party middle = root.authority("middle");
        Party admin = middle.leaf("admin");
        Party stray = root.leaf("stray");
        FabricMSPConfig msp = FabricMSPConfig.newBuilder()
                .setName("Org1MSP")
                .addRootCerts(pem(root.certificate()))
                .addIntermediateCerts(pem(middle.certificate()))
                .addAdmins(pem(admin.certificate()))
                .build();
        ChannelConfig config = propose(
                members.genesis,
                List.of("Org1", "Org2", "Org3"),
                tree -> Members.below(
                        tree,
                        "Application",
                        application -> Members.below(
                                application, "Org1", org -> org.putValues("MSP", Members.value(wrapped(msp))))));
        assertThat(satisfied(config, admin, "/Channel/Application/Org1/Admins")).isTrue();
        assertThat(satisfied(config, admin, ChannelConfig.WRITERS)).isTrue();
        // As in Fabric a root with authorities below it vouches for no member itself.
        assertThat(satisfied(config, stray, ChannelConfig.WRITERS)).isFalse();
        assertThat(satisfied(members.genesis, admin, ChannelConfig.WRITERS)).isFalse();
        // Its old admin is none any more.
        ByteString message = ByteString.copyFromUtf8("old");
        LocalIdentity old = members.admin("Org1");
        assertThat(config.evaluate(
                                ChannelConfig.WRITERS,
                                List.of(new SignedMessage(old.creator(), message, old.sign(message))))
                        .satisfied())
                .isFalse();
    }

    private static boolean satisfied(ChannelConfig config, Party who, String policy) {
        LocalIdentity identity =
                LocalIdentity.of("Org1MSP", who.certificate(), who.keys().getPrivate(), Golden.CRYPTO);
        ByteString message = ByteString.copyFromUtf8("a message");
        return config.evaluate(policy, List.of(new SignedMessage(identity.creator(), message, identity.sign(message))))
                .satisfied();
    }

    private void judged(Party leaf, String refused, Party root, Party... intermediates) {
        String found = refusal(leaf, OptionalLong.of(NOW.toEpochMilli()), root, intermediates);
        if (refused.isEmpty()) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).contains(refused);
        }
    }

    /// By the orderers' organisation of a config.
    private String refusal(Party leaf, OptionalLong when, Party root, Party... intermediates) {
        Config config = Config.newBuilder()
                .setChannelGroup(Members.edited(members.genesis, trusting("Orderers", root, List.of(intermediates))))
                .build();
        ChannelConfig read = ChannelConfig.of(members.genesis.id(), ChannelConfig.NO_BLOCK, config, Golden.CRYPTO);
        return new TlsAuthorities(read).refuse(leaf.certificate(), when).orElse("");
    }

    /// With one more root and these intermediates for TLS; the first consenters keep their own root.
    private Consumer<ConfigGroup.Builder> trusting(String organization, Party root, List<Party> intermediates) {
        FabricMSPConfig.Builder msp = members.msp(organization).toBuilder().addTlsRootCerts(pem(root.certificate()));
        intermediates.forEach(one -> msp.addTlsIntermediateCerts(pem(one.certificate())));
        return tree -> Members.below(
                tree,
                "Orderer",
                orderer -> Members.below(
                        orderer, organization, org -> org.putValues("MSP", Members.value(wrapped(msp.build())))));
    }

    private ChannelConfig updated(ChannelConfig config, String organization, Party root, List<Party> intermediates) {
        return propose(config, List.of(organization), trusting(organization, root, intermediates));
    }

    private void refused(ChannelConfig config, Party leaf, String why) {
        assertThatThrownBy(() -> propose(config, adding(leaf)))
                .isInstanceOf(Refusal.Refused.class)
                .hasMessageContaining(why);
    }

    private ChannelConfig propose(ChannelConfig config, Consumer<ConfigGroup.Builder> change) {
        return propose(config, List.of("Orderers"), change);
    }

    private ChannelConfig propose(ChannelConfig config, List<String> signers, Consumer<ConfigGroup.Builder> change) {
        return ConfigUpdates.of(config)
                .propose(members.update(config, signers, change), members.now(config))
                .next();
    }

    private static Consumer<ConfigGroup.Builder> adding(Party leaf) {
        return tree -> Members.below(tree, "Orderer", orderer -> {
            try {
                ConsensusType type = ConsensusType.parseFrom(
                        orderer.getValuesOrThrow("ConsensusType").getValue());
                ConfigMetadata grown = ConfigMetadata.parseFrom(type.getMetadata()).toBuilder()
                        .addConsenters(org.hyperledger.fabric.protos.orderer.etcdraft.Consenter.newBuilder()
                                .setHost("localhost")
                                .setPort(7099)
                                .setClientTlsCert(pem(leaf.certificate()))
                                .setServerTlsCert(pem(leaf.certificate())))
                        .build();
                orderer.putValues(
                        "ConsensusType",
                        Members.value(type.toBuilder()
                                .setMetadata(grown.toByteString())
                                .build()));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static MSPConfig wrapped(FabricMSPConfig msp) {
        return MSPConfig.newBuilder().setConfig(msp.toByteString()).build();
    }

    private static ByteString pem(X509Certificate certificate) {
        return ByteString.copyFrom(Pem.of(certificate));
    }

    /// @param path authorities allowed below; negative: any number
    private record Shape(boolean authority, int path, Instant from, Duration length) {}

    private record Issuer(String name, KeyPair keys) {}

    /// Someone with a key and a certificate.
    private record Party(String name, KeyPair keys, X509Certificate certificate) {
        private static int serial = 1;

        static Party root(String name, int path) {
            KeyPair keys = Golden.CRYPTO.newKeyPair();
            return issued(new Issuer(name, keys), name, keys, shape(true, path), null);
        }

        Party authority(String subject, KeyPurposeId... usages) {
            return issue(subject, shape(true, -1), usages.length == 0 ? null : usages);
        }

        /// The same authority certified again.
        Party authority(String subject, KeyPair keys) {
            return issued(issuer(), subject, keys, shape(true, -1), null);
        }

        Party leaf(String subject, KeyPurposeId... usages) {
            return issue(subject, shape(false, -1), usages.length == 0 ? null : usages);
        }

        Party issue(String subject, Shape shape, KeyPurposeId @Nullable [] usages) {
            return issued(issuer(), subject, Golden.CRYPTO.newKeyPair(), shape, usages);
        }

        private Issuer issuer() {
            return new Issuer(name, keys);
        }

        private static Shape shape(boolean authority, int path) {
            return new Shape(authority, path, NOW.minus(Duration.ofHours(1)), YEAR);
        }

        private static Party issued(
                Issuer issuer, String subject, KeyPair keys, Shape shape, KeyPurposeId @Nullable [] usages) {
            try {
                X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        new X500Name("CN=" + issuer.name()),
                        BigInteger.valueOf(serial++),
                        Date.from(shape.from()),
                        Date.from(shape.from().plus(shape.length())),
                        new X500Name("CN=" + subject),
                        keys.getPublic());
                builder.addExtension(
                        Extension.basicConstraints,
                        true,
                        shape.path() < 0
                                ? new BasicConstraints(shape.authority())
                                : new BasicConstraints(shape.path()));
                builder.addExtension(
                        Extension.keyUsage,
                        true,
                        new KeyUsage(shape.authority() ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
                if (usages != null) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages));
                }
                byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                                .build(issuer.keys().getPrivate()))
                        .getEncoded();
                String pem = "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                        .formatted(Base64.getEncoder().encodeToString(der));
                return new Party(subject, keys, Pem.firstCertificate(pem.getBytes(StandardCharsets.US_ASCII), subject));
            } catch (IOException | OperatorCreationException e) {
                throw new AssertionError(e);
            }
        }
    }
}
