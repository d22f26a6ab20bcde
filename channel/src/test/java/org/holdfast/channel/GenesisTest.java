package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.channel.GenesisPlan.Member;
import org.holdfast.env.World;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.Block;
import org.junit.jupiter.api.Test;

/// Oracle: a genesis block that configtxgen 2.5.12 made.
class GenesisTest {
    private static final String GOLDEN = "blocks/genesis-2.5-fixch.block";

    @Test
    void thePlanReadFromConfigtxgensBlockMakesTheSameTree() {
        ChannelConfig golden = Golden.config(GOLDEN);
        ByteString made = Genesis.block(planOf(golden), World.real(), Golden.CRYPTO);
        ChannelConfig ours = ChannelConfig.fromBlock(made, Golden.CRYPTO);
        assertThat(ours.tree()).isEqualTo(golden.tree());
        assertThat(ours.id()).isEqualTo(golden.id());
        assertThat(ours.sequence()).isZero();
    }

    @Test
    void theBlockAroundTheTreeIsShapedAsConfigtxgens() throws Exception {
        Block golden = Golden.block(GOLDEN);
        Block ours = Block.parseFrom(Genesis.block(planOf(Golden.config(GOLDEN)), World.real(), Golden.CRYPTO));
        assertThat(ours.getMetadata()).isEqualTo(golden.getMetadata());
        assertThat(ours.getMetadata().getMetadata(0)).isEqualTo(ByteString.copyFrom(new byte[] {10, 2, 10, 0}));
        assertThat(ours.getHeader().getNumber()).isZero();
        assertThat(ours.getHeader().getPreviousHash()).isEqualTo(ByteString.EMPTY);
        assertThat(ours.getHeader().getDataHash())
                .isEqualTo(BlockHeader.dataHash(ours.getData().getDataList()));
        EnvelopeView envelope = EnvelopeView.of(ours.getData().getData(0));
        EnvelopeView theirs = EnvelopeView.of(golden.getData().getData(0));
        for (EnvelopeView one : List.of(envelope, theirs)) {
            assertThat(one.nonce().size()).isEqualTo(24);
            assertThat(one.creator()).isEqualTo(ByteString.EMPTY);
            assertThat(one.signature()).isEqualTo(ByteString.EMPTY);
            assertThat(one.channelHeader().getVersion()).isEqualTo(1);
            assertThat(one.channelHeader().getTxId())
                    .isEqualTo(HexFormat.of()
                            .formatHex(BlockHeader.sha256().digest(one.nonce().toByteArray())));
        }
        assertThat(envelope.nonce()).isNotEqualTo(theirs.nonce());
        assertThat(CanonicalForm.holds(envelope.bytes())).isTrue();
    }

    @Test
    void aPlanWithoutMembersListsWhatItLacks() {
        GenesisPlan empty =
                new GenesisPlan(new ChannelId("ch"), List.of(), List.of(), List.of(), GenesisPlan.Settings.SAMPLE);
        assertThatThrownBy(() -> Genesis.block(empty, World.real(), Golden.CRYPTO))
                .isInstanceOf(MalformedConfig.class)
                .hasMessageContaining("no orderer organisation")
                .hasMessageContaining("no consenter");
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() {
        GenesisPlan good = planOf(Golden.config(GOLDEN));
        GenesisPlan bad = new GenesisPlan(
                good.channel(),
                good.orderers(),
                good.applications(),
                good.consenters(),
                new GenesisPlan.Settings(Options.SAMPLE, new BatchSize(10, 1000, 2000), Duration.ZERO));
        assertThatThrownBy(() -> Genesis.block(bad, World.real(), Golden.CRYPTO))
                .isInstanceOfSatisfying(
                        MalformedConfig.class,
                        fault -> assertThat(fault.faults())
                                .anySatisfy(text -> assertThat(text).contains("BatchSize"))
                                .anySatisfy(text -> assertThat(text).contains("BatchTimeout"))
                                .hasSize(2));
    }

    private static GenesisPlan planOf(ChannelConfig config) {
        return new GenesisPlan(
                config.id(),
                members(config, Organization.Section.ORDERER),
                members(config, Organization.Section.APPLICATION),
                config.consenters(),
                new GenesisPlan.Settings(config.options(), config.batchSize(), config.batchTimeout()));
    }

    private static List<Member> members(ChannelConfig config, Organization.Section section) {
        return config.organizations().stream()
                .filter(organization -> organization.section() == section)
                .map(organization ->
                        new Member(organization.name(), organization.msp().config(), organization.endpoints()))
                .toList();
    }
}
