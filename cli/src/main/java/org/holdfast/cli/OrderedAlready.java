package org.holdfast.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;

/// Which transactions stand in the ledger since a submission began: what was under way when a stream broke may have
/// been ordered all the same.
///
/// Belongs to the command's thread.
final class OrderedAlready {
    /// A record that a dying node had sent is in a block by then, or never will be.
    private static final long SETTLING_MILLIS = 700;

    private static final int LOOKS_MAX = 8;

    private final Session session;
    private final Client client;
    private final Set<String> transactions = new HashSet<>();
    private long next;

    private OrderedAlready(Session session, Client client, long next) {
        this.session = session;
        this.client = client;
        this.next = next;
    }

    /// Begins to watch at the newest block.
    static OrderedAlready since(Session session, Client client) {
        FeedRange newest = new FeedRange(OptionalLong.empty(), OptionalLong.empty(), false);
        return new OrderedAlready(session, client, new FeedReader(session, client, newest).newest());
    }

    /// Reads what has come, from a node that knows a leader, until nothing more comes.
    Set<String> look() {
        long before = -1;
        for (int looks = 0; looks < LOOKS_MAX && before != next; looks++) {
            before = next;
            Session.pause(SETTLING_MILLIS);
            FeedRange rest = new FeedRange(OptionalLong.of(next), OptionalLong.empty(), false);
            new FeedReader(session, client, rest).read(this::note);
        }
        return transactions;
    }

    private boolean note(BlockView block) {
        block.data().forEach(envelope -> {
            try {
                transactions.add(EnvelopeView.of(envelope).channelHeader().getTxId());
            } catch (InvalidProtocolBufferException e) {
                throw CommandFault.failed(
                        "block %d holds an envelope that cannot be decoded: %s",
                        block.header().number(), Decode.reason(e));
            }
        });
        // The newest block is read again next time: it says that there is nothing newer.
        next = block.header().number();
        return true;
    }
}
