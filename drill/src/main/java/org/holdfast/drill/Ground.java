package org.holdfast.drill;

import java.util.List;
import java.util.Map;

/// Where the nodes of a sandbox live: their addresses, what stands before their command, what is in their environment.
/// Owned by the thread that drives the sandbox; [#close] may come from any, once its nodes have ended.
///
/// Nodes are numbered from 1.
interface Ground extends AutoCloseable {
    /// Every node on this machine's loopback address.
    Ground LOOPBACK = new Ground() {};

    /// Address on which a node listens and clients reach it.
    default String listens(int node) {
        return "127.0.0.1";
    }

    /// Address the other members are told for it.
    default String known(int node) {
        return listens(node);
    }

    /// Words before a node's command. The program they start becomes the command, under the same process id.
    default List<String> before(int node) {
        return List.of();
    }

    /// Further variables of a node's environment.
    default Map<String, String> environment(int node) {
        return Map.of();
    }

    /// How far back the certificates' time of issue lies, so that a clock set back still finds them valid.
    default long issuedMillisAgo() {
        return 0;
    }

    /// The nodes' directories and ports are there; none runs.
    default void furnished(Sandbox sandbox) {}

    /// Takes back what was made of the machine. Idempotent.
    @Override
    default void close() {}
}
