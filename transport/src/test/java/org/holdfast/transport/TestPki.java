package org.holdfast.transport;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.holdfast.env.World;

/// A certificate authority for tests, and what it issues.
final class TestPki {
    private static long serial = 1;

    private final KeyPair caKeys = newKeys();
    private final X509Certificate root;

    TestPki(String name) throws Exception {
        Instant now = Instant.now();
        root = sign(name, caKeys, name, caKeys, true, now.plus(Duration.ofDays(1)));
    }

    X509Certificate root() {
        return root;
    }

    /// Certificate and key of a program, in files.
    record Holder(Path chainFile, Path keyFile, KeyPair keys, X509Certificate certificate) {
        TlsKeys load() throws TlsMaterialException {
            return TlsKeys.load(World.real().disk(), chainFile, keyFile);
        }
    }

    Holder issue(Path directory, String name) throws Exception {
        return issue(directory, name, newKeys(), Instant.now().plus(Duration.ofHours(1)));
    }

    Holder issue(Path directory, String name, KeyPair keys, Instant notAfter) throws Exception {
        X509Certificate certificate =
                sign(name, keys, root.getSubjectX500Principal().getName(), caKeys, false, notAfter);
        Path chain = directory.resolve(name + ".crt");
        Path key = directory.resolve(name + ".key");
        write(chain, certificate);
        write(key, new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded()));
        return new Holder(chain, key, keys, certificate);
    }

    static KeyPair newKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    static void write(Path file, Object pem) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(pem);
        }
        Files.writeString(file, text.toString());
    }

    private static synchronized X509Certificate sign(
            String subject, KeyPair keys, String issuer, KeyPair issuerKeys, boolean ca, Instant notAfter)
            throws Exception {
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name(name(issuer)),
                BigInteger.valueOf(serial++),
                Date.from(notAfter.minus(Duration.ofDays(2))),
                Date.from(notAfter),
                new X500Name(name(subject)),
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        if (!ca) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"), new GeneralName(GeneralName.dNSName, "localhost")
            }));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate());
        return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    }

    private static String name(String text) {
        return text.startsWith("CN=") ? text : "CN=" + text;
    }
}
