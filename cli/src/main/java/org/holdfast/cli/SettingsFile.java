package org.holdfast.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.holdfast.env.Disk;

/// A node's orderer.yaml. Paths in it are relative to its directory, so that a network can be moved while it is down.
///
/// @param listening what the node is bound to
/// @param home the node's directory in its organisation, with `msp/` and `tls/`
/// @param trust TLS authorities
/// @param control path of the control socket
record SettingsFile(Network.Node node, Listening listening, String home, String mspId, Trust trust, String control) {
    /// @param address of the general port and the engine's
    /// @param advertised the host by which members reach the engine's port; empty: the address
    /// @param operations address of the operations port
    /// @param redis where the doors for Redis clients are, if the node has ports for them
    record Listening(String address, String advertised, String operations, Redis redis) {
        /// Everything on one address of this machine.
        static Listening on(String host) {
            return new Listening(host, "", host, new Redis(host, PLAIN_KEYSPACE));
        }
    }

    /// @param address that the doors are bound to; what others can reach speaks TLS, with clients that show a
    /// certificate
    /// @param plainKeyspace where the keys of clients lie that name none
    record Redis(String address, String plainKeyspace) {
        private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\..*|::1");

        boolean isPrivate() {
            return LOOPBACK.matcher(address).matches();
        }
    }

    /// @param roots of the orderers
    /// @param clientRoots of the clients
    record Trust(List<String> roots, List<String> clientRoots) {}

    static final String NAME = "orderer.yaml";
    static final String CONTROL = "control.sock";
    /// Where the keys of clients lie that name none.
    static final String PLAIN_KEYSPACE = "default";

    static final String PLAIN_TABLE = "app";

    /// `sun_path` of a unix socket's address holds 104 bytes on macOS and 108 on Linux, the closing zero among them.
    private static final int SOCKET_PATH_BYTES_MAX = 100;

    private static final String CONTROL_KEY = "  ControlSocket: ";

    static String text(SettingsFile file) {
        Network.Node node = file.node();
        Network.Ports ports = node.ports();
        return """
                # Settings of %1$s, written by holdfast. The key names are those of Fabric's orderer.yaml.
                # The general port is part of the channel's configuration: change it there, not here.
                General:
                  ListenAddress: %2$s
                  ListenPort: %3$d
                  BootstrapMethod: none
                  LocalMSPDir: %6$s/msp
                  LocalMSPID: %7$s
                  TLS:
                    Enabled: true
                    PrivateKey: %6$s/tls/server.key
                    Certificate: %6$s/tls/server.crt
                    RootCAs:
                %8$s
                    ClientAuthRequired: true
                    ClientRootCAs:
                %9$s
                  Cluster:
                    RaftListenPort: %4$d%10$s
                FileLedger:
                  Location: data/ledger
                Consensus:
                  WALDir: data/log
                Operations:
                  ListenAddress: %11$s:%5$d
                Metrics:
                  Provider: prometheus
                Holdfast:
                  NodeName: %1$s
                """.formatted(
                                node.name(),
                                file.listening().address(),
                                ports.general(),
                                ports.raft(),
                                ports.operations(),
                                quoted(file.home()),
                                file.mspId(),
                                items(file.trust().roots()),
                                items(file.trust().clientRoots()),
                                file.listening().advertised().isEmpty()
                                        ? ""
                                        : "\n    RaftAdvertisedHost: "
                                                + file.listening().advertised(),
                                file.listening().operations())
                + CONTROL_KEY
                + quoted(file.control())
                + "\n"
                + redis(file);
    }

    /// The doors for Redis clients, where the node has ports for them.
    private static String redis(SettingsFile file) {
        Integer full = file.node().ports().redis();
        Integer plain = file.node().ports().redisPlain();
        Redis redis = file.listening().redis();
        StringBuilder text = new StringBuilder();
        if (full == null && plain == null) {
            return "";
        }
        text.append("  # Who connects is the user 'default', who may do everything: see Users in docs/settings.md.\n");
        text.append("  Redis:\n");
        if (full != null) {
            text.append("""
                    ListenAddress: %s
                    ListenPort: %d
                """.formatted(redis.address(), full));
        }
        if (plain != null) {
            text.append("""
                    Plain:
                      ListenAddress: %s
                      ListenPort: %d
                      Keyspace: %s
                      Table: %s
                """.formatted(redis.address(), plain, redis.plainKeyspace(), PLAIN_TABLE));
        }
        if (!redis.isPrivate()) {
            text.append("""
                    TLS:
                      Enabled: true
                      PrivateKey: %1$s/tls/server.key
                      Certificate: %1$s/tls/server.crt
                      ClientAuthRequired: true
                      ClientRootCAs:
                %2$s
                """.formatted(
                            quoted(file.home()),
                            items(file.trust().clientRoots()).indent(2).stripTrailing()));
        }
        return text.toString();
    }

    /// Where a node's control socket lies: in its directory, or, where that path is too long for a socket, under the
    /// directory for temporary files.
    ///
    /// @param config path of the node's settings, relative to the network directory
    /// @param shortDir a name for a directory there, the same for all nodes of a network
    /// @return relative to the network directory, or absolute
    static String control(NetworkDir dir, String config, String node, String shortDir) {
        String relative = config.substring(0, config.lastIndexOf('/') + 1) + CONTROL;
        if (fits(dir.path(relative))) {
            return relative;
        }
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"), shortDir, node + ".sock")
                .toString();
    }

    private static boolean fits(Path socket) {
        return socket.toString().getBytes(StandardCharsets.UTF_8).length <= SOCKET_PATH_BYTES_MAX;
    }

    /// Moves a node's control socket when the network was moved to where its path no longer fits, and makes sure that
    /// the directory it lies in exists.
    ///
    /// @return the node as network.json should have it
    private static Network.Node placed(NetworkDir dir, Network.Node node, String shortDir) {
        Network.Node result = node;
        if (!fits(dir.control(node))) {
            String control = control(dir, node.config(), node.name(), shortDir);
            result = new Network.Node(node.name(), node.host(), node.ports(), node.config(), control);
            rewrite(dir.disk(), dir.config(node), control);
        }
        Path parent = dir.control(result).getParent();
        if (parent != null) {
            dir.disk().createDirectories(parent);
        }
        return result;
    }

    /// The same for all nodes; saves the network when one has moved.
    static Network placed(Session session, NetworkDir dir, Network network) {
        byte[] mark = new byte[6];
        session.world().chance().nextBytes(mark);
        Network placed = network;
        for (Network.Node node : network.nodes()) {
            placed = placed.with(placed(dir, node, "holdfast-" + HexFormat.of().formatHex(mark)));
        }
        if (!placed.equals(network)) {
            dir.save(placed);
        }
        return placed;
    }

    private static void rewrite(Disk disk, Path file, String control) {
        String text = new String(disk.read(file), StandardCharsets.UTF_8);
        String changed = text.lines()
                .map(line -> line.startsWith(CONTROL_KEY) ? CONTROL_KEY + quoted(control) : line)
                .collect(Collectors.joining("\n", "", "\n"));
        disk.replace(file, changed.getBytes(StandardCharsets.UTF_8));
    }

    private static String items(List<String> paths) {
        return paths.stream().map(path -> "      - " + quoted(path)).collect(Collectors.joining("\n"));
    }

    private static String quoted(String text) {
        return text.matches("[A-Za-z0-9_./@-]+") ? text : "'" + text.replace("'", "''") + "'";
    }
}
