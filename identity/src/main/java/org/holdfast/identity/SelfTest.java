package org.holdfast.identity;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import org.jspecify.annotations.Nullable;

/// What a cryptography provider must get right before it is used. The known answer is RFC 6979, A.2.5, P-256 with
/// SHA-256, message "sample"; its S is high, which also shows that a high S is refused.
final class SelfTest {
    private static final String X = "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6";
    private static final String Y = "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
    private static final String R = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716";
    private static final String S = "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";

    private SelfTest() {}

    /// Tries a provider.
    ///
    /// @return what is wrong, null when nothing is
    static @Nullable String fault(Crypto crypto) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec parameters = curve.getParameterSpec(ECParameterSpec.class);
        ECPoint point = new ECPoint(new BigInteger(X, 16), new BigInteger(Y, 16));
        PublicKey known =
                crypto.adopt(KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, parameters)));
        EcdsaSignature highS = new EcdsaSignature(new BigInteger(R, 16), new BigInteger(S, 16));
        ByteString low =
                ByteString.copyFrom(highS.withLowS(parameters.getOrder()).der());
        ByteString sample = ByteString.copyFromUtf8("sample");
        if (!crypto.verify(known, low, sample)) {
            return "a known signature was refused";
        }
        if (crypto.verify(known, ByteString.copyFrom(highS.der()), sample)) {
            return "a high S was accepted";
        }
        if (crypto.verify(known, low, ByteString.copyFromUtf8("simple"))) {
            return "a signature over other bytes was accepted";
        }
        KeyPair fresh = crypto.newKeyPair();
        ByteString made = crypto.sign(fresh.getPrivate(), sample);
        if (!crypto.verify(fresh.getPublic(), made, sample)) {
            return "an own signature was refused";
        }
        byte[] tampered = made.toByteArray();
        tampered[tampered.length - 1] ^= 1;
        return crypto.verify(fresh.getPublic(), ByteString.copyFrom(tampered), sample)
                ? "a tampered signature was accepted"
                : null;
    }
}
