package org.holdfast.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/// PEM (RFC 7468) to certificates, revocation lists and keys, and back. Text outside the blocks is ignored. Every
/// fault is a [BadMaterial] that names the source.
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*?)-----END \\1-----");

    private Pem() {}

    /// All certificates of a PEM text; at least one.
    ///
    /// @param source named in the error
    public static List<X509Certificate> certificates(byte[] pem, String source) {
        List<X509Certificate> found = new ArrayList<>();
        for (byte[] der : blocks(pem, source, "CERTIFICATE")) {
            found.add(fromDer(der, source));
        }
        if (found.isEmpty()) {
            throw new BadMaterial(source + " holds no PEM certificate");
        }
        return found;
    }

    /// The first certificate of a PEM text.
    public static X509Certificate firstCertificate(byte[] pem, String source) {
        Matcher matcher = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            if ("CERTIFICATE".equals(matcher.group(1))) {
                return fromDer(decode(matcher.group(2), source), source);
            }
        }
        throw new BadMaterial(source + " holds no PEM certificate");
    }

    static X509Certificate fromDer(byte[] der, String source) {
        try {
            ByteArrayInputStream in = new ByteArrayInputStream(der);
            X509Certificate parsed =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            if (in.available() > 0) {
                throw new BadMaterial(source + " holds bytes behind a certificate");
            }
            return parsed;
        } catch (CertificateException e) {
            throw new BadMaterial(source + " holds an unreadable certificate", e);
        }
    }

    /// All certificate revocation lists of a PEM text; at least one.
    public static List<X509CRL> revocationLists(byte[] pem, String source) {
        List<X509CRL> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (byte[] der : blocks(pem, source, "X509 CRL")) {
                found.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(der)));
            }
        } catch (CertificateException | CRLException e) {
            throw new BadMaterial(source + " holds an unreadable revocation list", e);
        }
        if (found.isEmpty()) {
            throw new BadMaterial(source + " holds no PEM revocation list (BEGIN X509 CRL)");
        }
        return found;
    }

    /// An EC private key, PKCS#8 (`PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`), not encrypted.
    public static PrivateKey privateKey(byte[] pem, String source) {
        try (PEMParser parser = new PEMParser(new StringReader(new String(pem, StandardCharsets.ISO_8859_1)))) {
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                if (found instanceof PrivateKeyInfo pkcs8) {
                    return key(pkcs8, source);
                }
                if (found instanceof PEMKeyPair pair) {
                    return key(pair.getPrivateKeyInfo(), source);
                }
            }
            throw new BadMaterial(source + " holds no unencrypted PEM private key (PKCS#8 or SEC 1)");
        } catch (IOException | IllegalArgumentException | IllegalStateException e) { // the decoder's ways to fail
            throw new BadMaterial(source + " holds an unreadable private key", e);
        }
    }

    private static PrivateKey key(PrivateKeyInfo pkcs8, String source) throws IOException {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new BadMaterial(source + " holds a private key that is no EC key", e);
        }
    }

    /// A certificate as PEM.
    public static byte[] of(X509Certificate certificate) {
        try {
            return block("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new AssertionError("a parsed certificate has an encoding", e);
        }
    }

    /// A private key as PKCS#8 PEM, unencrypted.
    public static byte[] of(PrivateKey key) {
        return block("PRIVATE KEY", key.getEncoded());
    }

    private static byte[] block(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        String text = "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(label, body, label);
        return text.replace(System.lineSeparator(), "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static List<byte[]> blocks(byte[] pem, String source, String label) {
        List<byte[]> found = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        while (matcher.find()) {
            if (label.equals(matcher.group(1))) {
                found.add(decode(matcher.group(2), source));
            }
        }
        return found;
    }

    private static byte[] decode(String base64, String source) {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new BadMaterial(source + " holds broken base64", e);
        }
    }
}
