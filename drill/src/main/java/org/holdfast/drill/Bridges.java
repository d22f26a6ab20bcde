package org.holdfast.drill;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A network namespace for each node, joined by a bridge; a second bridge holds who is cut off. The clients' side is
/// this machine: it reaches nodes on both bridges, and carries nothing between them.
///
/// Addresses: 198.18.n.1 to .9 for nodes and 198.18.n.254 for this machine, of the block set aside for tests of
/// networks (RFC 2544); n is the first that no device here uses.
final class Bridges implements Ground {
    private static final String MAIN = "a";
    private static final String APART = "b";
    private static final int SUBNETS = 256;

    private final Site site;
    private final String subnet;
    private boolean made;

    Bridges(Site site) {
        this.site = site;
        this.subnet = subnet();
    }

    @Override
    public String listens(int node) {
        return subnet + "." + node;
    }

    @Override
    public List<String> before(int node) {
        return List.of("ip", "netns", "exec", space(node));
    }

    @Override
    public void furnished(Sandbox sandbox) {
        made = true;
        for (String bridge : List.of(MAIN, APART)) {
            Shell.run("ip", "link", "add", "name", site.name(bridge), "type", "bridge");
            Shell.run("ip", "link", "set", site.name(bridge), "up");
        }
        Shell.run("ip", "address", "add", subnet + ".254/24", "dev", site.name(MAIN));
        for (int node = 1; node <= site.nodes(); node++) {
            String space = space(node);
            Shell.run("ip", "netns", "add", space);
            Shell.run("ip", "link", "add", "name", port(node), "type", "veth", "peer", "name", "eth0", "netns", space);
            Shell.run("ip", "link", "set", port(node), "master", site.name(MAIN), "up");
            Shell.run("ip", "-n", space, "address", "add", listens(node) + "/24", "dev", "eth0");
            Shell.run("ip", "-n", space, "link", "set", "eth0", "up");
            Shell.run("ip", "-n", space, "link", "set", "lo", "up");
        }
    }

    /// Parts a node from the others.
    void cut(int node) {
        Shell.run("ip", "link", "set", port(node), "master", site.name(APART));
        Shell.run("ip", "route", "add", listens(node) + "/32", "dev", site.name(APART), "src", subnet + ".254");
    }

    /// Takes [#cut] back.
    void mend(int node) {
        Shell.run("ip", "route", "del", listens(node) + "/32", "dev", site.name(APART));
        Shell.run("ip", "link", "set", port(node), "master", site.name(MAIN));
    }

    @Override
    public void close() {
        if (!made) {
            return;
        }
        made = false;
        List<String> stuck = new ArrayList<>();
        // Devices first: those that a namespace takes with it go later than it does.
        for (String device : ours("/sys/class/net")) {
            Shell.attempt("ip", "link", "del", device).ifPresent(stuck::add);
        }
        for (String space : ours("/run/netns")) {
            Shell.attempt("ip", "netns", "del", space).ifPresent(stuck::add);
        }
        if (!stuck.isEmpty()) {
            throw new DrillFault("the sandbox's network cannot be taken back: " + stuck);
        }
    }

    private List<String> ours(String directory) {
        return site.world().disk().list(Path.of(directory)).stream()
                .map(path -> String.valueOf(path.getFileName()))
                .filter(name -> name.startsWith(site.name("")))
                .toList();
    }

    private String space(int node) {
        return site.name("-" + node);
    }

    private String port(int node) {
        return site.name("v" + node);
    }

    private static String subnet() {
        String used = Shell.run("ip", "-4", "address", "show") + Shell.run("ip", "-4", "route", "show");
        for (int n = 0; n < SUBNETS; n++) {
            String subnet = "198.18." + n;
            if (!used.contains(subnet + ".")) {
                return subnet;
            }
        }
        throw new DrillFault("no network of 198.18.0.0/16 is free on this machine");
    }
}
