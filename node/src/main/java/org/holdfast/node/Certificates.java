package org.holdfast.node;

import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.env.Disk;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.node.NodeSettings.KeyFiles;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;

/// The TLS certificates of a node.
///
/// @param clients what clients find at the general listener; empty = no TLS there
/// @param members what other members find: the general listener's, or that of the members' own
/// @param dialling shown to other members; its key is the node's seat
record Certificates(Optional<TlsKeys> clients, TlsKeys members, TlsKeys dialling) {
    /// Reads them.
    ///
    /// @throws TlsMaterialException when one cannot be used
    static Certificates load(Disk disk, NodeSettings settings) throws TlsMaterialException {
        KeyFiles dialFiles = settings.cluster().dialling();
        KeyFiles memberFiles = settings.clusterServer();
        TlsKeys dialling = load(disk, dialFiles);
        TlsKeys members = memberFiles.equals(dialFiles) ? dialling : load(disk, memberFiles);
        Optional<KeyFiles> clientFiles = settings.general().tls().map(NodeSettings.TlsSettings::keys);
        if (clientFiles.isEmpty()) {
            return new Certificates(Optional.empty(), members, dialling);
        }
        boolean shared = clientFiles.get().equals(memberFiles);
        return new Certificates(Optional.of(shared ? members : load(disk, clientFiles.get())), members, dialling);
    }

    /// All of them with the signing one, by what they are for.
    Map<String, X509Certificate> named(LocalIdentity signer) {
        Map<String, X509Certificate> named = new TreeMap<>();
        clients.ifPresent(keys -> named.put("general", keys.certificate()));
        named.put("cluster", members.certificate());
        named.put("dialling", dialling.certificate());
        named.put("signing", signer.certificate());
        return named;
    }

    private static TlsKeys load(Disk disk, KeyFiles files) throws TlsMaterialException {
        return TlsKeys.load(disk, files.certificate(), files.key());
    }
}
