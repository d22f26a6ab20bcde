package org.holdfast.node;

import static org.holdfast.node.Key.Kind.ADDRESS;
import static org.holdfast.node.Key.Kind.COUNT;
import static org.holdfast.node.Key.Kind.DURATION;
import static org.holdfast.node.Key.Kind.FLAG;
import static org.holdfast.node.Key.Kind.PATH;
import static org.holdfast.node.Key.Kind.PATHS;
import static org.holdfast.node.Key.Kind.PORT;
import static org.holdfast.node.Key.Kind.SIZE;
import static org.holdfast.node.Key.Kind.TEXT;
import static org.holdfast.node.Key.Kind.TEXTS;
import static org.holdfast.node.Key.checked;
import static org.holdfast.node.Key.idle;
import static org.holdfast.node.Key.obeyed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Every key the node knows: those of Fabric's `orderer.yaml` (2.2 to 3.1) with its names and defaults, and ours.
/// `docs/settings.md` is made from this table.
final class KnownKeys {
    private static final String DATA = "/var/hyperledger/production/orderer";
    private static final String PINNED = "members are dialled by the keys that the channel config pins for them";
    private static final String NO_KAFKA = "this version has no Kafka engine";
    private static final String FETCH =
            "blocks are fetched from whichever member answers, again and again until they" + " are there";
    private static final String SOFTWARE = "keys are used from the MSP directory, in software";

    static final List<Key> GENERAL = List.of(
            obeyed("General.ListenAddress", TEXT, "127.0.0.1", "address of the general listener; 0.0.0.0 = all"),
            obeyed("General.ListenPort", PORT, "7050", "its port"),
            obeyed("General.TLS.Enabled", FLAG, "false", "TLS on the general listener"),
            obeyed("General.TLS.PrivateKey", PATH, "", "its private key, PEM"),
            obeyed("General.TLS.Certificate", PATH, "", "its certificate chain, PEM, the own one first"),
            checked("General.TLS.RootCAs", PATHS, "", PINNED),
            obeyed("General.TLS.ClientAuthRequired", FLAG, "false", "mutual TLS: clients must show a certificate"),
            obeyed("General.TLS.ClientRootCAs", PATHS, "", "client authorities beside those of the channels"),
            obeyed(
                    "General.TLS.TLSHandshakeTimeShift",
                    DURATION,
                    "0s",
                    "clients' certificates are checked as of this long ago"),
            obeyed("General.Keepalive.ServerMinInterval", DURATION, "60s", """
                    clients may ping this often; on a listener that members share 5s, because members ping every\
                     10s"""),
            obeyed("General.Keepalive.ServerInterval", DURATION, "7200s", "a silent client is pinged after this"),
            obeyed("General.Keepalive.ServerTimeout", DURATION, "20s", "and cut when it does not answer within this"),
            obeyed("General.MaxRecvMsgSize", SIZE, "104857600", "largest message taken, bytes"),
            obeyed("General.MaxSendMsgSize", SIZE, "104857600", "largest message sent to a client, bytes"),
            obeyed("General.ConnectionTimeout", DURATION, "0s", "longest TLS handshake; 0 = 5s"),
            obeyed("General.BootstrapMethod", TEXT, "", """
                    none or file: join the channel of BootstrapFile at start; not given = file if there is a\
                     BootstrapFile"""),
            obeyed("General.BootstrapFile", PATH, "", "genesis block of an application channel"),
            obeyed("General.GenesisMethod", TEXT, "", "old name of BootstrapMethod"),
            obeyed("General.GenesisFile", PATH, "", "old name of BootstrapFile"),
            obeyed("General.LocalMSPDir", PATH, "msp", "directory of the signing identity"),
            obeyed("General.LocalMSPID", TEXT, "SampleOrg", "MSP id of its organisation"),
            idle("General.Profile.Enabled", FLAG, "false", "profile the node with the JDK's own tools (jcmd, JFR)"),
            idle("General.Profile.Address", ADDRESS, "0.0.0.0:6060", "there is no profiling port"),
            obeyed("General.BCCSP.Default", TEXT, "SW", "SW; PKCS11 is refused"),
            obeyed("General.BCCSP.SW.Hash", TEXT, "SHA2", "SHA2 only"),
            obeyed("General.BCCSP.SW.Security", COUNT, "256", "256 only, bits"),
            idle("General.BCCSP.SW.FileKeyStore.KeyStore", PATH, "", "the key is read from LocalMSPDir/keystore"),
            idle("General.BCCSP.PKCS11.Library", PATH, "", SOFTWARE),
            idle("General.BCCSP.PKCS11.Label", TEXT, "", SOFTWARE),
            idle("General.BCCSP.PKCS11.Pin", TEXT, "", SOFTWARE),
            idle("General.BCCSP.PKCS11.Hash", TEXT, "", SOFTWARE),
            idle("General.BCCSP.PKCS11.Security", TEXT, "", SOFTWARE),
            idle("General.BCCSP.PKCS11.Immutable", FLAG, "false", SOFTWARE),
            idle("General.BCCSP.PKCS11.AltID", TEXT, "", SOFTWARE),
            idle("General.BCCSP.PKCS11.SoftwareVerify", FLAG, "false", SOFTWARE),
            idle("General.BCCSP.PKCS11.FileKeyStore.KeyStore", PATH, "", SOFTWARE),
            obeyed("General.Authentication.TimeWindow", DURATION, "15m", "how far a Deliver request's time may be off"),
            obeyed("General.Authentication.NoExpirationChecks", FLAG, "false", """
                    true: clients whose signing certificate has expired are served"""));

    static final List<Key> CLUSTER = List.of(
            obeyed("General.Cluster.ListenAddress", TEXT, "", "address of a listener of the members' own"),
            obeyed("General.Cluster.ListenPort", PORT, "0", "its port; 0 = not given"),
            obeyed("General.Cluster.ServerCertificate", PATH, "", "its certificate; the channel lists this one"),
            obeyed("General.Cluster.ServerPrivateKey", PATH, "", "its private key; give all four or none"),
            obeyed("General.Cluster.ClientCertificate", PATH, "", """
                    certificate for dialling members; not given = General.TLS.Certificate, must be given beside a\
                     listener of the members' own"""),
            obeyed("General.Cluster.ClientPrivateKey", PATH, "", "its private key; this key is the node's seat"),
            checked("General.Cluster.RootCAs", PATHS, "", PINNED),
            obeyed("General.Cluster.DialTimeout", DURATION, "5s", "longest attempt to connect to a member"),
            obeyed("General.Cluster.RPCTimeout", DURATION, "7s", """
                    longest wait for a member to say who it is; no longer than 2s in any case"""),
            idle("General.Cluster.ReplicationBufferSize", SIZE, "20971520", "four blocks are fetched ahead"),
            idle("General.Cluster.ReplicationPullTimeout", DURATION, "5s", FETCH),
            idle("General.Cluster.ReplicationRetryTimeout", DURATION, "5s", FETCH),
            idle("General.Cluster.ReplicationBackgroundRefreshInterval", DURATION, "5m", """
                    there is no system channel: channels are joined one by one"""),
            idle("General.Cluster.ReplicationMaxRetries", COUNT, "12", FETCH),
            idle("General.Cluster.ReplicationPolicy", TEXT, "", FETCH),
            idle("General.Cluster.SendBufferSize", COUNT, "100", "the log engine's queues are bounded in bytes"),
            obeyed("General.Cluster.CertExpirationWarningThreshold", DURATION, "168h", """
                    warn this long before a certificate of the node or of a member ends"""),
            idle("General.Cluster.TLSHandshakeTimeShift", DURATION, "0s", """
                    members are known by their keys; the validity of their certificates is not looked at"""),
            obeyed("General.Cluster.RaftListenPort", PORT, "", """
                    the log engine's own port; members learn it from the node; not given = the port after the one\
                     members use"""),
            obeyed("General.Cluster.RaftAdvertisedHost", TEXT, "", """
                    the host members are told for it; not given = the listen address, or where that is all addresses\
                     the first name in the certificate"""));

    static final List<Key> LEDGER = List.of(
            obeyed("FileLedger.Location", PATH, DATA, "directory of the ledgers"),
            idle("FileLedger.Prefix", TEXT, "hyperledger-fabric-ordererledger", "only temporary ledgers had it"),
            obeyed("Consensus.WALDir", PATH, DATA + "/etcdraft/wal", "directory of the engine's logs"),
            idle("Consensus.SnapDir", PATH, DATA + "/etcdraft/snapshot", "snapshots lie beside the logs"),
            idle("Consensus.EvictionSuspicion", DURATION, "10m", "a node without leader asks the members all the time"),
            obeyed("Consensus.TickIntervalOverride", DURATION, "0s", """
                    in place of the channels' TickInterval; 0 = not overridden"""));

    static final List<Key> KAFKA = List.of(
            idle("Kafka.Retry.ShortInterval", DURATION, "5s", NO_KAFKA),
            idle("Kafka.Retry.ShortTotal", DURATION, "10m", NO_KAFKA),
            idle("Kafka.Retry.LongInterval", DURATION, "5m", NO_KAFKA),
            idle("Kafka.Retry.LongTotal", DURATION, "12h", NO_KAFKA),
            idle("Kafka.Retry.NetworkTimeouts.DialTimeout", DURATION, "10s", NO_KAFKA),
            idle("Kafka.Retry.NetworkTimeouts.ReadTimeout", DURATION, "10s", NO_KAFKA),
            idle("Kafka.Retry.NetworkTimeouts.WriteTimeout", DURATION, "10s", NO_KAFKA),
            idle("Kafka.Retry.Metadata.RetryBackoff", DURATION, "250ms", NO_KAFKA),
            idle("Kafka.Retry.Metadata.RetryMax", COUNT, "3", NO_KAFKA),
            idle("Kafka.Retry.Producer.RetryBackoff", DURATION, "100ms", NO_KAFKA),
            idle("Kafka.Retry.Producer.RetryMax", COUNT, "3", NO_KAFKA),
            idle("Kafka.Retry.Consumer.RetryBackoff", DURATION, "2s", NO_KAFKA),
            idle("Kafka.Topic.ReplicationFactor", COUNT, "3", NO_KAFKA),
            idle("Kafka.Verbose", FLAG, "false", NO_KAFKA),
            idle("Kafka.TLS.Enabled", FLAG, "false", NO_KAFKA),
            idle("Kafka.TLS.PrivateKey", TEXT, "", NO_KAFKA),
            idle("Kafka.TLS.PrivateKey.File", PATH, "", NO_KAFKA),
            idle("Kafka.TLS.Certificate", TEXT, "", NO_KAFKA),
            idle("Kafka.TLS.Certificate.File", PATH, "", NO_KAFKA),
            idle("Kafka.TLS.RootCAs", TEXTS, "", NO_KAFKA),
            idle("Kafka.TLS.RootCAs.File", PATHS, "", NO_KAFKA),
            idle("Kafka.TLS.ClientAuthRequired", FLAG, "false", NO_KAFKA),
            idle("Kafka.TLS.ClientRootCAs", TEXTS, "", NO_KAFKA),
            idle("Kafka.TLS.TLSHandshakeTimeShift", DURATION, "0s", NO_KAFKA),
            idle("Kafka.SASLPlain.Enabled", FLAG, "false", NO_KAFKA),
            idle("Kafka.SASLPlain.User", TEXT, "", NO_KAFKA),
            idle("Kafka.SASLPlain.Password", TEXT, "", NO_KAFKA),
            idle("Kafka.Version", TEXT, "0.10.2.0", NO_KAFKA));

    static final List<Key> DOORS = List.of(
            idle("Debug.BroadcastTraceDir", PATH, "", "requests are not written out: read the channel's blocks"),
            idle("Debug.DeliverTraceDir", PATH, "", "requests are not written out: read the node's log"),
            obeyed("Operations.ListenAddress", ADDRESS, "127.0.0.1:8443", "operations HTTP; '' = none, port 0 = any"),
            obeyed("Operations.TLS.Enabled", FLAG, "false", "TLS on it"),
            obeyed("Operations.TLS.PrivateKey", PATH, "", "its private key"),
            obeyed("Operations.TLS.Certificate", PATH, "", "its certificate chain"),
            checked("Operations.TLS.RootCAs", PATHS, "", "it dials nobody"),
            obeyed("Operations.TLS.ClientAuthRequired", FLAG, "false", "every request needs a client certificate"),
            obeyed("Operations.TLS.ClientRootCAs", PATHS, "", "its clients' authorities"),
            idle("Operations.TLS.TLSHandshakeTimeShift", DURATION, "0s", "operations clients are checked as of now"),
            obeyed("Metrics.Provider", TEXT, "disabled", "disabled, prometheus or statsd"),
            obeyed("Metrics.Statsd.Network", TEXT, "udp", "udp or tcp"),
            obeyed("Metrics.Statsd.Address", ADDRESS, "127.0.0.1:8125", "where metrics are pushed"),
            obeyed("Metrics.Statsd.WriteInterval", DURATION, "30s", "how often"),
            obeyed("Metrics.Statsd.Prefix", TEXT, "", "before every metric's name"),
            idle("Admin.ListenAddress", ADDRESS, "127.0.0.1:9443", "channels are joined over the control socket"),
            checked("Admin.TLS.Enabled", FLAG, "false", "there is no admin port yet"),
            checked("Admin.TLS.PrivateKey", PATH, "", "there is no admin port yet"),
            checked("Admin.TLS.Certificate", PATH, "", "there is no admin port yet"),
            checked("Admin.TLS.RootCAs", PATHS, "", "it dials nobody"),
            checked("Admin.TLS.ClientAuthRequired", FLAG, "false", "must be true where Admin.TLS.Enabled is"),
            checked("Admin.TLS.ClientRootCAs", PATHS, "", "there is no admin port yet"),
            idle("Admin.TLS.TLSHandshakeTimeShift", DURATION, "0s", "there is no admin port yet"),
            idle("ChannelParticipation.Enabled", FLAG, "false", "there is no admin port yet"),
            idle("ChannelParticipation.MaxRequestBodySize", SIZE, "1 MB", "there is no admin port yet"));

    static final List<Key> OWN = List.of(
            obeyed("Holdfast.NodeName", TEXT, "", "what operators call the node; not given = its address"),
            obeyed("Holdfast.ControlSocket", PATH, "", """
                    the operator's local socket; not given = control.sock beside the ledger"""),
            obeyed("Holdfast.PromptCutting", FLAG, "true", """
                    cut as soon as nothing more waits; false = always wait for BatchTimeout"""),
            obeyed("Holdfast.MinPromptGapMs", COUNT, "10", "least time between two prompt cuts, ms"),
            obeyed("Holdfast.PatienceMs", COUNT, "10000", "how long an envelope waits for a leader, ms"),
            obeyed("Holdfast.ElectionTimeoutMs", COUNT, "0", """
                    silence of a leader before an election, ms, for all channels of the node; 0 = the slowest\
                     channel's TickInterval × ElectionTick"""),
            obeyed("Holdfast.State.CheckpointBlocks", COUNT, "10000", """
                    a shard's state that is more blocks behind than this is fetched from another member; 0 = only where\
                     blocks are missing"""));

    static final List<Key> REDIS = List.of(
            obeyed("Holdfast.Redis.ListenAddress", TEXT, "127.0.0.1", """
                    address of the Redis door whose clients name keys in full, keyspace:table:key"""),
            obeyed("Holdfast.Redis.ListenPort", PORT, "", "its port; not given = no such door, 0 = any"),
            obeyed("Holdfast.Redis.Plain.ListenAddress", TEXT, "127.0.0.1", """
                    address of the Redis door whose clients' keys all lie in one table"""),
            obeyed("Holdfast.Redis.Plain.ListenPort", PORT, "", "its port; not given = no such door, 0 = any"),
            obeyed("Holdfast.Redis.Plain.Keyspace", TEXT, "default", "the table's keyspace"),
            obeyed("Holdfast.Redis.Plain.Table", TEXT, "main", "the table"),
            obeyed("Holdfast.Redis.Users", TEXTS, "", """
                    a list of lines of Redis' ACL syntax: user NAME on >password ~pattern +@category; without a line\
                     for default that user may do everything"""),
            obeyed("Holdfast.Redis.UsersFile", PATH, "", "a file of such lines, read at start, beside Users"),
            obeyed("Holdfast.Redis.Allow", TEXTS, "", """
                    what is off otherwise: flush (FLUSHDB, FLUSHALL), debug-sleep (DEBUG SLEEP)"""),
            obeyed("Holdfast.Redis.MaxClients", COUNT, "10000", "connections of each door"),
            obeyed("Holdfast.Redis.MaxReplySize", SIZE, "67108864", "longest reply, bytes; a client is cut beyond it"),
            obeyed("Holdfast.Redis.IdleTimeout", DURATION, "0s", "a client without a request is cut; 0 = never"),
            obeyed("Holdfast.Redis.TLS.Enabled", FLAG, "false", "TLS on both doors"),
            obeyed("Holdfast.Redis.TLS.PrivateKey", PATH, "", "their private key"),
            obeyed("Holdfast.Redis.TLS.Certificate", PATH, "", "their certificate chain"),
            obeyed("Holdfast.Redis.TLS.ClientAuthRequired", FLAG, "false", "every client needs a certificate"),
            obeyed("Holdfast.Redis.TLS.ClientRootCAs", PATHS, "", "the clients' authorities"));

    /// All of them.
    static final List<Key> ALL = all();

    private static final Map<String, Key> BY_PATH =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::folded, key -> key));
    private static final Map<String, Key> BY_VARIABLE =
            ALL.stream().collect(Collectors.toUnmodifiableMap(Key::variable, key -> key));
    private static final Set<String> SECTIONS =
            ALL.stream().flatMap(key -> prefixes(key.folded()).stream()).collect(Collectors.toUnmodifiableSet());

    /// A key that differs in more letters than this is another one.
    private static final int NEAR = 3;

    private KnownKeys() {}

    private static List<Key> all() {
        List<Key> all = new ArrayList<>(GENERAL);
        all.addAll(CLUSTER);
        all.addAll(LEDGER);
        all.addAll(KAFKA);
        all.addAll(DOORS);
        all.addAll(OWN);
        all.addAll(REDIS);
        return List.copyOf(all);
    }

    private static List<String> prefixes(String path) {
        List<String> found = new ArrayList<>();
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            found.add(path.substring(0, dot));
        }
        return found;
    }

    static Optional<Key> find(String path) {
        return Optional.ofNullable(BY_PATH.get(Key.fold(path)));
    }

    static Optional<Key> ofVariable(String name) {
        return Optional.ofNullable(BY_VARIABLE.get(name));
    }

    /// Whether keys lie under the path.
    static boolean isSection(String path) {
        return SECTIONS.contains(Key.fold(path));
    }

    /// The known key somebody may have meant: a few letters off, or of the same name elsewhere.
    static Optional<Key> nearest(String path) {
        String wanted = Key.fold(path);
        Key best = null;
        int least = NEAR + 1;
        for (Key key : ALL) {
            int distance = distance(wanted, key.folded());
            if (distance < least) {
                least = distance;
                best = key;
            }
        }
        return best == null ? sameName(wanted) : Optional.of(best);
    }

    private static Optional<Key> sameName(String wanted) {
        String name = wanted.substring(wanted.lastIndexOf('.') + 1);
        List<Key> same =
                ALL.stream().filter(key -> key.folded().endsWith("." + name)).toList();
        return same.size() == 1 ? Optional.of(same.getFirst()) : Optional.empty();
    }

    /// Levenshtein's distance.
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[other.length()];
    }
}
