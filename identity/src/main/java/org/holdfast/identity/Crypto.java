package org.holdfast.identity;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.google.protobuf.ByteString;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ECDSA with SHA-256 over DER signatures, low S only, as Fabric signs and verifies. Safe from any thread.
///
/// Keys work best when they were passed through [#adopt] once: a foreign provider's key is converted at every use.
public final class Crypto {
    private static final Logger LOG = LoggerFactory.getLogger(Crypto.class);
    private static final String ALGORITHM = "SHA256withECDSA";
    /// Idle signature objects kept; more callers at one time than this make their own.
    private static final int IDLE_LIMIT = 64;

    private final Provider provider;
    private final ArrayBlockingQueue<Signature> idle = new ArrayBlockingQueue<>(IDLE_LIMIT);

    private Crypto(Provider provider) {
        this.provider = provider;
    }

    /// The fastest provider that passes the self-test: Amazon Corretto Crypto Provider, else BouncyCastle. Writes one
    /// log line.
    public static Crypto choose() {
        return choose(Crypto::nativeProvider);
    }

    private static Provider nativeProvider() {
        AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
        Throwable loading = provider.getLoadingError();
        if (loading != null) {
            throw new IllegalStateException(loading);
        }
        return provider;
    }

    /// @param fast makes the provider to prefer
    static Crypto choose(Supplier<Provider> fast) {
        String reason;
        try {
            Provider provider = fast.get();
            String fault = testFault(provider);
            if (fault == null) {
                LOG.info("signatures are made and verified by {}", provider.getInfo());
                return new Crypto(provider);
            }
            reason = fault;
        } catch (LinkageError | RuntimeException notHere) { // a missing or unfit native library shows in many ways
            reason = notHere.toString();
        }
        LOG.warn("the native cryptography provider is unusable ({}); using BouncyCastle, about a third slower", reason);
        return bouncyCastle();
    }

    /// The portable provider; for machines without the native library, and for comparing the two in tests.
    public static Crypto bouncyCastle() {
        Provider portable = new BouncyCastleProvider();
        String fault = testFault(portable);
        if (fault != null) {
            throw new BadMaterial("BouncyCastle failed its self-test: " + fault);
        }
        return new Crypto(portable);
    }

    /// A provider of the caller's, taken as it is: for a simulation, where a signature only has to tell whether the
    /// bytes are the ones that were signed. Nothing it makes is secure.
    public static Crypto simulated(Provider provider) {
        return new Crypto(provider);
    }

    /// The name of the provider in use.
    public String providerName() {
        return provider.getName();
    }

    private static @Nullable String testFault(Provider candidate) {
        try {
            return SelfTest.fault(new Crypto(candidate));
        } catch (GeneralSecurityException e) {
            return e.toString();
        }
    }

    /// The same public key as the provider in use holds it. Elliptic-curve keys only.
    public PublicKey adopt(PublicKey key) {
        try {
            return KeyFactory.getInstance("EC", provider).generatePublic(new X509EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new BadMaterial("a %s public key cannot be used, only ECDSA keys".formatted(key.getAlgorithm()), e);
        }
    }

    /// The same private key as the provider in use holds it. Elliptic-curve keys only.
    public PrivateKey adopt(PrivateKey key) {
        try {
            return KeyFactory.getInstance("EC", provider).generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new BadMaterial("a %s private key cannot be used, only ECDSA keys".formatted(key.getAlgorithm()), e);
        }
    }

    /// A fresh P-256 key pair.
    public KeyPair newKeyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new AssertionError("the self-test made a P-256 key", e);
        }
    }

    /// Whether a signature covers the concatenation of the parts. False for anything wrong: another key, tampered
    /// bytes, broken DER, a high S.
    public boolean verify(PublicKey key, ByteString signature, ByteString... parts) {
        byte[] der = signature.toByteArray();
        EcdsaSignature parsed = EcdsaSignature.parse(der);
        if (parsed == null || !(key instanceof ECKey curve) || !parsed.hasLowS(order(curve))) {
            return false;
        }
        Signature engine = take();
        try {
            engine.initVerify(key);
            update(engine, parts);
            boolean verified = engine.verify(der);
            idle.offer(engine);
            return verified;
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        }
    }

    /// Signs the concatenation of the parts.
    ///
    /// @return DER, low S
    public ByteString sign(PrivateKey key, ByteString... parts) {
        Signature engine = take();
        try {
            engine.initSign(key);
            update(engine, parts);
            EcdsaSignature made = EcdsaSignature.parse(engine.sign());
            if (made == null || !(key instanceof ECKey curve)) {
                throw new BadMaterial("the key is no ECDSA key: " + key.getAlgorithm());
            }
            idle.offer(engine);
            return ByteString.copyFrom(made.withLowS(order(curve)).der());
        } catch (InvalidKeyException | SignatureException e) {
            throw new BadMaterial("the private key cannot sign", e);
        }
    }

    private static void update(Signature engine, ByteString... parts) throws SignatureException {
        for (ByteString part : parts) {
            for (ByteBuffer piece : part.asReadOnlyByteBufferList()) {
                engine.update(piece);
            }
        }
    }

    private static BigInteger order(ECKey key) {
        return key.getParams().getOrder();
    }

    private Signature take() {
        Signature engine = idle.poll();
        if (engine != null) {
            return engine;
        }
        try {
            return Signature.getInstance(ALGORITHM, provider);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("the self-test used " + ALGORITHM, e);
        }
    }
}
