package org.holdfast.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;

/// A directory with a settings file, an MSP and TLS material as Fabric's tools lay them out, for tests that read
/// settings.
final class Desk {
    static final World WORLD = World.real();
    private static final String NODE = "node1.orderers.desk";

    private final Path home;

    private Desk(Path home) {
        this.home = home;
    }

    /// Lays out `msp/` and `tls/` of one node, and `other/`, the TLS material of another.
    static Desk in(Path home) throws IOException {
        OrganizationFiles files = OrganizationFiles.write(
                WORLD,
                Crypto.choose(),
                home.resolve("organizations"),
                new OrganizationPlan(
                        "orderers.desk",
                        OrganizationPlan.Kind.ORDERER,
                        List.of(
                                new OrganizationPlan.Node(NODE, List.of("localhost", "127.0.0.1")),
                                new OrganizationPlan.Node("node2.orderers.desk", List.of("localhost"))),
                        List.of()));
        Files.move(files.nodeMsp(NODE), home.resolve("msp"));
        Files.move(files.nodeTls(NODE), home.resolve("tls"));
        Files.move(files.nodeTls("node2.orderers.desk"), home.resolve("other"));
        return new Desk(home);
    }

    Path home() {
        return home;
    }

    /// The text of the file that has every key of Fabric's `orderer.yaml` with its default.
    static String everyKey() throws IOException {
        try (InputStream in = Desk.class.getResourceAsStream("/settings/orderer-with-every-key.yaml")) {
            if (in == null) {
                throw new IOException("the test resource is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// Reads the file with every key after a change to its text.
    NodeSettings read(UnaryOperator<String> change, Map<String, String> environment) throws Exception {
        return readText(change.apply(everyKey()), environment);
    }

    NodeSettings readText(String text, Map<String, String> environment) throws Exception {
        Path file = home.resolve("orderer.yaml");
        Files.writeString(file, text);
        return NodeSettings.read(WORLD.disk(), file, environment);
    }
}
