package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.function.Predicate;
import org.holdfast.ledger.BlockView;
import org.holdfast.transport.DeliverStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekNewest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;

/// Reads blocks by number, from one node after the other when they fail. A block is handed on only when it is the next
/// one wanted, so that a change of nodes makes neither gap nor repetition.
///
/// Belongs to the command's thread.
final class FeedReader {
    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_AGAIN_MILLIS = 250;
    private static final int SUCCESS = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int BAD_REQUEST = 400;

    private final Session session;
    private final Client client;
    private final FeedRange range;
    private long lastProgress;
    private long next;

    FeedReader(Session session, Client client, FeedRange range) {
        this.session = session;
        this.client = client;
        this.range = range;
        this.lastProgress = session.world().clock().nanos();
    }

    /// Hands on every block of the range, in order.
    ///
    /// @param blocks takes a block; false = no more are wanted
    /// @throws CommandFault when the range cannot be had
    void read(Predicate<BlockView> blocks) {
        boolean tipMatters = range.from().isEmpty() || (range.until().isEmpty() && !range.follow());
        boolean bounded = !range.follow();
        long tip = tipMatters || bounded ? newest() : Long.MAX_VALUE;
        next = range.from().orElse(tip);
        long last = range.until().orElse(range.follow() ? Long.MAX_VALUE : tip);
        if (bounded && Math.max(next, last) > tip) {
            throw CommandFault.failed(
                    "block %d is not there yet, the newest is %d; wait for it with --follow",
                    next > tip ? next : last, tip);
        }
        while (next <= last) {
            try {
                if (!readUntil(last, blocks)) {
                    return;
                }
            } catch (LinkBroken broken) {
                moveOn(broken);
            }
        }
    }

    /// @return false when the taker wants no more
    private boolean readUntil(long last, Predicate<BlockView> blocks) throws LinkBroken {
        try (OrdererClient link = client.connect();
                DeliverStream stream = link.deliver(client.seek(range(next, last)))) {
            while (next <= last) {
                Optional<ByteString> bytes = stream.next();
                if (bytes.isEmpty()) {
                    if (stream.status() == NOT_FOUND) {
                        // The newest block is known to be there: this node is behind.
                        turn("it has not got block %d yet".formatted(next));
                    } else {
                        judge(stream.status());
                    }
                    return true;
                }
                BlockView block = decode(bytes.get());
                if (block.header().number() != next) {
                    throw CommandFault.failed(
                            "%s sent block %d where block %d belongs; read from another node with --node",
                            client.node().name(), block.header().number(), next);
                }
                lastProgress = session.world().clock().nanos();
                next++;
                if (!blocks.test(block)) {
                    return false;
                }
            }
            return true;
        }
    }

    /// Number of the newest block.
    long newest() {
        SeekPosition newest = SeekPosition.newBuilder()
                .setNewest(SeekNewest.getDefaultInstance())
                .build();
        ByteString seek =
                SeekInfo.newBuilder().setStart(newest).setStop(newest).build().toByteString();
        while (true) {
            try (OrdererClient link = client.connect();
                    DeliverStream stream = link.deliver(client.seek(seek))) {
                Optional<ByteString> bytes = stream.next();
                if (bytes.isPresent()) {
                    return decode(bytes.get()).header().number();
                }
                judge(stream.status());
            } catch (LinkBroken broken) {
                moveOn(broken);
            }
        }
    }

    private void judge(int status) {
        switch (status) {
            case SUCCESS -> {}
            case BAD_REQUEST, FORBIDDEN, NOT_FOUND ->
                throw CommandFault.failed(
                        "%s refuses to deliver block %d: status %d (%s)",
                        client.node().name(),
                        next,
                        status,
                        status == FORBIDDEN
                                ? "the channel does not let this user read"
                                : status == NOT_FOUND
                                        ? "no such channel or block there"
                                        : "it calls the request malformed");
            default -> turn("status " + status);
        }
    }

    private void moveOn(LinkBroken broken) {
        turn(String.valueOf(broken.getMessage()));
    }

    private void turn(String why) {
        if (session.secondsSince(lastProgress) > PATIENCE_SECONDS && !range.follow()) {
            throw CommandFault.failed(
                    "no node has delivered for %d s (%s: %s); see: holdfast status",
                    PATIENCE_SECONDS, client.node().name(), why);
        }
        session.screen()
                .note("going on with the next node (%s: %s)"
                        .formatted(client.node().name(), why));
        client.turn();
        Session.pause(LOOK_AGAIN_MILLIS);
    }

    private static ByteString range(long from, long last) {
        return SeekInfo.newBuilder()
                .setStart(at(from))
                .setStop(at(last))
                .setBehavior(SeekInfo.SeekBehavior.BLOCK_UNTIL_READY)
                .build()
                .toByteString();
    }

    private static SeekPosition at(long number) {
        return SeekPosition.newBuilder()
                .setSpecified(SeekSpecified.newBuilder().setNumber(number))
                .build();
    }

    private BlockView decode(ByteString bytes) {
        try {
            return BlockView.of(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw CommandFault.failed(
                    "%s sent bytes that are no block: %s", client.node().name(), Decode.reason(e));
        }
    }
}
