package org.holdfast.lab.sim;

/// What a client was told is not ordered, without a "may", is not and never will be.
final class RefusedStaysOut implements Rule {
    private final Scene scene;

    RefusedStaysOut(Scene scene) {
        this.scene = scene;
    }

    @Override
    public void committed(Script.Line line) {
        Sent sent = scene.sentAs(line.offered());
        if (sent != null && sent.fate() == Sent.Fate.REFUSED) {
            throw Violation.of(RefusedStaysOut.class, "%s is committed in record %d", sent, line.index());
        }
    }

    @Override
    public void answered(SimNode node, Sent sent) {
        boolean committed = scene.script().lineOf(sent.envelope().bytes()) != null;
        if (sent.fate() == Sent.Fate.REFUSED && committed) {
            throw Violation.of(RefusedStaysOut.class, "%s is committed", sent);
        }
    }
}
