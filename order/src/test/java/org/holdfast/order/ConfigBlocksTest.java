package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.holdfast.channel.BatchSize;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A config that a member of a newer version ordered: the channel stops before it and says what to do, others go on.
class ConfigBlocksTest {
    @TempDir
    Path root;

    private Consortium consortium;

    @BeforeEach
    void meet() {
        consortium = new Consortium(root.resolve("pki"), new BatchSize(10, 1 << 20, 1 << 19), Duration.ofMillis(200));
    }

    @Test
    void anUnknownRequiredCapabilityHaltsThatChannelOnlyWithInstructions() {
        try (Town town = town("one", 1);
                Town other = town("other", 2)) {
            offer(town, "before");
            long height = town.nodes.getFirst().ledger().height();
            town.log.inject(record(town.nodes.getFirst().member, ofTomorrow()));
            for (Town.Node node : town.nodes) {
                await().until(() -> node.orderer().status().problem().isPresent());
                assertThat(node.orderer().status().problem().orElseThrow())
                        .contains("V9_9")
                        .contains("pgrade this node");
                assertThat(node.ledger().height()).isEqualTo(height);
            }
            var refused = OrdererTest.refusal(town.nodes.getFirst().orderer().offer(consortium.envelope("after", 10)));
            assertThat(refused.code()).isEqualTo(Code.CHANNEL_HALTED);
            assertThat(refused.text()).contains("pgrade this node");
            offer(other, "goes on");
            assertThat(other.nodes.getFirst().orderer().status().problem()).isEmpty();
        }
    }

    /// A node that was down fetches the config block of a member that could follow it.
    @Test
    void aFetchedConfigHaltsTheChannelBeforeIt() {
        try (Town town = town("one", 3)) {
            offer(town, "before");
            Town.Node late = town.nodes.get(2);
            late.stop();
            Town.Node newer = town.nodes.getFirst();
            newer.orderer().offer(consortium.envelope("missed", 10)).join();
            await().until(() -> newer.names().contains("missed"));
            long height = newer.ledger().height();
            // What a newer member would have written: this version's own writer does not look at configs.
            StoredBlock tip = newer.ledger().block(height - 1);
            new BlockWriter(newer.ledger(), consortium.signer(0), Consortium.WORLD.chance())
                    .write(
                            new Cutter.Effect.Cut(
                                    List.of(ofTomorrow()), BlockWriter.consenterMetadata(tip), Optional.empty()),
                            height);
            town.log.forgetAll();
            late.start();
            await().until(() -> late.orderer().status().problem().isPresent());
            assertThat(late.orderer().status().problem().orElseThrow()).contains("halted", "V9_9", "pgrade this node");
            assertThat(late.ledger().height()).isEqualTo(height);
        }
    }

    private Town town(String name, long seed) {
        return new Town(root.resolve(name), consortium, OrdererSettings.DEFAULT, seed).open();
    }

    private void offer(Town town, String name) {
        town.nodes.getFirst().orderer().offer(consortium.envelope(name, 10)).join();
        await().until(() -> town.nodes.stream().allMatch(node -> node.names().contains(name)));
    }

    private static ByteString record(MemberId member, ByteString envelope) {
        // The gate of the newer member: its next record after the one that carried the first envelope.
        return new Records(member, 1).config(2, 0, envelope);
    }

    /// What a newer member would order: an update that leads to a config of its own level.
    private ByteString ofTomorrow() {
        EnvelopeView update = consortium.update(consortium.config(), Edits::ofTomorrow);
        ConfigGroup.Builder tree = consortium.config().tree().getChannelGroup().toBuilder();
        Edits.ofTomorrow(tree);
        ConfigValue raised = tree.getValuesOrThrow("Capabilities");
        tree.putValues(
                "Capabilities",
                raised.toBuilder().setVersion(raised.getVersion() + 1).build());
        Config next = Config.newBuilder().setSequence(1).setChannelGroup(tree).build();
        return consortium.config(next, update);
    }
}
