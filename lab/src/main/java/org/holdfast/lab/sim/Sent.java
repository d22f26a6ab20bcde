package org.holdfast.lab.sim;

import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.jspecify.annotations.Nullable;

/// An envelope a client made, and what became of it at the node it was given to.
final class Sent {
    /// What its client knows.
    enum Fate {
        /// Not given to a node yet.
        UNSENT,
        /// Given, no answer yet.
        OPEN,
        /// The node says it is ordered.
        ORDERED,
        /// The node says it is not, and will not be.
        REFUSED,
        /// The node says it may be ordered or not, or its process died without an answer.
        UNKNOWN
    }

    private final String name;
    private final EnvelopeView envelope;
    private final boolean forged;
    private Fate fate = Fate.UNSENT;
    private @Nullable Gate gate;
    private String answer = "";
    private int tries;

    /// One start of one node: where offers keep their order.
    record Gate(int node, long epoch) {}

    Sent(String name, EnvelopeView envelope, boolean forged) {
        this.name = name;
        this.envelope = envelope;
        this.forged = forged;
    }

    String name() {
        return name;
    }

    EnvelopeView envelope() {
        return envelope;
    }

    /// Whether it is a config update: what is ordered is the config that it leads to.
    boolean configures() {
        return envelope.channelHeader().getType() == HeaderType.CONFIG_UPDATE_VALUE;
    }

    boolean forged() {
        return forged;
    }

    Fate fate() {
        return fate;
    }

    /// The gate it was last given to.
    @Nullable
    Gate gate() {
        return gate;
    }

    String answer() {
        return answer;
    }

    int tries() {
        return tries;
    }

    void offered(SimNode node) {
        fate = Fate.OPEN;
        gate = new Gate(node.number(), node.epoch());
        tries++;
    }

    void answered(Fate now, String text) {
        fate = now;
        answer = text;
    }

    @Override
    public String toString() {
        return name + " (" + fate + " by " + gate + (answer.isEmpty() ? "" : ": " + answer) + ")";
    }
}
