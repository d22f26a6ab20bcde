package org.holdfast.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.node.NodeSettings.Address;
import org.holdfast.node.NodeSettings.AuthenticationSettings;
import org.holdfast.node.NodeSettings.ClusterListener;
import org.holdfast.node.NodeSettings.ClusterSettings;
import org.holdfast.node.NodeSettings.Engine;
import org.holdfast.node.NodeSettings.GeneralSettings;
import org.holdfast.node.NodeSettings.KeyFiles;
import org.holdfast.node.NodeSettings.LogSettings;
import org.holdfast.node.NodeSettings.MessageSizes;
import org.holdfast.node.NodeSettings.MetricsSettings;
import org.holdfast.node.NodeSettings.MspSettings;
import org.holdfast.node.NodeSettings.OperationsSettings;
import org.holdfast.node.NodeSettings.ParticipationSettings;
import org.holdfast.node.NodeSettings.Paths;
import org.holdfast.node.NodeSettings.Report;
import org.holdfast.node.NodeSettings.Statsd;
import org.holdfast.node.NodeSettings.TlsSettings;
import org.holdfast.order.OrdererSettings;
import org.holdfast.transport.ListenerSettings;

/// Makes settings of what was given, with a fault for each thing that does not go together. Used once.
final class SettingsReader {
    /// General.ConnectionTimeout where none is given.
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);

    /// Below it a timer would be none.
    private static final Duration LEAST = Duration.ofMillis(1);

    private static final Duration TICK_MOST = Duration.ofHours(1);
    private static final int MESSAGE_LEAST = 1 << 16;
    private static final List<String> OWN_LISTENER = List.of(
            "General.Cluster.ListenAddress",
            "General.Cluster.ListenPort",
            "General.Cluster.ServerCertificate",
            "General.Cluster.ServerPrivateKey");

    private final Disk disk;
    private final Given given;
    private final LogSettings log;
    private final SettingsChecks checks;

    SettingsReader(Disk disk, Given given, LogSettings log) {
        this.disk = disk;
        this.given = given;
        this.log = log;
        this.checks = new SettingsChecks(disk, given);
    }

    NodeSettings read() {
        GeneralSettings general = general();
        Optional<ClusterListener> own = clusterListener();
        ClusterSettings cluster = cluster(general, own);
        Address members = own.map(ClusterListener::listen).orElse(general.listen());
        Path ledger = given.requiredPath("FileLedger.Location");
        Paths paths = new Paths(
                ledger,
                given.requiredPath("Consensus.WALDir"),
                given.path("Holdfast.ControlSocket").orElse(ledger.resolve("control.sock")));
        OperationsSettings operations =
                new OperationsSettings(given.address("Operations.ListenAddress"), tls("Operations"));
        NodeSettings settings = new NodeSettings(
                given.has("Holdfast.NodeName")
                        ? given.text("Holdfast.NodeName")
                        : general.listen().toString(),
                general,
                cluster,
                engine(
                        members,
                        own.map(ClusterListener::keys).or(() -> general.tls().map(TlsSettings::keys))),
                new MspSettings(given.requiredPath("General.LocalMSPDir"), mspId()),
                authentication(),
                bootstrap(),
                operations,
                metrics(),
                log,
                participation(),
                paths,
                ordering(),
                new RedisReader(disk, given).read(tls(RedisReader.SECTION)),
                new NodeSettings.StateSettings(given.number("Holdfast.State.CheckpointBlocks")),
                new Report(given.warnings(), given.effective()));
        checks.all(settings);
        return settings;
    }

    private GeneralSettings general() {
        if (given.flag("General.TLS.Enabled")) {
            given.paths("General.TLS.RootCAs").forEach(root -> checks.certificates("General.TLS.RootCAs", root));
        }
        Duration handshake = given.duration("General.ConnectionTimeout").isZero()
                ? HANDSHAKE
                : positive("General.ConnectionTimeout");
        return new GeneralSettings(
                new Address(host("General.ListenAddress"), given.number("General.ListenPort")),
                tls("General"),
                given.duration("General.TLS.TLSHandshakeTimeShift"),
                new ListenerSettings.Keepalive(
                        given.duration("General.Keepalive.ServerMinInterval"),
                        positive("General.Keepalive.ServerInterval"),
                        positive("General.Keepalive.ServerTimeout")),
                new MessageSizes(message("General.MaxRecvMsgSize"), message("General.MaxSendMsgSize")),
                handshake);
    }

    private String host(String key) {
        String host = given.text(key);
        return host.isEmpty() ? Address.ALL : host;
    }

    private int message(String key) {
        int bytes = given.number(key);
        if (bytes < MESSAGE_LEAST) {
            given.fault("%s is %d bytes: blocks and envelopes need at least %d", key, bytes, MESSAGE_LEAST);
        }
        return bytes;
    }

    private Duration positive(String key) {
        Duration length = given.duration(key);
        if (length.compareTo(LEAST) < 0) {
            given.fault("%s is %s: a duration of at least 1ms is wanted, such as 20s", key, given.text(key));
        }
        return length;
    }

    /// TLS of a section's listener, its files checked.
    private Optional<TlsSettings> tls(String section) {
        String prefix = section + ".TLS.";
        if (!given.flag(prefix + "Enabled")) {
            return Optional.empty();
        }
        Optional<KeyFiles> keys = keys(prefix + "Certificate", prefix + "PrivateKey", prefix + "Enabled is true");
        List<Path> roots = given.paths(prefix + "ClientRootCAs");
        roots.forEach(root -> checks.certificates(prefix + "ClientRootCAs", root));
        return keys.map(files -> new TlsSettings(files, given.flag(prefix + "ClientAuthRequired"), roots));
    }

    /// A certificate and its key, both of which must be there and belong together.
    private Optional<KeyFiles> keys(String certificateKey, String keyKey, String reason) {
        Optional<Path> certificate = given.path(certificateKey);
        Optional<Path> key = given.path(keyKey);
        if (certificate.isEmpty()) {
            given.fault("%s is missing: %s, so give a PEM certificate", certificateKey, reason);
        }
        if (key.isEmpty()) {
            given.fault("%s is missing: %s, so give the certificate's PEM private key", keyKey, reason);
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        KeyFiles files = new KeyFiles(certificate.get(), key.get());
        checks.pair(certificateKey, keyKey, files);
        return Optional.of(files);
    }

    private Optional<ClusterListener> clusterListener() {
        List<String> absent = OWN_LISTENER.stream()
                .filter(key -> key.endsWith("Port") ? given.number(key) == 0 : !given.has(key))
                .toList();
        if (absent.size() == OWN_LISTENER.size()) {
            if (!given.flag("General.TLS.Enabled")) {
                given.fault(
                        "General.TLS.Enabled is false and members have no listener of their own: members know each"
                                + " other by their TLS keys, so switch TLS on, or give %s",
                        String.join(", ", OWN_LISTENER));
            }
            return Optional.empty();
        }
        if (!absent.isEmpty()) {
            given.fault(
                    "%s missing: a listener of the members' own needs all of %s; give them all, or none to share the"
                            + " general one",
                    String.join(", ", absent), String.join(", ", OWN_LISTENER));
            return Optional.empty();
        }
        Address listen =
                new Address(given.text("General.Cluster.ListenAddress"), given.number("General.Cluster.ListenPort"));
        return keys(
                        "General.Cluster.ServerCertificate",
                        "General.Cluster.ServerPrivateKey",
                        "members have a listener of their own")
                .map(files -> new ClusterListener(listen, files));
    }

    private ClusterSettings cluster(GeneralSettings general, Optional<ClusterListener> own) {
        given.paths("General.Cluster.RootCAs").forEach(root -> checks.certificates("General.Cluster.RootCAs", root));
        boolean named = given.has("General.Cluster.ClientCertificate") || given.has("General.Cluster.ClientPrivateKey");
        Optional<KeyFiles> dialling = named || own.isPresent()
                ? keys(
                        "General.Cluster.ClientCertificate",
                        "General.Cluster.ClientPrivateKey",
                        own.isPresent() ? "members have a listener of their own" : "the other of the two is given")
                : general.tls().map(TlsSettings::keys);
        return new ClusterSettings(
                own,
                dialling.orElse(new KeyFiles(Path.of(""), Path.of(""))),
                positive("General.Cluster.DialTimeout"),
                positive("General.Cluster.RPCTimeout"),
                given.duration("General.Cluster.CertExpirationWarningThreshold"));
    }

    private Engine engine(Address members, Optional<KeyFiles> server) {
        int after = members.port() == 0 ? 0 : Math.min(members.port() + 1, 65_535);
        int port = given.has("General.Cluster.RaftListenPort") ? given.number("General.Cluster.RaftListenPort") : after;
        Duration tick = given.duration("Consensus.TickIntervalOverride");
        if (tick.compareTo(TICK_MOST) > 0 || (!tick.isZero() && tick.compareTo(LEAST) < 0)) {
            given.fault(
                    "Consensus.TickIntervalOverride is %s: 1ms to 1h are wanted",
                    given.text("Consensus.TickIntervalOverride"));
        }
        int election = within("Holdfast.ElectionTimeoutMs", 100, 60_000);
        return new Engine(
                members.host(),
                advertised(members, server),
                port,
                tick.isZero() ? Optional.empty() : Optional.of(tick),
                election == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(election)));
    }

    private String advertised(Address members, Optional<KeyFiles> server) {
        if (given.has("General.Cluster.RaftAdvertisedHost")) {
            return given.text("General.Cluster.RaftAdvertisedHost");
        }
        if (!members.isEverywhere()) {
            return members.host();
        }
        Optional<String> name = server.flatMap(files -> checks.firstName(files.certificate()));
        name.ifPresentOrElse(
                host -> given.warn(
                        "members are told to reach the log engine at %s, the first name in this node's certificate: if"
                                + " they know the node by another, give General.Cluster.RaftAdvertisedHost",
                        host),
                () -> given.fault("the node listens on all addresses and its certificate names no host: say in"
                        + " General.Cluster.RaftAdvertisedHost by which name the other members reach it"));
        return name.orElse(members.host());
    }

    private String mspId() {
        String id = given.text("General.LocalMSPID");
        if (id.isEmpty()) {
            given.fault("General.LocalMSPID is empty: give the MSP id of the node's organisation");
        }
        return id;
    }

    private AuthenticationSettings authentication() {
        return new AuthenticationSettings(
                positive("General.Authentication.TimeWindow"),
                !given.flag("General.Authentication.NoExpirationChecks"));
    }

    private Optional<Path> bootstrap() {
        String methodKey = given.has("General.BootstrapMethod") ? "General.BootstrapMethod" : "General.GenesisMethod";
        String fileKey = given.has("General.BootstrapFile") ? "General.BootstrapFile" : "General.GenesisFile";
        Optional<Path> file = given.path(fileKey);
        String method = given.has(methodKey) ? given.text(methodKey) : file.isPresent() ? "file" : "none";
        return switch (method.toLowerCase(Locale.ROOT)) {
            case "none" -> Optional.empty();
            case "file" -> {
                if (file.isEmpty()) {
                    given.fault("General.BootstrapFile is missing: %s is file, so give a genesis block", methodKey);
                }
                file.ifPresent(path ->
                        BootstrapBlock.fault(disk, path).ifPresent(fault -> given.fault("%s: %s", fileKey, fault)));
                yield file;
            }
            default -> {
                given.fault("%s is '%s': none or file is wanted", methodKey, method);
                yield Optional.empty();
            }
        };
    }

    private MetricsSettings metrics() {
        MetricsSettings.Provider provider =
                switch (given.text("Metrics.Provider").toLowerCase(Locale.ROOT)) {
                    case "", "disabled" -> MetricsSettings.Provider.DISABLED;
                    case "prometheus" -> MetricsSettings.Provider.PROMETHEUS;
                    case "statsd" -> MetricsSettings.Provider.STATSD;
                    default -> {
                        given.fault(
                                "Metrics.Provider is '%s': disabled, prometheus or statsd is wanted",
                                given.text("Metrics.Provider"));
                        yield MetricsSettings.Provider.DISABLED;
                    }
                };
        String network = given.text("Metrics.Statsd.Network").toLowerCase(Locale.ROOT);
        if (!network.equals("udp") && !network.equals("tcp")) {
            given.fault("Metrics.Statsd.Network is '%s': udp or tcp is wanted", network);
        }
        Optional<Address> address = given.address("Metrics.Statsd.Address").filter(to -> to.port() > 0);
        if (address.isEmpty() && provider == MetricsSettings.Provider.STATSD) {
            given.fault("Metrics.Statsd.Address names no port: Metrics.Provider is statsd, so give host:port");
        }
        return new MetricsSettings(
                provider,
                new Statsd(
                        network.equals("tcp"),
                        address.orElse(new Address("127.0.0.1", 8125)),
                        positive("Metrics.Statsd.WriteInterval"),
                        given.text("Metrics.Statsd.Prefix")));
    }

    private ParticipationSettings participation() {
        return new ParticipationSettings(
                given.flag("ChannelParticipation.Enabled"),
                given.number("ChannelParticipation.MaxRequestBodySize"),
                given.address("Admin.ListenAddress").orElse(new Address("127.0.0.1", 9443)),
                tls("Admin"));
    }

    private OrdererSettings ordering() {
        return new OrdererSettings(
                given.flag("Holdfast.PromptCutting"),
                Duration.ofMillis(within("Holdfast.MinPromptGapMs", 1, 10_000)),
                Duration.ofMillis(within("Holdfast.PatienceMs", 100, 600_000)),
                !given.flag("General.Authentication.NoExpirationChecks"));
    }

    /// A number in bounds; outside of them a fault and the default. The default may lie outside.
    private int within(String key, int least, int most) {
        int number = given.number(key);
        int fallback = Integer.parseInt(KnownKeys.find(key).orElseThrow().fallback());
        if (number == fallback || (number >= least && number <= most)) {
            return number;
        }
        given.fault("%s is '%d': a number from %d to %d is wanted", key, number, least, most);
        return fallback;
    }
}
