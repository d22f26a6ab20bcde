package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.proto.CommandBatch;
import org.holdfast.wire.proto.CommandGroup;
import org.holdfast.wire.proto.CommandWords;
import org.holdfast.wire.proto.KeyWatch;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.jspecify.annotations.Nullable;

/// The commands of one envelope (`command.proto`).
///
/// @param version of the format
/// @param id whose envelope it is, and which
/// @param groups in the order in which they are applied
public record CommandEnvelope(int version, Id id, List<Asked> groups) {
    /// The header type of such envelopes: a number that Fabric does not use.
    public static final int TYPE = 1001;

    /// The newest that this program can read; what it writes has the oldest version that says it all.
    public static final int VERSION = 2;

    private static final int FIRST_VERSION = 1;

    private static final int NONCE_BYTES = 24;

    public CommandEnvelope {
        groups = List.copyOf(groups);
    }

    /// @param member the node's member id
    /// @param epoch number of the start of its process
    /// @param sequence grows within both
    public record Id(String member, long epoch, long sequence) {}

    /// @param user the client's ACL user
    public record Asked(String user, Batch.Group group) {}

    /// Of this program, in the oldest version in which these groups mean the same: a batch without ids is read by
    /// programs that know nothing of them, and one with ids halts their shards, which would carry it out twice.
    static CommandEnvelope written(Id id, List<Asked> groups) {
        boolean ids = groups.stream().anyMatch(asked -> asked.group.once() != null);
        return new CommandEnvelope(ids ? VERSION : FIRST_VERSION, id, groups);
    }

    /// Whether an envelope is one of commands, by its header.
    public static boolean is(EnvelopeView envelope) {
        return envelope.channelHeader().getType() == TYPE;
    }

    /// Reads the commands. Of an envelope that a newer program wrote ([#version] above [#VERSION]) only the version
    /// means anything.
    ///
    /// @throws InvalidProtocolBufferException when these are none
    public static CommandEnvelope of(EnvelopeView envelope) throws InvalidProtocolBufferException {
        CommandBatch batch = Decode.aliasing(CommandBatch.parser(), envelope.data());
        if (batch.getVersion() == 0) {
            throw new InvalidProtocolBufferException("a batch of commands without a version");
        }
        Id id = new Id(batch.getMember(), batch.getEpoch(), batch.getSequence());
        if (batch.getVersion() > VERSION) {
            // What is wrong by this program's rules may be right by the newer ones: it must not count as malformed.
            return new CommandEnvelope(batch.getVersion(), id, List.of());
        }
        List<Asked> groups = new ArrayList<>(batch.getGroupsCount());
        for (CommandGroup group : batch.getGroupsList()) {
            groups.add(new Asked(group.getUser(), group(group)));
        }
        return new CommandEnvelope(batch.getVersion(), id, groups);
    }

    private static Batch.Group group(CommandGroup group) throws InvalidProtocolBufferException {
        List<Command> commands = new ArrayList<>(group.getCommandsCount());
        for (CommandWords command : group.getCommandsList()) {
            if (command.getWordsCount() == 0) {
                throw new InvalidProtocolBufferException("a command without words");
            }
            commands.add(new Command(
                    command.getWordsList().stream().map(ByteString::toByteArray).toList()));
        }
        if (!group.getTransaction() && (commands.size() != 1 || group.getWatchesCount() > 0)) {
            throw new InvalidProtocolBufferException("%d commands and %d watches, and no transaction"
                    .formatted(commands.size(), group.getWatchesCount()));
        }
        List<Batch.Watch> watches = group.getWatchesList().stream()
                .map(watch -> new Batch.Watch(watch.getKey().toByteArray(), watch.getVersion()))
                .toList();
        return new Batch.Group(commands, group.getTransaction(), watches, once(group));
    }

    private static Batch.@Nullable Once once(CommandGroup group) throws InvalidProtocolBufferException {
        byte[] id = group.getOnce().toByteArray();
        if (id.length == 0) {
            return null;
        }
        if (!Batch.Once.isId(id)) {
            throw new InvalidProtocolBufferException("a request id of %d bytes".formatted(id.length));
        }
        return new Batch.Once(group.getUser(), id);
    }

    /// The batch's bytes.
    ByteString encode() {
        CommandBatch.Builder batch = CommandBatch.newBuilder()
                .setVersion(version)
                .setMember(id.member)
                .setEpoch(id.epoch)
                .setSequence(id.sequence);
        groups.forEach(asked -> batch.addGroups(encoded(asked)));
        return batch.build().toByteString();
    }

    private static CommandGroup encoded(Asked asked) {
        CommandGroup.Builder group =
                CommandGroup.newBuilder().setUser(asked.user).setTransaction(asked.group.transaction());
        asked.group
                .watches()
                .forEach(watch -> group.addWatches(KeyWatch.newBuilder()
                        .setKey(UnsafeByteOperations.unsafeWrap(watch.key()))
                        .setVersion(watch.version())));
        for (Command command : asked.group.commands()) {
            CommandWords.Builder words = CommandWords.newBuilder();
            // The words are never changed, so nothing is copied before it is written out.
            command.argv().forEach(word -> words.addWords(UnsafeByteOperations.unsafeWrap(word)));
            group.addCommands(words);
        }
        Batch.Once once = asked.group.once();
        if (once != null) {
            group.setOnce(UnsafeByteOperations.unsafeWrap(once.id()));
        }
        return group.build();
    }

    /// The envelope, signed by the node.
    EnvelopeView sealed(ChannelId channel, LocalIdentity signer, World world) {
        byte[] random = new byte[NONCE_BYTES];
        world.chance().nextBytes(random);
        ByteString nonce = UnsafeByteOperations.unsafeWrap(random);
        long now = world.clock().wallMillis();
        ByteString channelHeader = ChannelHeader.newBuilder()
                .setType(TYPE)
                .setTimestamp(Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(now, 1000L))
                        .setNanos((int) Math.floorMod(now, 1000L) * 1_000_000))
                .setChannelId(channel.name())
                .setTxId(transactionId(nonce, signer.creator()))
                .build()
                .toByteString();
        ByteString signatureHeader = SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(nonce)
                .build()
                .toByteString();
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder().setChannelHeader(channelHeader).setSignatureHeader(signatureHeader))
                .setData(encode())
                .build()
                .toByteString();
        ByteString envelope = Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(signer.sign(payload))
                .build()
                .toByteString();
        try {
            return EnvelopeView.of(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("an envelope made here can be read", e);
        }
    }

    /// As Fabric's clients make it: SHA-256 of nonce and creator, hexadecimal.
    private static String transactionId(ByteString nonce, ByteString creator) {
        var hash = BlockHeader.sha256();
        hash.update(nonce.asReadOnlyByteBuffer());
        hash.update(creator.asReadOnlyByteBuffer());
        return HexFormat.of().formatHex(hash.digest());
    }
}
