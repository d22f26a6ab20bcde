package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.identity.Crypto;
import org.holdfast.node.NodeSettings.Address;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Settings as Fabric's orderers have them. The foreign oracle is Fabric's sample `orderer.yaml` of 2.2 to 2.5: the
/// resource has its keys, its spellings of values and its defaults.
class SettingsTest {
    private static final Map<String, String> NOTHING = Map.of();

    @TempDir
    Path directory;

    private Desk desk;

    @BeforeEach
    void lay() throws Exception {
        desk = Desk.in(directory);
    }

    private NodeSettings read(UnaryOperator<String> change) throws Exception {
        return desk.read(change, NOTHING);
    }

    private NodeSettings under(Map<String, String> environment) throws Exception {
        return desk.read(text -> text, environment);
    }

    private String fault(UnaryOperator<String> change) {
        BadSettings bad = catchThrowableOfType(BadSettings.class, () -> desk.read(change, NOTHING));
        assertThat(bad).isNotNull();
        return String.valueOf(bad.getMessage());
    }

    @Test
    void everyKeyWithItsDefaultIsTakenWithoutAWord() throws Exception {
        NodeSettings settings = read(text -> text);
        assertThat(settings.report().warnings()).isEmpty();
        assertThat(settings.general().listen()).isEqualTo(new Address("127.0.0.1", 7050));
        assertThat(settings.general().mutual()).isFalse();
        assertThat(settings.general().handshake()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.general().keepalive().clientInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.general().sizes()).isEqualTo(new NodeSettings.MessageSizes(100 << 20, 100 << 20));
        assertThat(settings.cluster().listener()).isEmpty();
        assertThat(settings.cluster().dialling().key()).isEqualTo(desk.home().resolve("tls/server.key"));
        assertThat(settings.cluster().certificateWarning()).isEqualTo(Duration.ofDays(7));
        assertThat(settings.engine().port()).isEqualTo(7051);
        assertThat(settings.authentication().timeWindow()).isEqualTo(Duration.ofMinutes(15));
        assertThat(settings.authentication().expiration()).isTrue();
        assertThat(settings.bootstrap()).isEmpty();
        assertThat(settings.operations().listen()).contains(new Address("127.0.0.1", 8443));
        assertThat(settings.metrics().provider()).isEqualTo(NodeSettings.MetricsSettings.Provider.DISABLED);
        assertThat(settings.participation().requestBytes()).isEqualTo(1 << 20);
        assertThat(settings.paths().ledger()).isEqualTo(Path.of("/var/hyperledger/production/orderer"));
    }

    @Test
    void theResourceHasEveryKeyAndAKeyLeftOutHasTheValueWrittenThere() throws Exception {
        List<String> whole = read(text -> text).report().effective();
        List<String> own = List.of("Holdfast.", "General.Cluster.Raft", "General.BCCSP.PKCS11.", "Kafka.TLS.");
        List<String> later = List.of(
                "General.Cluster.ReplicationPolicy", "TLS.RootCAs", "TLS.TLSHandshakeTimeShift", "General.TLS.");
        for (Key key : KnownKeys.ALL) {
            boolean exempt = own.stream().anyMatch(key.path()::startsWith)
                    || later.stream().anyMatch(key.path()::contains);
            if (!exempt) {
                String name = key.path().substring(key.path().lastIndexOf('.') + 1);
                assertThat(Desk.everyKey()).as(key.path()).contains(name + ":");
            }
        }
        NodeSettings few = desk.readText("""
                General:
                  TLS: {Enabled: true, Certificate: tls/server.crt, PrivateKey: tls/server.key, RootCAs: [tls/ca.crt]}
                  Cluster: {RootCAs: [tls/ca.crt]}
                """, NOTHING);
        assertThat(bare(few.report().effective())).isEqualTo(bare(whole));
    }

    private static List<String> bare(List<String> lines) {
        return lines.stream()
                .filter(line -> !line.startsWith("Admin.TLS.ClientAuthRequired"))
                .map(line -> line.replace(" (file)", "").replace(" 0s", " 0").replace("Method = none", "Method ="))
                .toList();
    }

    @Test
    void keysAreFoundInAnyCaseAndQuotedValuesAreRead() throws Exception {
        NodeSettings settings = read(text -> text.replace("ListenPort: 7050", "listenport: '7099'")
                .replace("General:", "GENERAL:")
                .replace("ClientAuthRequired: false\n        ClientRootCAs:\n", "ClientAuthRequired: \"yes\"\n"));
        assertThat(settings.general().listen().port()).isEqualTo(7099);
        assertThat(settings.general().mutual()).isTrue();
    }

    @Test
    void anUnknownKeyIsAWarningWithItsPathAndTheKeyThatMayBeMeant() throws Exception {
        NodeSettings settings = read(text -> text.replace("LocalMSPDir:", "LocalMSPdir2: x\n    LocalMSPDir:")
                .replace("Consensus:", "Consensus:\n    Location: here\nNovelty:\n  Deep: {A: 1, B: 2}\nConsensus2:"));
        assertThat(settings.report().warnings())
                .anySatisfy(line -> assertThat(line).contains("General.LocalMSPdir2", "General.LocalMSPDir meant"))
                .anySatisfy(line -> assertThat(line).contains("Consensus.Location", "FileLedger.Location meant"))
                .anySatisfy(line -> assertThat(line).startsWith("Novelty is no known key"))
                .noneSatisfy(line -> assertThat(line).contains("Novelty.Deep"));
    }

    @Test
    void theEnvironmentOverridesTheFileAndReachesKeysThatAreNotInIt() throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("ORDERER_GENERAL_LISTENPORT", "7051");
        environment.put("ORDERER_GENERAL_LISTENADDRESS", "");
        environment.put("ORDERER_GENERAL_TLS_CLIENTROOTCAS", "[tls/ca.crt, other/ca.crt]");
        environment.put("ORDERER_HOLDFAST_NODENAME", "here");
        environment.put("ORDERER_METRICS_PROVIDER", "prometheus");
        environment.put("ORDERER_GENERAL_LISTENPROT", "1");
        environment.put("FABRIC_LOGGING_SPEC", "debug");
        environment.put("PATH", "/bin");
        NodeSettings settings = under(environment);
        assertThat(settings.general().listen()).isEqualTo(new Address("127.0.0.1", 7051));
        assertThat(settings.general().tls().orElseThrow().clientRoots())
                .containsExactly(desk.home().resolve("tls/ca.crt"), desk.home().resolve("other/ca.crt"));
        assertThat(settings.name()).isEqualTo("here");
        assertThat(settings.metrics().provider()).isEqualTo(NodeSettings.MetricsSettings.Provider.PROMETHEUS);
        assertThat(settings.log().spec()).contains("debug");
        assertThat(settings.report().warnings())
                .singleElement()
                .asString()
                .contains("ORDERER_GENERAL_LISTENPROT", "General.ListenPort meant");
        assertThat(settings.report().effective())
                .contains("General.ListenPort = 7051 (ORDERER_GENERAL_LISTENPORT)")
                .contains("General.LocalMSPID = SampleOrg (file)");
    }

    @Test
    void aKeyThatDoesNothingHereIsToldOnceItIsChanged() throws Exception {
        NodeSettings settings = read(text -> text.replace("ReplicationMaxRetries: 12", "ReplicationMaxRetries: 3")
                .replace("Address: 0.0.0.0:6060", "Address: 0.0.0.0:6061")
                .replace("ReplicationFactor: 3", "ReplicationFactor: 1")
                .replace("ShortTotal: 10m", "ShortTotal: 600s"));
        assertThat(settings.report().warnings())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("has no effect here: "));
    }

    @Test
    void whatIsSecretIsNotShown() throws Exception {
        NodeSettings settings = under(Map.of("ORDERER_KAFKA_SASLPLAIN_PASSWORD", "hunter2"));
        assertThat(settings.report().effective())
                .noneSatisfy(line -> assertThat(line).contains("hunter2"))
                .anySatisfy(line -> assertThat(line).startsWith("Kafka.SASLPlain.Password = (not shown)"));
        assertThat(String.join("", settings.report().warnings())).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource({
        "10 MB, 10485760",
        "512k, 524288",
        "512KB, 524288",
        "1g, 1073741824",
        "104857600, 104857600",
        "2 GB, -1",
        "10 miles, -1",
        "-1, -1",
        "'', -1"
    })
    void sizesAreReadAsFabricReadsThem(String text, int bytes) {
        assertThat(Words.size(text).orElse(-1)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:80, 127.0.0.1, 80",
        ":80, 0.0.0.0, 80",
        "[::1]:80, ::1, 80",
        "a.b:0, a.b, 0",
    })
    void addressesAreRead(String text, String host, int port) {
        assertThat(Words.address(text)).contains(new Address(host, port));
        assertThat(Words.address("::1:80")).isEmpty();
        assertThat(Words.address("a:65536")).isEmpty();
        assertThat(Words.address("a")).isEmpty();
    }

    @Test
    void twelveFaultsAreToldAtOnce() {
        String text = fault(all -> all.replace("ListenPort: 7050", "ListenPort: 70000")
                .replace("LocalMSPID: SampleOrg", "LocalMSPID: ''")
                .replace("LocalMSPDir: msp", "LocalMSPDir: nowhere")
                .replace("Certificate: tls/server.crt", "Certificate: other/server.crt")
                .replace("TimeWindow: 15m", "TimeWindow: 15")
                .replace("Default: SW", "Default: PKCS11")
                .replace("BootstrapMethod: none", "BootstrapMethod: file")
                .replace("Provider: disabled", "Provider: abacus")
                .replace("ServerTimeout: 20s", "ServerTimeout: 0s")
                .replace("DialTimeout: 5s", "DialTimeout: [5s]")
                .replace("Location: /var/hyperledger/production/orderer", "Location: a/b")
                .replace("WALDir: /var/hyperledger/production/orderer/etcdraft/wal", "WALDir: a/../a/b")
                .replace("MaxRecvMsgSize: 104857600", "MaxRecvMsgSize: plenty"));
        assertThat(text.lines()).hasSize(12);
        assertThat(text.lines().map(line -> line.split("[ :]", 2)[0]))
                .containsExactlyInAnyOrder(
                        "General.ListenPort",
                        "General.LocalMSPID",
                        "General.LocalMSPDir",
                        "General.TLS.Certificate",
                        "General.Authentication.TimeWindow",
                        "General.BCCSP.Default",
                        "General.BootstrapFile",
                        "Metrics.Provider",
                        "General.Keepalive.ServerTimeout",
                        "General.Cluster.DialTimeout",
                        "FileLedger.Location",
                        "General.MaxRecvMsgSize");
    }

    @Test
    void membersNeedTlsSomewhere() throws Exception {
        assertThat(fault(text -> text.replaceFirst("Enabled: true", "Enabled: false")))
                .contains("General.TLS.Enabled is false", "General.Cluster.ServerPrivateKey");
        assertThat(fault(text -> text.replace("        ListenPort:\n", "        ListenPort: 7052\n")))
                .contains("General.Cluster.ListenAddress, General.Cluster.ServerCertificate");
        NodeSettings settings = read(text -> ownListener(text.replaceFirst("Enabled: true", "Enabled: false")));
        assertThat(settings.general().tls()).isEmpty();
        assertThat(settings.cluster().listener().orElseThrow().listen()).isEqualTo(new Address("127.0.0.1", 7052));
        assertThat(settings.engine().port()).isEqualTo(7053);
        assertThat(settings.cluster().dialling().certificate())
                .isEqualTo(desk.home().resolve("tls/server.crt"));
    }

    private static String ownListener(String text) {
        return text.replace("        ListenPort:\n", "        ListenPort: 7052\n")
                .replace("        ListenAddress:\n", "        ListenAddress: 127.0.0.1\n")
                .replace("ServerCertificate:", "ServerCertificate: other/server.crt")
                .replace("ServerPrivateKey:", "ServerPrivateKey: other/server.key")
                .replace("ClientCertificate:", "ClientCertificate: tls/server.crt")
                .replace("ClientPrivateKey:", "ClientPrivateKey: tls/server.key");
    }

    @Test
    void aListenerOfTheMembersOwnNeedsItsDiallingCertificate() {
        assertThat(fault(text -> ownListener(text)
                        .replace("ClientCertificate: tls/server.crt", "ClientCertificate:")
                        .replace("ListenPort: 7052", "ListenPort: 7050")))
                .contains("General.Cluster.ClientCertificate is missing")
                .contains("General.ListenPort and General.Cluster.ListenPort are the same port 7050");
    }

    @Test
    void whatOthersMayDoNeedsAuthorities() {
        String text = fault(all -> {
            int operations = all.indexOf("Operations:");
            return all.substring(0, operations)
                    + all.substring(operations)
                            .replace(
                                    "Enabled: false\n        Certificate:\n        PrivateKey:\n",
                                    """
                                    Enabled: true
                                            Certificate: tls/server.crt
                                            PrivateKey: tls/server.key
                                    """.stripTrailing() + "\n")
                            .replace("ClientAuthRequired: false", "ClientAuthRequired: x")
                            .replace("ClientAuthRequired: true", "ClientAuthRequired: false")
                            .replace("ClientAuthRequired: x", "ClientAuthRequired: true");
        });
        assertThat(text)
                .contains("Operations.TLS.ClientAuthRequired is true and Operations.TLS.ClientRootCAs is empty")
                .contains("Admin.TLS.ClientAuthRequired is false");
    }

    @Test
    void anMspDirectoryIsWhole() throws Exception {
        Files.move(directory.resolve("msp/keystore"), directory.resolve("keystore"));
        assertThat(fault(text -> text)).contains("General.LocalMSPDir").contains("keystore is missing or empty");
        Files.createDirectories(directory.resolve("msp/keystore"));
        Files.copy(directory.resolve("other/server.key"), directory.resolve("msp/keystore/k"));
        assertThat(fault(text -> text)).contains("no key in keystore belongs to the certificate in signcerts");
        Files.writeString(directory.resolve("tls/ca.crt"), "no certificate");
        assertThat(fault(text -> text)).contains("General.TLS.RootCAs").contains("General.Cluster.RootCAs");
    }

    @Test
    void onAllAddressesTheNameInTheCertificateIsAdvertised() throws Exception {
        NodeSettings settings = read(text -> text.replace("ListenAddress: 127.0.0.1\n", "ListenAddress: 0.0.0.0\n"));
        assertThat(settings.engine().advertisedHost()).isEqualTo("node1.orderers.desk");
        assertThat(settings.engine().bindHost()).isEqualTo("0.0.0.0");
        assertThat(settings.report().warnings()).singleElement().asString().contains("RaftAdvertisedHost");
    }

    @Test
    void theOldNamesOfTheBootstrapFileStillName() throws Exception {
        assertThat(fault(text -> text.replace("GenesisMethod:", "GenesisMethod: file")
                        .replace("    BootstrapMethod: none\n", "")
                        .replace("GenesisFile:", "GenesisFile: tls/ca.crt")))
                .contains("General.GenesisFile: ", "holds no config block");
        assertThat(fault(text -> text.replace("BootstrapMethod: none", "BootstrapMethod: provisional")))
                .contains("none or file is wanted");
    }

    @Test
    void aPathThatNoSystemKnowsIsAFault() {
        assertThat(fault(text -> text.replace("LocalMSPDir: msp", "LocalMSPDir: \"m\\0sp\"")
                        .replace("- tls/ca.crt", "- \"tls\\0ca.crt\"")))
                .contains("General.LocalMSPDir is 'm?sp': a path is wanted")
                .contains("General.TLS.RootCAs is 'tls?ca.crt': a list of paths is wanted");
    }

    @Test
    void timersThatWouldBeNoneAreFaults() {
        assertThat(fault(text -> text.replace("ConnectionTimeout: 0", "ConnectionTimeout: 10us")
                        .replace("ServerInterval: 7200s", "ServerInterval: 1ns")
                        .replace("TickIntervalOverride:", "TickIntervalOverride: 2h")))
                .contains("General.ConnectionTimeout is 10us", "General.Keepalive.ServerInterval is 1ns")
                .contains("Consensus.TickIntervalOverride is 2h");
    }

    @Test
    void anElectionTakesItsTicksFromTheOverride() throws Exception {
        Duration none = Engines.election(read(text -> text).engine(), List.of());
        assertThat(none).isEqualTo(Duration.ofSeconds(1));
        NodeSettings.Engine slow = read(text -> text.replace("TickIntervalOverride:", "TickIntervalOverride: 700ms"))
                .engine();
        assertThat(slow.tick()).contains(Duration.ofMillis(700));
        ChannelConfig config = ChannelConfig.fromBlock(
                ByteString.readFrom(getClass().getResourceAsStream("/fabric/bootstrap/genesis-2.5-blkch.block")),
                Crypto.choose());
        int ticks = config.options().electionTicks();
        assertThat(Engines.election(slow, List.of(config))).isEqualTo(Duration.ofMillis(700L * ticks));
        NodeSettings.Engine own = desk.read(text -> text, Map.of("ORDERER_HOLDFAST_ELECTIONTIMEOUTMS", "1500"))
                .engine();
        assertThat(Engines.election(own, List.of(config))).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void theFileIsNamedWhenItCannotBeRead() {
        assertThatThrownBy(() -> desk.readText("General: [", NOTHING))
                .isInstanceOf(BadSettings.class)
                .hasMessageContaining("not valid YAML");
        assertThatThrownBy(() -> desk.readText("- General", NOTHING)).hasMessageContaining("no mapping");
        assertThatThrownBy(() -> desk.readText("General: 5\nKafka: {Retry: x}", NOTHING))
                .hasMessageContaining("General has keys below it")
                .hasMessageContaining("Kafka.Retry has keys below it");
        assertThatThrownBy(() -> NodeSettings.read(Desk.WORLD.disk(), directory.resolve("none.yaml"), NOTHING))
                .hasMessageContaining("does not exist");
    }

    @Test
    void theUsualFileIsWhereFabricsOrdererLooks() {
        assertThat(NodeMain.usualFile(Map.of("FABRIC_CFG_PATH", "/x/y"))).isEqualTo(Path.of("/x/y/orderer.yaml"));
        assertThat(NodeMain.usualFile(NOTHING)).isEqualTo(Path.of("/etc/hyperledger/fabric/orderer.yaml"));
    }

    @Test
    void noTwoKeysShareAVariable() {
        assertThat(KnownKeys.ALL.stream().map(Key::variable)).doesNotHaveDuplicates();
        assertThat(KnownKeys.ALL.stream().map(Key::folded)).doesNotHaveDuplicates();
        assertThat(KnownKeys.find("general.LISTENPORT").map(Key::path)).isEqualTo(Optional.of("General.ListenPort"));
    }
}
