package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Invariant;
import org.holdfast.identity.Crypto;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.BlockMarks;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.jspecify.annotations.Nullable;

/// Finds the commands in a channel's blocks.
///
/// An envelope counts when it is one of commands, can be read, and its creator is a node ([Makers]) by the config that
/// the block itself names: a rule that comes out the same on every node. Its signature was checked by the gate that
/// took it. Everything else in the channel is passed over.
///
/// Owner: the shard's loop.
final class CommandReader {
    private final ShardChannel channel;
    private final Crypto crypto;
    private final Runnable ignored;
    private long configBlock = -1;
    private @Nullable Makers makers;
    private @Nullable ByteString lastCreator;
    private boolean lastIsMaker;

    /// @param ignored run for each envelope of commands that does not count
    CommandReader(ShardChannel channel, Crypto crypto, Runnable ignored) {
        this.channel = channel;
        this.crypto = crypto;
        this.ignored = ignored;
    }

    /// A batch and who signed it.
    record Found(CommandEnvelope commands, ByteString creator) {}

    /// The commands of a block, in order.
    List<Found> read(StoredBlock block) {
        List<Found> found = new ArrayList<>();
        for (ByteString bytes : data(block)) {
            EnvelopeView envelope = envelope(bytes);
            if (envelope == null || !CommandEnvelope.is(envelope)) {
                continue;
            }
            // Who counts comes first: what anybody else wrote is not even read, and its version halts nobody.
            CommandEnvelope commands = isMaker(envelope.creator(), block) ? commands(envelope, block.number()) : null;
            if (commands != null) {
                found.add(new Found(commands, envelope.creator()));
            } else {
                ignored.run();
            }
        }
        return found;
    }

    private static List<ByteString> data(StoredBlock block) {
        try {
            return BlockView.of(block.bytes()).data();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("stored block %d does not decode: %s", block.number(), Decode.reason(e));
        }
    }

    private static @Nullable EnvelopeView envelope(ByteString bytes) {
        try {
            return EnvelopeView.of(bytes);
        } catch (InvalidProtocolBufferException noEnvelope) {
            return null; // ordered like any other by every member
        }
    }

    private static @Nullable CommandEnvelope commands(EnvelopeView envelope, long block) {
        CommandEnvelope commands;
        try {
            commands = CommandEnvelope.of(envelope);
        } catch (InvalidProtocolBufferException noCommands) {
            return null;
        }
        Invariant.check(
                commands.version() <= CommandEnvelope.VERSION,
                "block %d has commands of version %d, this program knows %d: upgrade this node",
                block,
                commands.version(),
                CommandEnvelope.VERSION);
        return commands;
    }

    private boolean isMaker(ByteString creator, StoredBlock block) {
        Makers now = following(BlockMarks.lastConfig(block));
        if (!Objects.equals(creator, lastCreator)) {
            lastIsMaker = now.has(creator);
            lastCreator = creator;
        }
        return lastIsMaker;
    }

    private Makers following(long number) {
        Makers known = makers;
        if (known != null && number == configBlock) {
            return known;
        }
        // The one in force is known also where its block is not in the ledger any more.
        ChannelConfig inForce = channel.config();
        Makers read = new Makers(
                inForce.blockNumber() == number
                        ? inForce
                        : ChannelConfig.toRead(block(number).bytes(), crypto));
        makers = read;
        lastCreator = null; // judged anew
        configBlock = number;
        return read;
    }

    private StoredBlock block(long number) {
        try (Cursor cursor = channel.feed().cursor(number)) {
            StoredBlock block = cursor.poll();
            if (block == null) {
                throw Invariant.broken("config block %d is not in the ledger", number);
            }
            return block;
        }
    }
}
