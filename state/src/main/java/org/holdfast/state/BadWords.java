package org.holdfast.state;

/// The words of a command make no sense: thrown inside a parser, caught by [CommandTable#parse], never seen outside.
final class BadWords extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reply.Failure reply;

    BadWords(Reply.Failure reply) {
        super(reply.line(), null, false, false);
        this.reply = reply;
    }

    /// With the code ERR.
    static BadWords of(String text) {
        return new BadWords(Reply.Failure.err(text));
    }

    /// As Redis says it of most things.
    static BadWords syntax() {
        return of("syntax error");
    }

    Reply.Failure reply() {
        return reply;
    }
}
