package org.holdfast.cli;

/// What the people who get a directory have to know, as text files beside what they get.
final class HandOver {
    private HandOver() {}

    static String ofNetwork(Blueprint blueprint) {
        return """
                Network %s, written by 'holdfast network create'.

                organizations/  KEEP THIS OFF THE NODES. It holds the private keys of the certificate authorities
                                (ca/priv_sk, tlsca/priv_sk): who has them can become any member. Move it to a machine
                                without a network, and back it up.
                nodes/NAME/     Copy each to its host, to any place, and delete it here. There: holdfast node run DIR
                clients/NAME/   Copy each to its user. There: holdfast submit --dir DIR --channel NAME ...
                channels/       The channels' genesis blocks, the same in every node's directory.
                plan.json       What the plan was judged by, and the rules it was allowed to break, with the reasons.
                network.json    Lets 'holdfast submit' and 'feed' act from this directory (--dir).
                """.formatted(blueprint.name());
    }

    static String ofNode(Blueprint.Node node) {
        return """
                Node %s, to run on host %s.

                Run it in the foreground, for a service manager:  holdfast node run DIR
                Run it beside you:                                holdfast up --dir DIR --detach
                How it is:                                        holdfast status --dir DIR

                DIR is this directory; it may lie anywhere. Others must reach %s on port %d (clients and members) and
                on port %d (members). Operations: http://%s:%d/healthz. Only this node may read msp/keystore and tls.
                """.formatted(
                        node.name(),
                        node.host(),
                        node.host(),
                        node.listen().ports().general(),
                        node.listen().ports().raft(),
                        node.listen().operationsAddress(),
                        node.listen().ports().operations());
    }
}
