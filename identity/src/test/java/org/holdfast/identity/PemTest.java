package org.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import org.junit.jupiter.api.Test;

/// Oracle: files of cryptogen 2.5.12 and a key pair written by OpenSSL in both forms.
class PemTest {
    private static final String CA = "ordererOrganizations/example.com/ca/ca.example.com-cert.pem";
    /// `openssl ecparam -genkey -name prime256v1`: a throw-away key, SEC 1.
    private static final String SEC1 = """
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIBlnBsyiOVXOsPYkCzt65T6ID7C9zgcJnO5ziCqIyCRdoAoGCCqGSM49
            AwEHoUQDQgAEKY4auht1OdAcHulM7JNS5s6mrC30gX/ZqLz4WWPouot5rW5jvqj3
            WXd8XtCB9zqI+0QOU9jPsxUe65w6m9Svfw==
            -----END EC PRIVATE KEY-----
            """;
    /// `openssl pkcs8 -topk8 -nocrypt` of the same key.
    private static final String PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGWcGzKI5Vc6w9iQL
            O3rlPogPsL3OBwmc7nOIKojIJF2hRANCAAQpjhq6G3U50Bwe6Uzsk1LmzqasLfSB
            f9movPhZY+i6i3mtbmO+qPdZd3xe0IH3Ooj7RA5T2M+zFR7rnDqb1K9/
            -----END PRIVATE KEY-----
            """;

    @Test
    void aCertificateIsWrittenByteForByteAsCryptogenWritesIt() {
        byte[] pem = Fixtures.bytes(CA);
        assertThat(Pem.of(Pem.firstCertificate(pem, CA))).isEqualTo(pem);
    }

    @Test
    void textAroundAndMoreCertificatesBehindAreAllowed() {
        String pem = new String(Fixtures.bytes(CA), StandardCharsets.US_ASCII);
        X509Certificate one = Pem.firstCertificate(bytes("subject=somebody\n" + pem), "x");
        assertThat(Pem.certificates(bytes(pem + "\n" + pem), "x")).containsExactly(one, one);
    }

    @Test
    void bothFormsOfAKeyAreTheSameKey() {
        PrivateKey sec1 = Pem.privateKey(bytes(SEC1), "sec1");
        assertThat(secret(Pem.privateKey(bytes(PKCS8), "pkcs8"))).isEqualTo(secret(sec1));
        assertThat(secret(Pem.privateKey(Pem.of(sec1), "again"))).isEqualTo(secret(sec1));
    }

    @Test
    void faultsNameTheSource() {
        assertThatThrownBy(() -> Pem.firstCertificate(bytes("nothing"), "/a/file.pem"))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("/a/file.pem");
        String broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assertThatThrownBy(() -> Pem.firstCertificate(bytes(broken), "/a/file.pem"))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("/a/file.pem");
        assertThatThrownBy(() -> Pem.privateKey(Fixtures.bytes(CA), "/a/key"))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("/a/key");
    }

    private static BigInteger secret(PrivateKey key) {
        return ((ECPrivateKey) key).getS();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
