package org.holdfast.state.redis;

import org.holdfast.state.Reply;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a client is told when its request has failed.
final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private Faults() {}

    static Reply reply(Throwable fault) {
        Throwable cause = Decode.cause(fault);
        if (cause instanceof Refusal.Refused refused) {
            return Answers.refusal(refused.refusal());
        }
        LOG.error("a request from the Redis door broke", cause);
        return Answers.err("internal error, whether it took effect is unknown; the node's log has the cause");
    }
}
