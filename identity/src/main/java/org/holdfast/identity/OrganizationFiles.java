package org.holdfast.identity;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.holdfast.env.Disk;
import org.holdfast.env.World;

/// The directory of one organisation, laid out as Fabric's `cryptogen` does, so that its tools and configs find
/// everything: `ca/`, `tlsca/`, `msp/`, `users/<name>@<domain>/{msp,tls}`, `orderers|peers/<node>/{msp,tls}`. Private
/// keys are readable by their owner only. Keeps no state but paths.
public final class OrganizationFiles {
    private static final String ADMIN = "Admin";

    private final World world;
    private final Crypto crypto;
    private final Path home;
    private final String domain;
    private final OrganizationPlan.Kind kind;

    private OrganizationFiles(World world, Crypto crypto, Path root, String domain, OrganizationPlan.Kind kind) {
        this.world = world;
        this.crypto = crypto;
        this.home = root.resolve(kind.organizations()).resolve(domain);
        this.domain = domain;
        this.kind = kind;
    }

    /// Makes an organisation: authorities, admin, users, nodes.
    ///
    /// @param root gets `ordererOrganizations/` or `peerOrganizations/`
    /// @throws BadMaterial when the organisation is there already
    public static OrganizationFiles write(World world, Crypto crypto, Path root, OrganizationPlan plan) {
        OrganizationFiles files = new OrganizationFiles(world, crypto, root, plan.domain(), plan.kind());
        if (world.disk().exists(files.home)) {
            throw new BadMaterial(files.home + " is there already; nothing was written");
        }
        Authority ca = Authority.create(world, crypto, plan.domain(), "ca." + plan.domain(), plan.validity());
        Authority tlsca = Authority.create(world, crypto, plan.domain(), "tlsca." + plan.domain(), plan.validity());
        files.authority("ca", ca);
        files.authority("tlsca", tlsca);
        files.membership(files.msp(), ca, tlsca);
        files.user(ADMIN, Role.ADMIN, ca, tlsca);
        plan.users().forEach(user -> files.user(user, Role.CLIENT, ca, tlsca));
        plan.nodes().forEach(node -> files.node(node, ca, tlsca));
        return files;
    }

    /// An organisation written earlier.
    ///
    /// @throws BadMaterial when it is not there
    public static OrganizationFiles open(
            World world, Crypto crypto, Path root, String domain, OrganizationPlan.Kind kind) {
        OrganizationFiles files = new OrganizationFiles(world, crypto, root, domain, kind);
        if (!world.disk().exists(files.msp())) {
            throw new BadMaterial(files.msp() + " is missing: no organisation " + domain + " there");
        }
        return files;
    }

    /// Adds a node to the organisation, with new keys.
    public void addNode(OrganizationPlan.Node node) {
        if (world.disk().exists(nodeMsp(node.name()))) {
            throw new BadMaterial(nodeMsp(node.name()) + " is there already; nothing was written");
        }
        node(
                node,
                Authority.load(world, crypto, home.resolve("ca")),
                Authority.load(world, crypto, home.resolve("tlsca")));
    }

    /// The organisation's public MSP, as a channel config takes it in ([MspDirectory]).
    public Path msp() {
        return home.resolve("msp");
    }

    /// A node's signing identity ([LocalIdentity#load]).
    public Path nodeMsp(String node) {
        return home.resolve(kind.nodes()).resolve(node).resolve("msp");
    }

    /// A node's `server.crt`, `server.key` and `ca.crt`.
    public Path nodeTls(String node) {
        return home.resolve(kind.nodes()).resolve(node).resolve("tls");
    }

    /// A user's signing identity, by name without domain, e.g. `Admin`.
    public Path userMsp(String user) {
        return home.resolve("users").resolve(user + "@" + domain).resolve("msp");
    }

    /// A user's `client.crt`, `client.key` and `ca.crt`.
    public Path userTls(String user) {
        return home.resolve("users").resolve(user + "@" + domain).resolve("tls");
    }

    private void user(String name, Role role, Authority ca, Authority tlsca) {
        String full = name + "@" + domain;
        membership(userMsp(name), ca, tlsca);
        signer(userMsp(name), full, ca.member(full, role));
        tls(userTls(name), "client", tlsca.tls(full, List.of()), tlsca);
    }

    private void node(OrganizationPlan.Node node, Authority ca, Authority tlsca) {
        membership(nodeMsp(node.name()), ca, tlsca);
        signer(nodeMsp(node.name()), node.name(), ca.member(node.name(), kind.role()));
        List<String> names = new ArrayList<>(List.of(node.name()));
        node.alternatives().stream().filter(name -> !names.contains(name)).forEach(names::add);
        tls(nodeTls(node.name()), "server", tlsca.tls(node.name(), names), tlsca);
    }

    private void authority(String prefix, Authority authority) {
        Path directory = home.resolve(prefix);
        disk().createDirectories(directory);
        disk().replace(directory.resolve(prefix + "." + domain + "-cert.pem"), Pem.of(authority.certificate()));
        disk().replaceSecret(
                        directory.resolve("priv_sk"), Pem.of(authority.issued().key()));
    }

    private void membership(Path msp, Authority ca, Authority tlsca) {
        put(msp.resolve("cacerts"), "ca." + domain + "-cert.pem", Pem.of(ca.certificate()));
        put(msp.resolve("tlscacerts"), "tlsca." + domain + "-cert.pem", Pem.of(tlsca.certificate()));
        put(msp, "config.yaml", nodeUnits().getBytes(StandardCharsets.UTF_8));
    }

    private void signer(Path msp, String name, Issued issued) {
        put(msp.resolve("signcerts"), name + "-cert.pem", Pem.of(issued.certificate()));
        Path keystore = msp.resolve("keystore");
        disk().createDirectories(keystore);
        disk().replaceSecret(keystore.resolve("priv_sk"), Pem.of(issued.key()));
    }

    private void tls(Path directory, String side, Issued issued, Authority tlsca) {
        put(directory, "ca.crt", Pem.of(tlsca.certificate()));
        put(directory, side + ".crt", Pem.of(issued.certificate()));
        disk().replaceSecret(directory.resolve(side + ".key"), Pem.of(issued.key()));
    }

    private void put(Path directory, String name, byte[] content) {
        disk().createDirectories(directory);
        disk().replace(directory.resolve(name), content);
    }

    private Disk disk() {
        return world.disk();
    }

    private String nodeUnits() {
        StringBuilder yaml = new StringBuilder("NodeOUs:\n  Enable: true\n");
        for (Role role : List.of(Role.CLIENT, Role.PEER, Role.ADMIN, Role.ORDERER)) {
            String unit = role.unit();
            yaml.append("  %s%sOUIdentifier:\n"
                            .formatted(unit.substring(0, 1).toUpperCase(Locale.ROOT), unit.substring(1)))
                    .append("    Certificate: cacerts/ca.%s-cert.pem\n".formatted(domain))
                    .append("    OrganizationalUnitIdentifier: %s\n".formatted(unit));
        }
        return yaml.toString();
    }
}
