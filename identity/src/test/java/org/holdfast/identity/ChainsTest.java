package org.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CRLHolder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.junit.jupiter.api.Test;

/// Chains over intermediate authorities. Oracle: the certificates and lists are issued by BouncyCastle's builders; the
/// rules are Fabric's (a chain is judged at the leaf's NotBefore plus a second).
class ChainsTest {
    private static final Crypto CRYPTO = Crypto.choose();
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);

    /// Someone with a key.
    private record Party(String name, KeyPair keys, X509Certificate certificate) {
        /// Issues a certificate, valid from a time on, for a length of time.
        Party issue(String subject, boolean authority, Instant from, Duration length) throws Exception {
            KeyPair fresh = freshKeys();
            Validity validity = new Validity(authority, from, length);
            return new Party(subject, fresh, ChainsTest.certificate(name, keys, subject, fresh, validity));
        }
    }

    private static KeyPair freshKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private record Validity(boolean authority, Instant from, Duration length) {}

    private static int serial = 1;

    private static Party root() throws Exception {
        KeyPair keys = freshKeys();
        Validity validity = new Validity(true, NOW.minus(YEAR.multipliedBy(3)), YEAR.multipliedBy(9));
        return new Party("root", keys, certificate("root", keys, "root", keys, validity));
    }

    private static X509Certificate certificate(
            String issuer, KeyPair issuerKeys, String subject, KeyPair keys, Validity validity) throws Exception {
        JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer),
                BigInteger.valueOf(serial++),
                Date.from(validity.from()),
                Date.from(validity.from().plus(validity.length())),
                new X500Name("CN=" + subject),
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(validity.authority()));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(
                        validity.authority() ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(keys.getPublic()));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                extensions.createAuthorityKeyIdentifier(issuerKeys.getPublic()));
        byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate()))
                .getEncoded();
        return Pem.fromDer(der, subject);
    }

    private static byte[] revoking(Party issuer, X509Certificate revoked) throws Exception {
        X509v2CRLBuilder builder = new X509v2CRLBuilder(new X500Name("CN=" + issuer.name()), Date.from(NOW));
        builder.addCRLEntry(revoked.getSerialNumber(), Date.from(NOW), 0);
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                new JcaX509ExtensionUtils()
                        .createAuthorityKeyIdentifier(issuer.keys().getPublic()));
        X509CRLHolder list = builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                .build(issuer.keys().getPrivate()));
        String body = Base64.getEncoder().encodeToString(list.getEncoded());
        return ("-----BEGIN X509 CRL-----\n" + body + "\n-----END X509 CRL-----\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static FabricMSPConfig.Builder rules(Party root, Party... intermediates) {
        FabricMSPConfig.Builder rules =
                FabricMSPConfig.newBuilder().setName("ChainMSP").addRootCerts(pem(root.certificate()));
        for (Party intermediate : intermediates) {
            rules.addIntermediateCerts(pem(intermediate.certificate()));
        }
        return rules;
    }

    private static ByteString pem(X509Certificate certificate) {
        return ByteString.copyFrom(Pem.of(certificate));
    }

    @Test
    void aMemberIsVouchedForThroughEveryIntermediate() throws Exception {
        Party root = root();
        Party upper = root.issue("upper", true, NOW.minus(YEAR), YEAR.multipliedBy(3));
        Party lower = upper.issue("lower", true, NOW.minus(YEAR), YEAR.multipliedBy(3));
        Party ann = lower.issue("ann", false, NOW, YEAR);
        Msp msp = Msp.of(rules(root, lower, upper).build(), CRYPTO);
        assertThat(msp.validate(ann.certificate()).issuers())
                .containsExactly(lower.certificate(), upper.certificate(), root.certificate());
        Msp gap = Msp.of(rules(root, lower).build(), CRYPTO);
        assertThatThrownBy(() -> gap.validate(ann.certificate())).hasMessageContaining("not issued by an authority");
    }

    @Test
    void anAuthorityWithAuthoritiesBelowItVouchesForNoMember() throws Exception {
        Party root = root();
        Party upper = root.issue("upper", true, NOW.minus(YEAR), YEAR.multipliedBy(3));
        Party bob = root.issue("bob", false, NOW, YEAR);
        Msp flat = Msp.of(rules(root).build(), CRYPTO);
        assertThat(flat.validate(bob.certificate()).issuers()).containsExactly(root.certificate());
        Msp deep = Msp.of(rules(root, upper).build(), CRYPTO);
        assertThatThrownBy(() -> deep.validate(bob.certificate()))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("leaves to its intermediate authorities");
    }

    @Test
    void theChainIsJudgedWhenTheLeafBegan() throws Exception {
        Party root = root();
        Party ended = root.issue("ended", true, NOW.minus(YEAR.multipliedBy(2)), YEAR);
        Party inTime = ended.issue("in-time", false, NOW.minus(YEAR.multipliedBy(2)), YEAR.multipliedBy(5));
        Party tooLate = ended.issue("too-late", false, NOW, YEAR);
        Party tooEarly = ended.issue("too-early", false, NOW.minus(YEAR.multipliedBy(3)), YEAR.multipliedBy(5));
        Msp msp = Msp.of(rules(root, ended).build(), CRYPTO);
        assertThat(msp.validate(inTime.certificate()).issuers()).hasSize(2);
        assertThatThrownBy(() -> msp.validate(tooLate.certificate())).hasMessageContaining("not issued by");
        assertThatThrownBy(() -> msp.validate(tooEarly.certificate())).hasMessageContaining("not issued by");
    }

    @Test
    void aRevokedIntermediateTakesItsMembersWithIt() throws Exception {
        Party root = root();
        Party upper = root.issue("upper", true, NOW.minus(YEAR), YEAR.multipliedBy(3));
        Party other = root.issue("other", true, NOW.minus(YEAR), YEAR.multipliedBy(3));
        Party ann = upper.issue("ann", false, NOW, YEAR);
        Party bob = other.issue("bob", false, NOW, YEAR);
        Msp msp = Msp.of(
                rules(root, upper, other)
                        .addRevocationList(ByteString.copyFrom(revoking(root, upper.certificate())))
                        .build(),
                CRYPTO);
        assertThatThrownBy(() -> msp.validate(ann.certificate()))
                .hasMessageContaining("CN=upper")
                .hasMessageContaining("is revoked");
        assertThat(msp.validate(bob.certificate()).issuers()).hasSize(2);
        Msp byIntermediate = Msp.of(
                rules(root, upper)
                        .addRevocationList(ByteString.copyFrom(revoking(upper, ann.certificate())))
                        .build(),
                CRYPTO);
        assertThatThrownBy(() -> byIntermediate.validate(ann.certificate())).hasMessageContaining("is revoked");
    }

    @Test
    void manyIntermediatesOfOneNameCostNoEndlessSearch() throws Exception {
        Party root = root();
        List<Party> same = new ArrayList<>();
        Party above = root;
        for (int i = 0; i < 12; i++) {
            above = above.issue("same", true, NOW.minus(YEAR), YEAR.multipliedBy(3));
            same.add(above);
        }
        Party ann = above.issue("ann", false, NOW, YEAR);
        Msp msp = Msp.of(rules(root, same.toArray(Party[]::new)).build(), CRYPTO);
        assertThatThrownBy(() -> msp.validate(ann.certificate())).isInstanceOf(BadMaterial.class);
    }
}
