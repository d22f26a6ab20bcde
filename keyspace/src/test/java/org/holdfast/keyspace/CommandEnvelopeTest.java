package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.CommandTable;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The format of batches of commands: the bytes in `command-batch-v1.txt` and `-v2.txt` were written down from
/// `command.proto` by hand (a few lines of Python), not by this program.
class CommandEnvelopeTest {
    private static final CommandEnvelope SAMPLE = new CommandEnvelope(
            1,
            new CommandEnvelope.Id("00112233aabbccdd.1", 7, 300),
            List.of(
                    new CommandEnvelope.Asked("ann", Batch.Group.of(Command.of("SET", "k:t:a", "1"))),
                    new CommandEnvelope.Asked(
                            "bob",
                            Batch.Group.transaction(
                                    List.of(Command.of("INCR", "k:t:a"), Command.of("GET", "")),
                                    List.of(new Batch.Watch("k:t:a".getBytes(StandardCharsets.UTF_8), -1))))));

    private static byte[] golden(String file) throws IOException {
        try (InputStream in = CommandEnvelopeTest.class.getResourceAsStream(file)) {
            assertThat(in).isNotNull();
            return HexFormat.of().parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }

    @Test
    void aBatchWithIdsIsOfVersionTwoAndOneWithoutStaysOfVersionOne() throws IOException {
        byte[] golden = golden("command-batch-v2.txt");
        Batch.Once id = new Batch.Once("ann", "req-1".getBytes(StandardCharsets.UTF_8));
        CommandEnvelope batch = CommandEnvelope.written(
                SAMPLE.id(),
                List.of(
                        new CommandEnvelope.Asked(
                                "ann",
                                Batch.Group.of(Command.of("SET", "k:t:a", "1")).under(id)),
                        new CommandEnvelope.Asked(
                                "bob", Batch.Group.transaction(List.of(Command.of("INCR", "k:t:a")), List.of()))));
        assertThat(HexFormat.of().formatHex(batch.encode().toByteArray()))
                .isEqualTo(HexFormat.of().formatHex(golden));
        CommandEnvelope read = CommandEnvelope.of(carrying(ByteString.copyFrom(golden)));
        assertThat(read.version()).isEqualTo(2);
        assertThat(read.groups().getFirst().group().once()).isNotNull().satisfies(once -> {
            assertThat(once.user()).isEqualTo("ann");
            assertThat(once.id()).asString(StandardCharsets.UTF_8).isEqualTo("req-1");
        });
        assertThat(read.groups().getLast().group().once()).isNull();
        assertThat(CommandEnvelope.written(SAMPLE.id(), SAMPLE.groups()).version())
                .isEqualTo(1);
    }

    @Test
    void versionOneStaysReadable() throws IOException {
        byte[] golden = golden("command-batch-v1.txt");
        assertThat(HexFormat.of().formatHex(SAMPLE.encode().toByteArray()))
                .isEqualTo(HexFormat.of().formatHex(golden));
        assertThat(CommandEnvelope.of(carrying(ByteString.copyFrom(golden)))).satisfies(CommandEnvelopeTest::isSample);
    }

    @Test
    void theNodeSignsForItsChannel(@TempDir Path temp) throws InvalidProtocolBufferException {
        Town town = new Town(temp);
        EnvelopeView sealed = SAMPLE.sealed(new ChannelId("kv.k.1.0"), town.node(0), Town.WORLD);
        assertThat(CommandEnvelope.is(sealed)).isTrue();
        assertThat(sealed.channelHeader().getChannelId()).isEqualTo("kv.k.1.0");
        assertThat(sealed.channelHeader().getTxId()).hasSize(64);
        assertThat(Town.CRYPTO.verify(
                        Town.CRYPTO.adopt(town.node(0).certificate().getPublicKey()),
                        sealed.signature(),
                        sealed.payload()))
                .isTrue();
        isSample(CommandEnvelope.of(sealed));
    }

    @Test
    void whatNoNodeWritesIsNoBatch() {
        assertThatThrownBy(() -> CommandEnvelope.of(carrying(ByteString.EMPTY))).hasMessageContaining("version");
        // A group without commands that is no transaction.
        assertThatThrownBy(() -> CommandEnvelope.of(carrying(ByteString.fromHex("08012a00"))))
                .hasMessageContaining("0 commands");
    }

    @Test
    void whatANewerProgramWroteIsNotJudgedByTheRulesOfThisOne() throws InvalidProtocolBufferException {
        // The same group, in a version that this program does not know.
        CommandEnvelope read = CommandEnvelope.of(carrying(ByteString.fromHex("08032a00")));
        assertThat(read.version()).isEqualTo(3);
        assertThat(read.groups()).isEmpty();
    }

    private static void isSample(CommandEnvelope read) {
        assertThat(read.id()).isEqualTo(SAMPLE.id());
        assertThat(read.groups()).hasSize(2);
        assertThat(read.groups().getFirst().user()).isEqualTo("ann");
        for (int i = 0; i < 2; i++) {
            Batch.Group group = read.groups().get(i).group();
            assertThat(group.commands())
                    .isEqualTo(SAMPLE.groups().get(i).group().commands());
            assertThat(group.transaction()).isEqualTo(i == 1);
        }
        assertThat(read.groups().get(1).group().watches().getFirst().version()).isEqualTo(-1);
    }

    private static EnvelopeView carrying(ByteString data) {
        return new EnvelopeView(
                ByteString.EMPTY,
                ByteString.EMPTY,
                ByteString.EMPTY,
                ChannelHeader.newBuilder().setType(CommandEnvelope.TYPE).build(),
                ByteString.EMPTY,
                ByteString.EMPTY,
                data);
    }

    /// What somebody has put into such an envelope. Oracles: it is refused, or can be applied: each command is judged
    /// without a fault; and what was read is read again from how this program writes it.
    @FuzzTest
    void batches(byte[] input) {
        CommandEnvelope read;
        try {
            read = CommandEnvelope.of(carrying(ByteString.copyFrom(input)));
        } catch (InvalidProtocolBufferException refused) {
            return;
        }
        read.groups().forEach(asked -> asked.group().commands().forEach(CommandTable::parse));
        try {
            CommandEnvelope again = CommandEnvelope.of(carrying(read.encode()));
            assertThat(again.id()).isEqualTo(read.id());
            assertThat(again.encode()).isEqualTo(read.encode());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
