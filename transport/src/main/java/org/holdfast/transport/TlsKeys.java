package org.holdfast.transport;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509ExtendedKeyManager;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;

/// A node's (or a client's) TLS certificate chain and private key, read from two PEM files and replaced while
/// running.
///
/// The key manager is asked at every handshake, so a reload shows in the next connection; open connections live
/// on. Thread-safe.
public final class TlsKeys {
    private final Disk disk;
    private final Path chainFile;
    private final Path keyFile;
    private final X509ExtendedKeyManager keyManager;
    private volatile Material current;

    private TlsKeys(Disk disk, Path chainFile, Path keyFile, Material first) {
        this.disk = disk;
        this.chainFile = chainFile;
        this.keyFile = keyFile;
        this.current = first;
        this.keyManager = new LiveKeys(() -> this.current);
    }

    /// Reads chain and key.
    ///
    /// @param chainFile PEM certificates, the own one first
    /// @param keyFile PEM private key: PKCS#8, or the older EC and RSA forms; not encrypted
    /// @throws TlsMaterialException when a file is unreadable, malformed, or the key is not the certificate's
    public static TlsKeys load(Disk disk, Path chainFile, Path keyFile) throws TlsMaterialException {
        return new TlsKeys(disk, chainFile, keyFile, read(disk, chainFile, keyFile));
    }

    /// Reads the files again. On any fault the old material stays in use.
    ///
    /// @return empty when the files were taken, else why not
    public Optional<String> reload() {
        try {
            current = read(disk, chainFile, keyFile);
            return Optional.empty();
        } catch (TlsMaterialException e) {
            return Optional.of(e.getMessage() + "; the material loaded before stays in use");
        }
    }

    /// Answers every handshake with the newest material.
    public X509ExtendedKeyManager keyManager() {
        return keyManager;
    }

    /// The own certificate, as loaded last.
    public X509Certificate certificate() {
        return current.chain().getFirst();
    }

    private static Material read(Disk disk, Path chainFile, Path keyFile) throws TlsMaterialException {
        List<X509Certificate> chain = Pem.certificates(bytes(disk, chainFile), chainFile.toString());
        PrivateKey key = Pem.privateKey(bytes(disk, keyFile), keyFile.toString());
        if (!Pem.matches(key, chain.getFirst().getPublicKey())) {
            throw new TlsMaterialException(
                    "the key in %s does not belong to the first certificate in %s".formatted(keyFile, chainFile), null);
        }
        return new Material(List.copyOf(chain), key);
    }

    private static byte[] bytes(Disk disk, Path file) throws TlsMaterialException {
        try {
            return disk.read(file);
        } catch (DiskFault e) {
            throw new TlsMaterialException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /// Chain and key that belong together.
    record Material(List<X509Certificate> chain, PrivateKey key) {}
}
