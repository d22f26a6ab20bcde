package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.Map;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.ledger.TxPlace;

/// In the end every acknowledged envelope stands once in every node's chain, read from the disk anew, and the index
/// finds it there.
final class AcknowledgedStays implements Rule {
    private final Scene scene;

    AcknowledgedStays(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void done() {
        for (SimNode node : scene.nodes()) {
            Map<ByteString, TxPlace> places = places(node);
            for (Sent sent : scene.sent()) {
                TxPlace place = places.get(sent.envelope().bytes());
                if (sent.fate() == Sent.Fate.ORDERED && place == null) {
                    throw Violation.of(AcknowledgedStays.class, "%s does not have %s", node, sent);
                }
                if (place != null
                        && !place.equals(node.ledger().transaction(sent.name()).orElse(null))) {
                    throw Violation.of(AcknowledgedStays.class, "%s does not find %s at %s", node, sent, place);
                }
            }
        }
    }

    private static Map<ByteString, TxPlace> places(SimNode node) {
        Map<ByteString, TxPlace> places = new HashMap<>();
        for (StoredBlock block : node.chain()) {
            BlockView view = SimNode.view(block);
            for (int i = 0; i < view.data().size(); i++) {
                TxPlace before = places.put(view.data().get(i), new TxPlace(block.number(), i));
                if (before != null) {
                    throw Violation.of(
                            AcknowledgedStays.class, "%s has an envelope twice: %s, %d", node, before, block.number());
                }
            }
        }
        return places;
    }
}
