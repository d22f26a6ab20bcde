package org.holdfast.keyspace;

import org.holdfast.state.Reply;

/// A request whose keys lead to no one shard. Never seen outside of this package.
final class Unroutable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reply.Failure reply;

    Unroutable(Reply.Failure reply) {
        super(reply.line(), null, false, false);
        this.reply = reply;
    }

    Reply.Failure reply() {
        return reply;
    }
}
