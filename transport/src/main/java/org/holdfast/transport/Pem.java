package org.holdfast.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/// Reads PEM (RFC 7468, and OpenSSL's older key forms) into the JDK's own certificate and key types.
final class Pem {
    private static final byte[] PROBE = "holdfast key probe".getBytes(StandardCharsets.US_ASCII);

    private Pem() {}

    static List<X509Certificate> certificates(byte[] pem, String name) throws TlsMaterialException {
        List<X509Certificate> found = new ArrayList<>();
        for (Object object : objects(pem, name)) {
            if (object instanceof X509CertificateHolder holder) {
                found.add(certificate(holder, name));
            }
        }
        if (found.isEmpty()) {
            throw new TlsMaterialException(name + " holds no PEM certificate", null);
        }
        return found;
    }

    static PrivateKey privateKey(byte[] pem, String name) throws TlsMaterialException {
        try {
            for (Object object : objects(pem, name)) {
                if (object instanceof PrivateKeyInfo key) {
                    return privateKey(key);
                }
                if (object instanceof PEMKeyPair pair) {
                    return privateKey(pair.getPrivateKeyInfo());
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsMaterialException(name + " holds a private key of an unknown kind: " + e.getMessage(), e);
        }
        throw new TlsMaterialException(name + " holds no unencrypted PEM private key", null);
    }

    private static PrivateKey privateKey(PrivateKeyInfo key) throws GeneralSecurityException, IOException {
        ASN1ObjectIdentifier kind = key.getPrivateKeyAlgorithm().getAlgorithm();
        // The JDK knows the other kinds of key by their object identifier.
        String algorithm = kind.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : kind.getId();
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    /// Whether a private key belongs to a public key, tried with a signature.
    static boolean matches(PrivateKey key, PublicKey publicKey) throws TlsMaterialException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
            default ->
                throw new TlsMaterialException("keys of kind " + key.getAlgorithm() + " are not supported", null);
        };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            byte[] signature = signer.sign();
            signer.initVerify(publicKey);
            signer.update(PROBE);
            return signer.verify(signature);
        } catch (GeneralSecurityException _) {
            // Another kind of key than the certificate's: a mismatch like any other.
            return false;
        }
    }

    private static X509Certificate certificate(X509CertificateHolder holder, String name) throws TlsMaterialException {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
        } catch (CertificateException | IOException e) {
            throw new TlsMaterialException(name + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<Object> objects(byte[] pem, String name) throws TlsMaterialException {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(new String(pem, StandardCharsets.ISO_8859_1)))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                objects.add(object);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new TlsMaterialException(name + " is not well-formed PEM: " + e.getMessage(), e);
        }
        return objects;
    }
}
