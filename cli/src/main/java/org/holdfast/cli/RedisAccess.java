package org.holdfast.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;
import org.holdfast.wire.Decode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How nodes' Redis doors let one in: by TLS, with a certificate of one's own, as an ACL user. A password is never a
/// word of the command line, which every process of the machine can read.
final class RedisAccess {
    /// Holds the password.
    static final String VARIABLE = "HOLDFAST_REDIS_PASSWORD";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "The ACL user to be, with a password from " + VARIABLE + " or --password-file.")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Its first line is the password; without --user, of the user 'default'.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "The doors speak TLS: PEM certificates of the authorities to trust.")
    private @Nullable Path authorities;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "One's own PEM certificate, where the doors ask for it.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its PEM private key.")
    private @Nullable Path key;

    /// What a connection begins with.
    ///
    /// @param tls null for none
    /// @param login `AUTH ...` as it is sent; empty for none
    record Terms(@Nullable SSLSocketFactory tls, byte[] login) {
        static final Terms NONE = new Terms(null, new byte[0]);
    }

    /// @throws CommandFault naming what is missing or cannot be used
    Terms terms(Disk disk) {
        return new Terms(authorities == null ? noTls() : tls(disk, authorities), login(disk));
    }

    private @Nullable SSLSocketFactory noTls() {
        if (certificate != null || key != null) {
            throw CommandFault.usage("--tls-cert and --tls-key go with --tls-ca");
        }
        return null;
    }

    private byte[] login(Disk disk) {
        Optional<byte[]> password = password(disk);
        if (password.isEmpty()) {
            if (user != null) {
                throw CommandFault.usage("--user needs a password: in %s, or --password-file FILE", VARIABLE);
            }
            return new byte[0];
        }
        byte[] auth = {'A', 'U', 'T', 'H'};
        return ImportRecords.command(
                user == null
                        ? List.of(auth, password.get())
                        : List.of(auth, user.getBytes(StandardCharsets.UTF_8), password.get()));
    }

    private Optional<byte[]> password(Disk disk) {
        if (passwordFile != null) {
            byte[] text = read(disk, passwordFile);
            int end = 0;
            while (end < text.length && text[end] != '\n' && text[end] != '\r') {
                end++;
            }
            return Optional.of(Arrays.copyOf(text, end));
        }
        return Optional.ofNullable(System.getenv(VARIABLE)).map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] read(Disk disk, Path file) {
        try {
            return disk.read(file);
        } catch (DiskFault e) {
            throw CommandFault.failed("%s cannot be read: %s", file, Decode.reason(e));
        }
    }

    private SSLSocketFactory tls(Disk disk, Path trusted) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (X509Certificate authority : Pem.certificates(read(disk, trusted), trusted.toString())) {
                store.setCertificateEntry(Integer.toString(store.size()), authority);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own(disk), trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (BadMaterial | TlsMaterialException e) {
            throw CommandFault.failed("%s", Decode.reason(e));
        } catch (GeneralSecurityException e) {
            throw CommandFault.failed("%s cannot be used: %s", trusted, Decode.reason(e));
        } catch (IOException e) {
            throw new UncheckedIOException("an empty key store", e);
        }
    }

    private KeyManager @Nullable [] own(Disk disk) throws TlsMaterialException {
        if (certificate == null && key == null) {
            return null;
        }
        if (certificate == null || key == null) {
            throw CommandFault.usage("--tls-cert and --tls-key go together");
        }
        return new KeyManager[] {TlsKeys.load(disk, certificate, key).keyManager()};
    }
}
