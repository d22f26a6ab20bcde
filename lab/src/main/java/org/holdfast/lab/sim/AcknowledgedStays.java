package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.ledger.TxPlace;
import org.jspecify.annotations.Nullable;

/// In the end every acknowledged envelope stands once in every node's chain, read from the disk anew, and the index
/// finds it there.
final class AcknowledgedStays implements Rule {
    private final Scene scene;
    private final OneChain chain;

    AcknowledgedStays(Scene scene, OneChain chain) {
        this.scene = scene;
        this.chain = chain;
    }

    @Override
    public void done() {
        Map<Sent, TxPlace> places = places();
        for (Sent sent : scene.sent()) {
            if (sent.fate() == Sent.Fate.ORDERED && !places.containsKey(sent)) {
                throw Violation.of(AcknowledgedStays.class, "nobody has %s", sent);
            }
        }
        for (SimNode node : scene.nodes()) {
            checkDisk(node);
            places.forEach((sent, place) -> {
                if (!sent.configures()
                        && !place.equals(node.ledger().transaction(sent.name()).orElse(null))) {
                    throw Violation.of(AcknowledgedStays.class, "%s does not find %s at %s", node, sent, place);
                }
            });
        }
    }

    /// A node's disk has the chain, all of it.
    private void checkDisk(SimNode node) {
        List<StoredBlock> blocks = node.chain();
        if (blocks.size() != chain.height()) {
            throw Violation.of(AcknowledgedStays.class, "%s has %d blocks of %d", node, blocks.size(), chain.height());
        }
        for (int number = 0; number < blocks.size(); number++) {
            if (!chain.isAsFirst(number, SimNode.view(blocks.get(number)))) {
                throw Violation.of(AcknowledgedStays.class, "%s: block %d is another one now", node, number);
            }
        }
    }

    private @Nullable Sent sent(ByteString envelope) {
        Sent sent = scene.sentAs(envelope);
        return sent == null ? scene.sentAs(Configs.offered(envelope)) : sent;
    }

    /// Where the chain has the envelopes that clients made.
    private Map<Sent, TxPlace> places() {
        Map<Sent, TxPlace> places = new HashMap<>();
        for (int number = 1; number < chain.height(); number++) {
            List<ByteString> data = chain.data(number);
            for (int i = 0; i < data.size(); i++) {
                @Nullable Sent sent = sent(data.get(i));
                TxPlace before = sent == null ? null : places.put(sent, new TxPlace(number, i));
                if (sent == null || before != null) {
                    throw Violation.of(
                            AcknowledgedStays.class,
                            "block %d has %s, in the chain at %s already or never offered",
                            number,
                            Charter.names(data),
                            before);
                }
            }
        }
        return places;
    }
}
