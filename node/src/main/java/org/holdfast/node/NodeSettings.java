package org.holdfast.node;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.order.OrdererSettings;
import org.holdfast.transport.ListenerSettings;

/// The node's settings: Fabric's `orderer.yaml`, unchanged, with ours under `Holdfast`. `docs/settings.md` tells of
/// every key.
///
/// @param name the node's name, as operators call it
/// @param general the listener that clients use, and members unless they have their own
/// @param cluster how members reach each other
/// @param engine the log engine's listener
/// @param msp the signing identity
/// @param authentication what is looked at in a client's request
/// @param bootstrap the genesis block of a channel to join at start
/// @param operations HTTP for operators and their tools
/// @param metrics where counters go
/// @param log what is logged, and how
/// @param participation HTTP for joining channels
/// @param paths where data lies
/// @param ordering how channels order
/// @param redis doors for Redis clients
/// @param state how shards' states come about
/// @param report what to tell the operator of the settings themselves
public record NodeSettings(
        String name,
        GeneralSettings general,
        ClusterSettings cluster,
        Engine engine,
        MspSettings msp,
        AuthenticationSettings authentication,
        Optional<Path> bootstrap,
        OperationsSettings operations,
        MetricsSettings metrics,
        LogSettings log,
        ParticipationSettings participation,
        Paths paths,
        OrdererSettings ordering,
        RedisSettings redis,
        StateSettings state,
        Report report) {
    /// A listener's address; port 0 lets the system choose.
    public record Address(String host, int port) {
        /// Every address of the machine.
        static final String ALL = "0.0.0.0";

        /// Whether the host stands for every address of the machine.
        boolean isEverywhere() {
            return host.equals(ALL) || host.equals("::");
        }

        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// @param checkpointBlocks a state that is more blocks behind than this is fetched from another member; 0 = only
    ///     where blocks are missing
    public record StateSettings(int checkpointBlocks) {}

    /// A certificate chain and its private key, PEM.
    public record KeyFiles(Path certificate, Path key) {}

    /// TLS of a listener.
    ///
    /// @param clientCertificateRequired whether every client must show a certificate
    /// @param clientRoots CA certificates of its clients
    public record TlsSettings(KeyFiles keys, boolean clientCertificateRequired, List<Path> clientRoots) {
        public TlsSettings {
            clientRoots = List.copyOf(clientRoots);
        }

        /// Certificate chain, the own one first.
        public Path certificate() {
            return keys.certificate();
        }

        /// Its private key.
        public Path key() {
            return keys.key();
        }
    }

    /// @param tls empty = plain, possible only where members have a listener of their own
    /// @param timeShift clients' certificates are checked as of this long ago
    public record GeneralSettings(
            Address listen,
            Optional<TlsSettings> tls,
            Duration timeShift,
            ListenerSettings.Keepalive keepalive,
            MessageSizes sizes,
            Duration handshake) {
        /// Whether clients must show a certificate, and requests are bound to it.
        public boolean mutual() {
            return tls.filter(TlsSettings::clientCertificateRequired).isPresent();
        }
    }

    /// Bytes of the largest message taken and sent.
    public record MessageSizes(int received, int sent) {}

    /// @param listener of the members' own; empty = they share the general one
    /// @param dialling shown to other members; its key is the node's seat
    /// @param dial longest attempt to connect
    /// @param answer longest wait for a member to say who it is
    /// @param certificateWarning how long before the end of a certificate to warn
    public record ClusterSettings(
            Optional<ClusterListener> listener,
            KeyFiles dialling,
            Duration dial,
            Duration answer,
            Duration certificateWarning) {}

    /// A listener for members only; they always show their certificates.
    public record ClusterListener(Address listen, KeyFiles keys) {}

    /// @param advertisedHost what the other members are told
    /// @param port of the first incarnation; later ones choose their own
    /// @param tick in place of the channels' tick interval
    /// @param election shortest silence of a leader before an election; if not given, the slowest channel's
    public record Engine(
            String bindHost, String advertisedHost, int port, Optional<Duration> tick, Optional<Duration> election) {}

    /// @param directory in Fabric's layout
    public record MspSettings(Path directory, String id) {}

    /// @param timeWindow how far the time in a Deliver request may be off
    /// @param expiration whether an expired signing certificate is refused
    public record AuthenticationSettings(Duration timeWindow, boolean expiration) {}

    /// @param listen empty = no operations HTTP
    public record OperationsSettings(Optional<Address> listen, Optional<TlsSettings> tls) {}

    /// Where counters go, and how.
    public record MetricsSettings(Provider provider, Statsd statsd) {
        /// Metrics.Provider.
        public enum Provider {
            DISABLED,
            PROMETHEUS,
            STATSD
        }
    }

    /// @param tcp over TCP, else UDP
    /// @param prefix before every name; may be empty
    public record Statsd(boolean tcp, Address address, Duration writeInterval, String prefix) {}

    /// @param spec FABRIC_LOGGING_SPEC, not judged yet
    /// @param format FABRIC_LOGGING_FORMAT, not judged yet
    public record LogSettings(Optional<String> spec, Optional<String> format) {
        static LogSettings of(Map<String, String> environment) {
            return new LogSettings(
                    given(environment, "FABRIC_LOGGING_SPEC"), given(environment, "FABRIC_LOGGING_FORMAT"));
        }

        private static Optional<String> given(Map<String, String> environment, String name) {
            return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
        }
    }

    /// @param requestBytes largest request body
    public record ParticipationSettings(boolean enabled, int requestBytes, Address listen, Optional<TlsSettings> tls) {}

    /// @param ledger FileLedger.Location
    /// @param engine Consensus.WALDir
    /// @param controlSocket the operator's local socket
    public record Paths(Path ledger, Path engine, Path controlSocket) {}

    /// @param warnings keys that are not known, or do nothing here
    /// @param effective one line for each key with its value; nothing secret
    public record Report(List<String> warnings, List<String> effective) {
        public Report {
            warnings = List.copyOf(warnings);
            effective = List.copyOf(effective);
        }
    }

    /// TLS where members find this node; the channel config lists its certificate.
    KeyFiles clusterServer() {
        return cluster.listener()
                .map(ClusterListener::keys)
                .or(() -> general.tls().map(TlsSettings::keys))
                .orElse(cluster.dialling());
    }

    /// Reads and checks a settings file.
    ///
    /// @param environment its `ORDERER_` variables override the file's keys
    /// @throws BadSettings naming every fault
    public static NodeSettings read(Disk disk, Path file, Map<String, String> environment) throws BadSettings {
        Given given = Given.read(disk, file, environment);
        NodeSettings settings = new SettingsReader(disk, given, LogSettings.of(environment)).read();
        if (!given.faults().isEmpty()) {
            throw new BadSettings(given.faults());
        }
        return settings;
    }
}
