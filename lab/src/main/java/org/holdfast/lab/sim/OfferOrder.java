package org.holdfast.lab.sim;

import java.util.HashMap;
import java.util.Map;

/// Envelopes given to one gate are ordered as they were given.
final class OfferOrder implements Rule {
    private final Scene scene;
    private final Map<Sent.Gate, Integer> newest = new HashMap<>();

    OfferOrder(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void committed(Script.Line line) {
        Sent sent = scene.sentAs(line.offered());
        if (sent == null || sent.tries() > 1 || sent.gate() == null) {
            return; // sent again, it has its place among the later ones
        }
        int number = scene.numberOf(sent);
        Integer before = newest.put(sent.gate(), number);
        if (before != null && before > number) {
            throw Violation.of(OfferOrder.class, "%s is ordered after a later one of its gate", sent);
        }
    }
}
