package org.holdfast.node;

import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.holdfast.node.NodeSettings.Address;
import org.holdfast.node.NodeSettings.KeyFiles;
import org.holdfast.node.NodeSettings.TlsSettings;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;
import org.holdfast.wire.Decode;

/// What must hold between settings, and between them and the disk. Every fault names its key and says what to do.
final class SettingsChecks {
    /// `GeneralName` of RFC 5280: dNSName.
    private static final int DNS_NAME = 2;

    private final Disk disk;
    private final Given given;

    SettingsChecks(Disk disk, Given given) {
        this.disk = disk;
        this.given = given;
    }

    /// A file of PEM certificates.
    void certificates(String key, Path file) {
        try {
            Pem.certificates(disk.read(file), file.toString());
        } catch (BadMaterial | DiskFault e) {
            given.fault("%s: %s; give a file of PEM certificates", key, reason(file, e));
        }
    }

    /// A certificate and the key that belongs to it.
    void pair(String certificateKey, String keyKey, KeyFiles files) {
        // Both are looked at, so that both are told of.
        boolean certificate = exists(certificateKey, files.certificate());
        boolean key = exists(keyKey, files.key());
        if (!certificate || !key) {
            return;
        }
        try {
            TlsKeys.load(disk, files.certificate(), files.key());
        } catch (TlsMaterialException e) {
            given.fault("%s and %s cannot be used: %s", certificateKey, keyKey, Decode.reason(e));
        }
    }

    /// The first DNS name a certificate is made out to.
    Optional<String> firstName(Path certificate) {
        try {
            X509Certificate own = Pem.firstCertificate(disk.read(certificate), certificate.toString());
            Collection<List<?>> names = own.getSubjectAlternativeNames();
            return names == null
                    ? Optional.empty()
                    : names.stream()
                            .filter(name -> Integer.valueOf(DNS_NAME).equals(name.getFirst()))
                            .map(name -> String.valueOf(name.getLast()))
                            .filter(name -> !name.startsWith("*"))
                            .findFirst();
        } catch (BadMaterial | DiskFault | CertificateParsingException e) {
            // The file has a fault of its own already.
            return Optional.empty();
        }
    }

    /// Everything that is seen only when all is read.
    void all(NodeSettings settings) {
        provider();
        msp(settings.msp().directory());
        ports(settings);
        directories(settings.paths());
        clientAuthority(settings);
    }

    private void provider() {
        String provider = given.text("General.BCCSP.Default");
        if (!provider.equalsIgnoreCase("SW")) {
            given.fault(
                    "General.BCCSP.Default is '%s': this version keeps keys in files only, so set SW and put the key"
                            + " into General.LocalMSPDir/keystore",
                    provider);
        }
        if (!given.text("General.BCCSP.SW.Hash").equalsIgnoreCase("SHA2")
                || given.number("General.BCCSP.SW.Security") != 256) {
            given.fault(
                    "General.BCCSP.SW asks for %s of %d bits: SHA2 of 256 bits is what channels use, set these",
                    given.text("General.BCCSP.SW.Hash"), given.number("General.BCCSP.SW.Security"));
        }
    }

    private void msp(Path directory) {
        if (!exists("General.LocalMSPDir", directory)) {
            return;
        }
        boolean whole = true;
        for (String part : List.of("signcerts", "keystore", "cacerts")) {
            if (disk.list(directory.resolve(part)).isEmpty()) {
                given.fault(
                        "General.LocalMSPDir: %s is missing or empty: copy the node's whole MSP directory (signcerts,"
                                + " keystore, cacerts)",
                        directory.resolve(part));
                whole = false;
            }
        }
        if (whole) {
            signer(directory);
        }
        disk.list(directory.resolve("cacerts")).forEach(root -> certificates("General.LocalMSPDir", root));
    }

    /// Whether one of the keys belongs to the certificate.
    private void signer(Path directory) {
        Path certificate = disk.list(directory.resolve("signcerts")).getFirst();
        List<String> reasons = new ArrayList<>();
        for (Path key : disk.list(directory.resolve("keystore"))) {
            try {
                TlsKeys.load(disk, certificate, key);
                return;
            } catch (TlsMaterialException e) {
                reasons.add(Decode.reason(e));
            }
        }
        given.fault(
                "General.LocalMSPDir: no key in keystore belongs to the certificate in signcerts: %s",
                String.join("; ", reasons));
    }

    private void ports(NodeSettings settings) {
        Map<String, Address> listeners = new LinkedHashMap<>();
        listeners.put("General.ListenPort", settings.general().listen());
        settings.cluster().listener().ifPresent(own -> listeners.put("General.Cluster.ListenPort", own.listen()));
        listeners.put(
                "General.Cluster.RaftListenPort",
                new Address(settings.engine().bindHost(), settings.engine().port()));
        settings.operations().listen().ifPresent(at -> listeners.put("Operations.ListenAddress", at));
        if (settings.participation().enabled()) {
            listeners.put("Admin.ListenAddress", settings.participation().listen());
        }
        settings.redis().listen().ifPresent(at -> listeners.put(RedisReader.PORT, at));
        settings.redis().plain().ifPresent(plain -> listeners.put(RedisReader.PLAIN_PORT, plain.listen()));
        List<String> names = List.copyOf(listeners.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                Address one = listeners.get(names.get(i));
                Address other = listeners.get(names.get(j));
                if (one != null && other != null && collide(one, other)) {
                    given.fault(
                            "%s and %s are the same port %d: give each listener its own",
                            names.get(i), names.get(j), one.port());
                }
            }
        }
    }

    private static boolean collide(Address one, Address other) {
        return one.port() != 0
                && one.port() == other.port()
                && (one.isEverywhere() || other.isEverywhere() || one.host().equals(other.host()));
    }

    private void directories(NodeSettings.Paths paths) {
        Path ledger = paths.ledger().normalize();
        Path engine = paths.engine().normalize();
        if (ledger.equals(engine)) {
            given.fault(
                    "FileLedger.Location and Consensus.WALDir are the same directory %s: give each its own", ledger);
        }
        for (String own : List.of("chains", "seats", "state")) {
            if (engine.startsWith(ledger.resolve(own))) {
                given.fault(
                        "Consensus.WALDir lies in %s, which holds the ledgers' own files: give it another directory",
                        ledger.resolve(own));
            }
        }
    }

    private void clientAuthority(NodeSettings settings) {
        settings.operations().tls().ifPresent(tls -> authority("Operations", tls));
        settings.participation().tls().ifPresent(tls -> {
            authority("Admin", tls);
            if (!tls.clientCertificateRequired()) {
                given.fault("Admin.TLS.ClientAuthRequired is false and Admin.TLS.Enabled is true: whoever reaches the"
                        + " port could remove channels, so set it to true");
            }
        });
    }

    private void authority(String section, TlsSettings tls) {
        if (tls.clientCertificateRequired() && tls.clientRoots().isEmpty()) {
            given.fault(
                    "%1$s.TLS.ClientAuthRequired is true and %1$s.TLS.ClientRootCAs is empty: nobody could connect;"
                            + " give the CA certificates of the clients",
                    section);
        }
    }

    private boolean exists(String key, Path path) {
        try {
            if (disk.exists(path)) {
                return true;
            }
            given.fault("%s is %s, which does not exist", key, path);
        } catch (DiskFault e) {
            given.fault("%s: %s", key, reason(path, e));
        }
        return false;
    }

    private static String reason(Path file, RuntimeException fault) {
        String reason = Decode.reason(fault);
        return reason.contains(file.toString()) ? reason : file + ": " + reason;
    }
}
