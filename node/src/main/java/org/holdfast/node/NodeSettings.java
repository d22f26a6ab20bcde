package org.holdfast.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.order.OrdererSettings;

/// The node's settings, from a file with the key names of Fabric's `orderer.yaml` plus ours under `Holdfast`.
///
/// @param name the node's name, as operators call it
/// @param listen the general listener
/// @param engine the log engine's listener
/// @param operations HTTP for health checks
/// @param msp the signing identity
/// @param tls certificate, key and whom to let in
/// @param paths where data lies
/// @param ordering how channels order
public record NodeSettings(
        String name,
        Address listen,
        Engine engine,
        Optional<Address> operations,
        MspSettings msp,
        Tls tls,
        Paths paths,
        OrdererSettings ordering) {
    /// A listener's address; port 0 lets the system choose.
    public record Address(String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /// @param advertisedHost what the other members are told
    /// @param port of the first incarnation; later ones choose their own
    /// @param election shortest silence of a leader before an election; if not given, the slowest channel's
    public record Engine(String bindHost, String advertisedHost, int port, Optional<Duration> election) {}

    /// @param directory in Fabric's layout
    public record MspSettings(Path directory, String id) {}

    /// @param clientRoots CA certificates of clients beside those of the channels
    public record Tls(Path certificate, Path key, boolean clientCertificateRequired, List<Path> clientRoots) {}

    /// @param ledger FileLedger.Location
    /// @param engine Consensus.WALDir
    /// @param controlSocket the operator's local socket
    public record Paths(Path ledger, Path engine, Path controlSocket) {}

    /// Reads and checks a settings file.
    ///
    /// @throws BadSettings naming every fault
    public static NodeSettings read(Disk disk, Path file) throws BadSettings {
        Yaml yaml = Yaml.read(disk, file);
        String host = yaml.textOr("General.ListenAddress", "127.0.0.1");
        int port = yaml.port("General.ListenPort", 7050);
        if (!yaml.flag("General.TLS.Enabled", true)) {
            yaml.fault("General.TLS.Enabled is false: members know each other by their TLS keys, switch TLS on");
        }
        Tls tls = new Tls(
                yaml.requiredPath("General.TLS.Certificate"),
                yaml.requiredPath("General.TLS.PrivateKey"),
                yaml.flag("General.TLS.ClientAuthRequired", true),
                yaml.paths("General.TLS.ClientRootCAs"));
        int enginePort = yaml.port("General.Cluster.RaftListenPort", port == 0 ? 0 : port + 1);
        Optional<Duration> election = yaml.text("Holdfast.ElectionTimeoutMs")
                .map(given -> Duration.ofMillis(yaml.number("Holdfast.ElectionTimeoutMs", 1000, 100, 60_000)));
        Engine engine = new Engine(host, advertised(yaml, host), enginePort, election);
        Path ledger = yaml.requiredPath("FileLedger.Location");
        Path wal = yaml.requiredPath("Consensus.WALDir");
        if (!yaml.faults().isEmpty()) {
            throw new BadSettings(yaml.faults());
        }
        NodeSettings settings = new NodeSettings(
                yaml.textOr("Holdfast.NodeName", host + ":" + port),
                new Address(host, port),
                engine,
                operations(yaml),
                new MspSettings(yaml.requiredPath("General.LocalMSPDir"), yaml.required("General.LocalMSPID")),
                tls,
                new Paths(ledger, wal, yaml.path("Holdfast.ControlSocket").orElse(ledger.resolve("control.sock"))),
                ordering(yaml));
        requireFile(disk, yaml, "General.TLS.Certificate", tls.certificate());
        requireFile(disk, yaml, "General.TLS.PrivateKey", tls.key());
        tls.clientRoots().forEach(root -> requireFile(disk, yaml, "General.TLS.ClientRootCAs", root));
        requireFile(disk, yaml, "General.LocalMSPDir", settings.msp.directory());
        if (ledger.normalize().equals(wal.normalize())) {
            yaml.fault("FileLedger.Location and Consensus.WALDir are the same directory: give each its own");
        }
        if (!yaml.faults().isEmpty()) {
            throw new BadSettings(yaml.faults());
        }
        return settings;
    }

    private static String advertised(Yaml yaml, String host) {
        Optional<String> given = yaml.text("General.Cluster.RaftAdvertisedHost");
        if (given.isEmpty() && (host.equals("0.0.0.0") || host.equals("::"))) {
            yaml.fault("General.ListenAddress is " + host
                    + ": say in General.Cluster.RaftAdvertisedHost by which name the other members reach this node");
        }
        return given.orElse(host);
    }

    private static Optional<Address> operations(Yaml yaml) {
        Optional<String> given = yaml.text("Operations.ListenAddress");
        if (given.isEmpty()) {
            return Optional.empty();
        }
        int colon = given.get().lastIndexOf(':');
        if (colon > 0 && given.get().substring(colon + 1).matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(given.get().substring(colon + 1));
            if (port <= 65_535) {
                return Optional.of(new Address(given.get().substring(0, colon), port));
            }
        }
        yaml.fault("Operations.ListenAddress is '" + given.get() + "': host:port is wanted");
        return Optional.empty();
    }

    private static OrdererSettings ordering(Yaml yaml) {
        return new OrdererSettings(
                yaml.flag("Holdfast.PromptCutting", true),
                Duration.ofMillis(yaml.number("Holdfast.MinPromptGapMs", 10, 1, 10_000)),
                Duration.ofMillis(yaml.number("Holdfast.PatienceMs", 10_000, 100, 600_000)));
    }

    private static void requireFile(Disk disk, Yaml yaml, String key, Path path) {
        if (!disk.exists(path)) {
            yaml.fault("%s is %s, which does not exist".formatted(key, path));
        }
    }
}
