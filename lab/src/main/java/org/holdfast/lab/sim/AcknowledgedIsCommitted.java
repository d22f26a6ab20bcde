package org.holdfast.lab.sim;

/// When a node says an envelope is ordered, its record is committed and this node has read it.
final class AcknowledgedIsCommitted implements Rule {
    private final Scene scene;

    AcknowledgedIsCommitted(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void answered(SimNode node, Sent sent) {
        if (sent.fate() != Sent.Fate.ORDERED) {
            return;
        }
        Script.Line line = scene.script().lineOf(sent.envelope().bytes());
        if (line == null) {
            throw Violation.of(AcknowledgedIsCommitted.class, "%s acknowledged %s; no record has it", node, sent);
        }
        LogDoor door = scene.log().door(node.number());
        if (door != null && door.read() < line.index() && !isInLedger(node, sent, line)) {
            throw Violation.of(
                    AcknowledgedIsCommitted.class,
                    "%s acknowledged %s of record %d and has read up to %d",
                    node,
                    sent,
                    line.index(),
                    door.read());
        }
    }

    /// Read as part of a block from elsewhere.
    private static boolean isInLedger(SimNode node, Sent sent, Script.Line line) {
        if (!sent.configures()) {
            return node.ledger().transaction(sent.name()).isPresent();
        }
        boolean found = false;
        for (long number = 1; !found && number < node.height(); number++) {
            found = SimNode.view(node.ledger().block(number)).data().contains(line.envelope());
        }
        return found;
    }
}
