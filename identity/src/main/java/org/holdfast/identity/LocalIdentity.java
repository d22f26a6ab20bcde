package org.holdfast.identity;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.holdfast.env.Disk;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;

/// Someone whose private key this process holds: a node or an operator's user. Immutable, safe from any thread.
public final class LocalIdentity {
    private static final ByteString PROBE = ByteString.copyFromUtf8("does this key belong to this certificate?");

    private final String mspId;
    private final X509Certificate certificate;
    private final PrivateKey key;
    private final Crypto crypto;
    private final ByteString creator;

    private LocalIdentity(String mspId, X509Certificate certificate, PrivateKey key, Crypto crypto) {
        this.mspId = mspId;
        this.certificate = certificate;
        this.key = key;
        this.crypto = crypto;
        this.creator = SerializedIdentity.newBuilder()
                .setMspid(mspId)
                .setIdBytes(ByteString.copyFrom(Pem.of(certificate)))
                .build()
                .toByteString();
    }

    /// Reads Fabric's MSP directory: one certificate under `signcerts/`, its PKCS#8 or SEC 1 key under `keystore/`.
    ///
    /// @throws BadMaterial naming the path, when something is missing, unreadable or does not belong together
    public static LocalIdentity load(Disk disk, Path mspDir, String mspId, Crypto crypto) {
        Path signcerts = mspDir.resolve("signcerts");
        List<Path> certificates = disk.list(signcerts);
        if (certificates.isEmpty()) {
            throw new BadMaterial("%s holds no certificate; an MSP directory has one there".formatted(signcerts));
        }
        Path file = certificates.getFirst();
        X509Certificate certificate = Pem.firstCertificate(disk.read(file), file.toString());
        return new LocalIdentity(mspId, certificate, keyFor(disk, mspDir, certificate, crypto), crypto);
    }

    /// An identity from parts in memory.
    ///
    /// @throws BadMaterial when the key is not the certificate's
    public static LocalIdentity of(String mspId, X509Certificate certificate, PrivateKey key, Crypto crypto) {
        PrivateKey adopted = crypto.adopt(key);
        if (!belongs(adopted, certificate, crypto)) {
            throw new BadMaterial("the private key does not belong to the certificate of "
                    + certificate.getSubjectX500Principal().getName());
        }
        return new LocalIdentity(mspId, certificate, adopted, crypto);
    }

    private static PrivateKey keyFor(Disk disk, Path mspDir, X509Certificate certificate, Crypto crypto) {
        Path keystore = mspDir.resolve("keystore");
        for (Path file : disk.list(keystore)) {
            PrivateKey key = crypto.adopt(Pem.privateKey(disk.read(file), file.toString()));
            if (belongs(key, certificate, crypto)) {
                return key;
            }
        }
        throw new BadMaterial("%s holds no private key for the certificate of %s"
                .formatted(keystore, certificate.getSubjectX500Principal().getName()));
    }

    private static boolean belongs(PrivateKey key, X509Certificate certificate, Crypto crypto) {
        PublicKey publicKey = crypto.adopt(certificate.getPublicKey());
        return crypto.verify(publicKey, crypto.sign(key, PROBE), PROBE);
    }

    /// The organisation's MSP id.
    public String mspId() {
        return mspId;
    }

    /// Serialized `msp.SerializedIdentity`, as a signature header carries it.
    public ByteString creator() {
        return creator;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /// Signs the concatenation of the parts; DER, low S.
    public ByteString sign(ByteString... parts) {
        return crypto.sign(key, parts);
    }
}
