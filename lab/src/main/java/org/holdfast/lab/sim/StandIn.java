package org.holdfast.lab.sim;

import com.google.errorprone.annotations.Immutable;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyFactorySpi;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.zip.CRC32C;
import org.holdfast.identity.Crypto;
import org.jspecify.annotations.Nullable;

/// Cryptography of the simulation, a provider for [Crypto]. Two kinds:
///
/// - the founder's: real ECDSA whose chance is seeded, so that the town has the same keys and certificates in every
///   process;
/// - the town's: a "signature" is the checksum of the bytes, in the form of an ECDSA signature. It costs a thousandth
///   and still tells whether the bytes are the ones that were signed; it says nothing about who signed.
final class StandIn extends Provider {
    private static final long serialVersionUID = 1L;
    private static final String REAL = "SunEC";
    private static final long SEED = 20_300_101L;

    private StandIn(String name, Maker signatures) {
        super(name, "1", "signatures of a simulation");
        putService(new Made(this, "Signature", "SHA256withECDSA", signatures));
        putService(new Made(this, "KeyFactory", "EC", Keys::new));
        putService(new Made(this, "KeyPairGenerator", "EC", Pairs::new));
    }

    static Crypto founder() {
        return Crypto.simulated(new StandIn("HoldfastFounder", Seeded::new));
    }

    static Crypto town() {
        return Crypto.simulated(new StandIn("HoldfastStandIn", Checksum::new));
    }

    @Immutable
    private interface Maker {
        Object make() throws NoSuchAlgorithmException;
    }

    private static final class Made extends Service {
        private final Maker maker;

        private Made(Provider provider, String type, String algorithm, Maker maker) {
            super(provider, type, algorithm, "none", null, null);
            this.maker = maker;
        }

        @Override
        public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
            return maker.make();
        }

        @Override
        public boolean supportsParameter(@Nullable Object parameter) {
            return true;
        }
    }

    /// Chance for the founder.
    private static final class Repeating extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private static final Repeating ONE = new Repeating();
        private final transient Dice dice = new Dice(SEED);

        @Override
        public void nextBytes(byte[] bytes) {
            dice.nextBytes(bytes);
        }
    }

    private static final class Keys extends KeyFactorySpi {
        private final KeyFactory real;

        private Keys() throws NoSuchAlgorithmException {
            try {
                real = KeyFactory.getInstance("EC", REAL);
            } catch (GeneralSecurityException e) {
                throw new NoSuchAlgorithmException(e);
            }
        }

        @Override
        protected PublicKey engineGeneratePublic(KeySpec spec) throws InvalidKeySpecException {
            return real.generatePublic(spec);
        }

        @Override
        protected PrivateKey engineGeneratePrivate(KeySpec spec) throws InvalidKeySpecException {
            return real.generatePrivate(spec);
        }

        @Override
        protected <T extends KeySpec> T engineGetKeySpec(Key key, Class<T> kind) throws InvalidKeySpecException {
            return real.getKeySpec(key, kind);
        }

        @Override
        protected Key engineTranslateKey(Key key) throws InvalidKeyException {
            return real.translateKey(key);
        }
    }

    private static final class Pairs extends KeyPairGeneratorSpi {
        private final KeyPairGenerator real;

        private Pairs() throws NoSuchAlgorithmException {
            try {
                real = KeyPairGenerator.getInstance("EC", REAL);
            } catch (GeneralSecurityException e) {
                throw new NoSuchAlgorithmException(e);
            }
        }

        @Override
        public void initialize(int bits, SecureRandom chance) {
            real.initialize(bits, Repeating.ONE);
        }

        @Override
        public void initialize(AlgorithmParameterSpec spec, SecureRandom chance)
                throws InvalidAlgorithmParameterException {
            real.initialize(spec, Repeating.ONE);
        }

        @Override
        public KeyPair generateKeyPair() {
            return real.generateKeyPair();
        }
    }

    private abstract static class Signing extends SignatureSpi {
        @Override
        protected void engineUpdate(byte one) throws SignatureException {
            engineUpdate(new byte[] {one}, 0, 1);
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the class above
        protected void engineSetParameter(String name, Object value) {
            throw new UnsupportedOperationException(name);
        }

        @Override
        @SuppressWarnings("deprecation") // abstract in the class above
        protected Object engineGetParameter(String name) {
            throw new UnsupportedOperationException(name);
        }
    }

    private static final class Seeded extends Signing {
        private final Signature real;

        private Seeded() throws NoSuchAlgorithmException {
            try {
                real = Signature.getInstance("SHA256withECDSA", REAL);
            } catch (GeneralSecurityException e) {
                throw new NoSuchAlgorithmException(e);
            }
        }

        @Override
        protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
            real.initVerify(key);
        }

        @Override
        protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
            real.initSign(key, Repeating.ONE);
        }

        @Override
        protected void engineUpdate(byte[] bytes, int from, int count) throws SignatureException {
            real.update(bytes, from, count);
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            return real.sign();
        }

        @Override
        protected boolean engineVerify(byte[] signature) throws SignatureException {
            return real.verify(signature);
        }
    }

    private static final class Checksum extends Signing {
        private final CRC32C sum = new CRC32C();

        @Override
        protected void engineInitVerify(PublicKey key) {
            sum.reset();
        }

        @Override
        protected void engineInitSign(PrivateKey key) {
            sum.reset();
        }

        @Override
        protected void engineUpdate(byte[] bytes, int from, int count) {
            sum.update(bytes, from, count);
        }

        /// DER of r = 2^32 + checksum, s = 1.
        @Override
        protected byte[] engineSign() {
            long value = sum.getValue();
            sum.reset();
            return new byte[] {
                0x30,
                10,
                2,
                5,
                1,
                (byte) (value >>> 24),
                (byte) (value >>> 16),
                (byte) (value >>> 8),
                (byte) value,
                2,
                1,
                1
            };
        }

        @Override
        protected boolean engineVerify(byte[] signature) {
            return MessageDigest.isEqual(engineSign(), signature);
        }
    }
}
