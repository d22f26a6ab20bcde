package org.holdfast.state;

/// An operation says no because of what the state holds. Thrown before anything was changed, caught by whoever runs
/// operations, never seen outside.
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reply.Failure reply;

    Refused(Reply.Failure reply) {
        super(reply.line(), null, false, false);
        this.reply = reply;
    }

    /// With the code ERR.
    static Refused of(String text) {
        return new Refused(Reply.Failure.err(text));
    }

    Reply.Failure reply() {
        return reply;
    }
}
