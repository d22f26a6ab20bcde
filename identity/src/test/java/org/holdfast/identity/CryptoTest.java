package org.holdfast.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureSpi;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Oracles: RFC 6979 (in the self-test), and the JDK's own EC provider as a second implementation.
class CryptoTest {
    private static final ByteString TEXT = ByteString.copyFromUtf8("some payload bytes");

    static Stream<Crypto> providers() {
        return Stream.of(Crypto.choose(), Crypto.bouncyCastle());
    }

    @Test
    void theNativeProviderIsChosenWhereItsLibraryLoads() {
        assertThat(Crypto.choose().providerName()).isEqualTo("AmazonCorrettoCryptoProvider");
        assertThat(Crypto.bouncyCastle().providerName()).isEqualTo("BC");
    }

    @Test
    void aProviderThatDoesNotLoadOrFailsItsTestIsReplacedByThePortableOne() {
        assertThat(Crypto.choose(() -> {
                            throw new UnsatisfiedLinkError("no library here");
                        })
                        .providerName())
                .isEqualTo("BC");
        assertThat(Crypto.choose(() -> {
                            throw new IllegalStateException("unfit for this processor");
                        })
                        .providerName())
                .isEqualTo("BC");
        Provider withoutCurves = new Provider("Nothing", "1", "knows no algorithm") {
            private static final long serialVersionUID = 1L;
        };
        assertThat(Crypto.choose(() -> withoutCurves).providerName()).isEqualTo("BC");
        Provider forgiving = new Provider("Forgiving", "1", "verifies anything") {
            private static final long serialVersionUID = 1L;
        };
        Provider portable = new BouncyCastleProvider();
        for (String name : List.of("KeyFactory.EC", "KeyPairGenerator.EC")) {
            int dot = name.indexOf('.');
            forgiving.put(
                    name, portable.getService(name.substring(0, dot), "EC").getClassName());
        }
        forgiving.put("Signature.SHA256withECDSA", Forgiving.class.getName());
        assertThat(Crypto.choose(() -> forgiving).providerName()).isEqualTo("BC");
    }

    /// Signs zeros, and believes everything.
    public static final class Forgiving extends SignatureSpi {
        @Override
        protected void engineInitVerify(PublicKey publicKey) {}

        @Override
        protected void engineInitSign(PrivateKey privateKey) {}

        @Override
        protected void engineUpdate(byte b) {}

        @Override
        protected void engineUpdate(byte[] b, int off, int len) {}

        @Override
        protected byte[] engineSign() {
            return new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1};
        }

        @Override
        protected boolean engineVerify(byte[] sigBytes) {
            return true;
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String param, Object value) {}

        @Override
        @Deprecated
        protected Object engineGetParameter(String param) {
            throw new InvalidParameterException(param);
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void madeSignaturesHaveALowSAndAreReadByTheJdk(Crypto crypto) throws Exception {
        for (String curve : List.of("secp256r1", "secp384r1")) {
            KeyPair pair = jdkPair(curve);
            BigInteger half =
                    ((ECPublicKey) pair.getPublic()).getParams().getOrder().shiftRight(1);
            PublicKey adopted = crypto.adopt(pair.getPublic());
            for (int i = 0; i < 40; i++) {
                ByteString part = ByteString.copyFromUtf8("part " + i);
                ByteString signature = crypto.sign(crypto.adopt(pair.getPrivate()), TEXT, part);
                assertThat(parsed(signature).s()).isLessThanOrEqualTo(half);
                assertThat(jdkVerifies(pair.getPublic(), TEXT.concat(part), signature))
                        .isTrue();
                assertThat(crypto.verify(adopted, signature, TEXT, part)).isTrue();
                assertThat(crypto.verify(pair.getPublic(), signature, TEXT.concat(part)))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void aHighSIsRefusedThoughItVerifiesMathematically(Crypto crypto) throws Exception {
        KeyPair pair = jdkPair("secp256r1");
        PublicKey key = crypto.adopt(pair.getPublic());
        BigInteger order = ((ECPublicKey) pair.getPublic()).getParams().getOrder();
        EcdsaSignature low = parsed(crypto.sign(crypto.adopt(pair.getPrivate()), TEXT));
        EcdsaSignature high = new EcdsaSignature(low.r(), order.subtract(low.s()));
        ByteString bytes = ByteString.copyFrom(high.der());
        assertThat(jdkVerifies(pair.getPublic(), TEXT, bytes)).isTrue();
        assertThat(crypto.verify(key, bytes, TEXT)).isFalse();
        assertThat(crypto.verify(key, ByteString.copyFrom(high.withLowS(order).der()), TEXT))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void anyFlippedBitAnyCutAndAnyTailIsRefused(Crypto crypto) {
        KeyPair pair = crypto.newKeyPair();
        byte[] good = crypto.sign(pair.getPrivate(), TEXT).toByteArray();
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(crypto.verify(pair.getPublic(), ByteString.copyFrom(bad), TEXT))
                    .as("bit %d", bit)
                    .isFalse();
        }
        ByteString whole = ByteString.copyFrom(good);
        for (int length = 0; length < good.length; length++) {
            assertThat(crypto.verify(pair.getPublic(), whole.substring(0, length), TEXT))
                    .isFalse();
        }
        ByteString tail = whole.concat(ByteString.copyFrom(new byte[1]));
        assertThat(crypto.verify(pair.getPublic(), tail, TEXT)).isFalse();
        assertThat(crypto.verify(crypto.newKeyPair().getPublic(), whole, TEXT)).isFalse();
        // The pooled engines are fit for use after all these failures.
        assertThat(crypto.verify(pair.getPublic(), whole, TEXT)).isTrue();
    }

    @Test
    void aKeyOfAnotherAlgorithmIsRefusedWithItsName() throws Exception {
        PublicKey rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic();
        Crypto crypto = Crypto.choose();
        assertThatThrownBy(() -> crypto.adopt(rsa))
                .isInstanceOf(BadMaterial.class)
                .hasMessageContaining("RSA");
        assertThat(crypto.verify(rsa, ByteString.copyFrom(new byte[70]), TEXT)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void manyVirtualThreadsAtOnceGetRightAnswers(Crypto crypto) throws InterruptedException {
        KeyPair pair = crypto.newKeyPair();
        ByteString good = crypto.sign(pair.getPrivate(), TEXT);
        ByteString other = ByteString.copyFromUtf8("other");
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                for (int j = 0; j < 10; j++) {
                    boolean right = crypto.verify(pair.getPublic(), good, TEXT)
                            && !crypto.verify(pair.getPublic(), good, other);
                    if (!right) {
                        wrong.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).hasValue(0);
    }

    private static EcdsaSignature parsed(ByteString signature) {
        return Objects.requireNonNull(EcdsaSignature.parse(signature.toByteArray()));
    }

    private static KeyPair jdkPair(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static boolean jdkVerifies(PublicKey key, ByteString text, ByteString signature) throws Exception {
        Signature engine = Signature.getInstance("SHA256withECDSA", "SunEC");
        engine.initVerify(key);
        engine.update(text.toByteArray());
        return engine.verify(signature.toByteArray());
    }
}
