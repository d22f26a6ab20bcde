package org.holdfast.order.raft;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.jspecify.annotations.Nullable;

/// Asks Ratis whether this member leads: a linearizable read of nothing (Raft thesis, 6.4). Ratis takes the index
/// committed so far, makes sure by the lease or by a round of heartbeats that no other member leads, and looks at the
/// state machine when everything up to that index was applied, which for us is: handed to the reader.
record Confirmation(RaftEngine engine, ChannelId channel, Division division) {
    CompletableFuture<Void> ask() {
        if (!engine.safeguards().askedLeadership()) {
            return CompletableFuture.completedFuture(null);
        }
        try {
            return division.read(engine.nextCall()).handle((reply, failure) -> {
                if (failure != null) {
                    throw unknown(Decode.cause(failure));
                }
                if (!reply.isSuccess()) {
                    throw unknown(reply.getException());
                }
                return null;
            });
        } catch (IOException | RuntimeException failure) {
            return CompletableFuture.failedFuture(unknown(failure));
        }
    }

    private Refused unknown(@Nullable Throwable reason) {
        return Refusal.of(Code.NOT_LEADER, "channel %s: %s", channel, String.valueOf(reason))
                .asException();
    }
}
