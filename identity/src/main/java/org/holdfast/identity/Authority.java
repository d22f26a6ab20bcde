package org.holdfast.identity;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;

/// A certificate authority of one organisation: P-256, ten years unless told otherwise, the extensions Fabric's tools
/// write. Safe from any thread.
///
/// Source of the profile: certificates made by Fabric's `cryptogen` 2.5.
public final class Authority {
    /// From issue to expiry, unless told otherwise.
    public static final Duration VALIDITY = Duration.ofDays(3650);
    /// Certificates begin a little earlier, so that a machine whose clock lags accepts them.
    private static final Duration BACKDATE = Duration.ofMinutes(5);

    private static final int SERIAL_BYTES = 16;
    private static final AlgorithmIdentifier SIGNATURE =
            new DefaultSignatureAlgorithmIdentifierFinder().find("SHA256withECDSA");

    private final World world;
    private final Crypto crypto;
    private final X509Certificate certificate;
    private final PrivateKey key;
    private final Duration leafValidity;

    private Authority(World world, Crypto crypto, Issued own, Duration leafValidity) {
        this.world = world;
        this.crypto = crypto;
        this.certificate = own.certificate();
        this.key = own.key();
        this.leafValidity = leafValidity;
    }

    /// A new root.
    ///
    /// @param organization the O attribute, usually the domain
    /// @param commonName e.g. `ca.example.com`
    public static Authority create(World world, Crypto crypto, String organization, String commonName) {
        return create(world, crypto, organization, commonName, OrganizationPlan.Validity.DEFAULT);
    }

    /// A new root.
    ///
    /// @param validity of the root, and of what it issues until it is loaded again
    public static Authority create(
            World world, Crypto crypto, String organization, String commonName, OrganizationPlan.Validity validity) {
        KeyPair pair = crypto.newKeyPair();
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, organization)
                .addRDN(BCStyle.CN, commonName)
                .build();
        try {
            X509v3CertificateBuilder builder =
                    builder(world, new Names(name, name), pair.getPublic(), validity.authorities());
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.digitalSignature
                            | KeyUsage.keyEncipherment
                            | KeyUsage.keyCertSign
                            | KeyUsage.cRLSign));
            builder.addExtension(Extension.extendedKeyUsage, false, bothSides());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId(pair.getPublic())));
            X509Certificate made = finish(builder, crypto, pair.getPrivate());
            return new Authority(world, crypto, new Issued(made, pair.getPrivate()), validity.leaves());
        } catch (IOException e) {
            throw new AssertionError("these extensions can be encoded", e);
        }
    }

    /// An authority made earlier.
    ///
    /// @param directory holds one `*-cert.pem` and `priv_sk`, as [OrganizationFiles] writes `ca/` and `tlsca/`
    /// @throws BadMaterial naming the path, when something is missing
    public static Authority load(World world, Crypto crypto, Path directory) {
        for (Path file : world.disk().list(directory)) {
            if (file.toString().endsWith("-cert.pem")) {
                X509Certificate found = Pem.firstCertificate(world.disk().read(file), file.toString());
                Path keyFile = directory.resolve("priv_sk");
                if (!world.disk().exists(keyFile)) {
                    throw new BadMaterial(keyFile + " is missing; only who holds it can issue certificates");
                }
                PrivateKey key = Pem.privateKey(world.disk().read(keyFile), keyFile.toString());
                return new Authority(world, crypto, new Issued(found, crypto.adopt(key)), VALIDITY);
            }
        }
        throw new BadMaterial(directory + " holds no authority's certificate (*-cert.pem)");
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// The authority's own pair, to be stored.
    public Issued issued() {
        return new Issued(certificate, key);
    }

    /// A member's signing certificate.
    ///
    /// @param role becomes the OU attribute
    public Issued member(String commonName, Role role) {
        KeyPair pair = crypto.newKeyPair();
        X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.OU, role.unit())
                .addRDN(BCStyle.CN, commonName)
                .build();
        try {
            X509v3CertificateBuilder builder =
                    builder(world, new Names(name(), subject), pair.getPublic(), leafValidity);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            leaf(builder);
            return new Issued(finish(builder, crypto, key), pair.getPrivate());
        } catch (IOException e) {
            throw new AssertionError("these extensions can be encoded", e);
        }
    }

    /// A TLS certificate for both ends of a connection.
    ///
    /// @param names DNS names and IP addresses it may be reached by
    public Issued tls(String commonName, List<String> names) {
        return tls(commonName, names, crypto.newKeyPair());
    }

    /// A renewed TLS certificate for a key that stays: pins and seats stay with it.
    public X509Certificate renewTls(String commonName, List<String> names, KeyPair kept) {
        return tls(commonName, names, kept).certificate();
    }

    private Issued tls(String commonName, List<String> names, KeyPair pair) {
        X500Name subject = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.CN, commonName)
                .build();
        try {
            X509v3CertificateBuilder builder =
                    builder(world, new Names(name(), subject), pair.getPublic(), leafValidity);
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
            builder.addExtension(Extension.extendedKeyUsage, false, bothSides());
            leaf(builder);
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
            }
            return new Issued(finish(builder, crypto, key), pair.getPrivate());
        } catch (IOException e) {
            throw new AssertionError("these extensions can be encoded", e);
        }
    }

    private void leaf(X509v3CertificateBuilder builder) throws IOException {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(keyId(certificate.getPublicKey())));
    }

    private static GeneralNames alternatives(List<String> names) {
        List<GeneralName> found = new ArrayList<>();
        for (String name : names) {
            boolean address = name.indexOf(':') >= 0 || name.matches("[0-9]+(\\.[0-9]+){3}");
            found.add(new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        return new GeneralNames(found.toArray(GeneralName[]::new));
    }

    private static ExtendedKeyUsage bothSides() {
        return new ExtendedKeyUsage(new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth});
    }

    private X500Name name() {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    private record Names(X500Name issuer, X500Name subject) {}

    private static X509v3CertificateBuilder builder(World world, Names names, PublicKey key, Duration validity) {
        Instant now = Instant.ofEpochMilli(world.clock().wallMillis()).truncatedTo(ChronoUnit.SECONDS);
        byte[] serial = new byte[SERIAL_BYTES];
        world.chance().nextBytes(serial);
        serial[0] = (byte) (serial[0] & 0x7f);
        return new X509v3CertificateBuilder(
                names.issuer(),
                new BigInteger(1, serial).max(BigInteger.ONE),
                Date.from(now.minus(BACKDATE)),
                Date.from(now.plus(validity)),
                names.subject(),
                SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    }

    /// SHA-256 of the public key's bits, the form cryptogen uses.
    private static byte[] keyId(PublicKey key) {
        byte[] bits = SubjectPublicKeyInfo.getInstance(key.getEncoded())
                .getPublicKeyData()
                .getBytes();
        return BlockHeader.sha256().digest(bits);
    }

    private static X509Certificate finish(X509v3CertificateBuilder builder, Crypto crypto, PrivateKey key)
            throws IOException {
        byte[] der = builder.build(new LowS(crypto, key)).getEncoded();
        return Pem.fromDer(der, "a fresh certificate");
    }

    /// Signs certificates as envelopes are signed: Fabric rewrites certificates with a high S, and bytes would differ.
    private static final class LowS implements ContentSigner {
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final Crypto crypto;
        private final PrivateKey key;

        private LowS(Crypto crypto, PrivateKey key) {
            this.crypto = crypto;
            this.key = key;
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return SIGNATURE;
        }

        @Override
        public OutputStream getOutputStream() {
            return body;
        }

        @Override
        public byte[] getSignature() {
            return crypto.sign(key, ByteString.copyFrom(body.toByteArray())).toByteArray();
        }
    }
}
