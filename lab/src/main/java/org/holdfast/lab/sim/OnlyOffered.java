package org.holdfast.lab.sim;

/// Every envelope that is applied was offered by a client, byte for byte, and is applied once.
final class OnlyOffered implements Rule {
    private final Scene scene;

    OnlyOffered(Scene scene) {
        this.scene = scene;
    }

    /// Twice is found where the lines are gathered.
    @Override
    public void committed(Script.Line line) {
        Sent sent = scene.sentAs(line.offered());
        if (sent == null) {
            throw Violation.of(OnlyOffered.class, "record %d brings an envelope nobody offered", line.index());
        }
        if (sent.forged()) {
            throw Violation.of(OnlyOffered.class, "%s has no valid signature", sent);
        }
    }
}
