package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.junit.jupiter.api.Test;

/// Two people's changes of one config: a recorded one of Fabric 2.5.
class ConfigMergeTest {
    private static final Disk DISK = World.real().disk();
    private final ConfigGroup base = base();

    @Test
    void changesOfDifferentPathsAddUp() {
        ConfigGroup mine = set(base, "orderer.batch.maxMessages=200", "application.acls={a/B: /Channel/Readers}");
        ConfigGroup theirs = set(base, "orderer.batch.preferredMax=8 KB", "application.acls={c/D: /Channel/Readers}");
        ConfigMerge.Merged merged = ConfigMerge.of(DISK, base, mine, theirs);
        assertThat(merged.conflicts())
                .hasToString("[application.acls: {c/D: /Channel/Readers} -> {a/B:" + " /Channel/Readers}]");
        assertThat(merged.tree()).isEqualTo(theirs);

        mine = set(base, "orderer.batch.maxMessages=200", "application.organizations.Org2=null");
        theirs = set(base, "orderer.batch.preferredMax=8 KB", "channel.policies.Extra=ANY Readers");
        merged = ConfigMerge.of(DISK, base, mine, theirs);
        assertThat(merged.conflicts()).isEmpty();
        assertThat(merged.tree())
                .isEqualTo(set(
                        base,
                        "orderer.batch.preferredMax=8 KB",
                        "channel.policies.Extra=ANY Readers",
                        "orderer.batch.maxMessages=200",
                        "application.organizations.Org2=null"));
    }

    @Test
    void theSameChangeTwiceIsOne() {
        ConfigGroup both = set(base, "orderer.batch.timeout=5s");
        assertThat(ConfigMerge.of(DISK, base, both, both).tree()).isEqualTo(both);
        assertThat(ConfigMerge.of(DISK, base, base, both).tree()).isEqualTo(both);
        assertThat(ConfigMerge.of(DISK, base, both, base).tree()).isEqualTo(both);
    }

    @Test
    void whatBothChangedIsNamed() {
        conflict("orderer.batch.timeout=5s", "orderer.batch.timeout=6s", "orderer.batch.timeout: 6s -> 5s");
        conflict(
                "application.organizations.Org2=null",
                "application.organizations.Org2.policies.Readers=ANY Readers",
                "application.organizations.Org2: - {");
        conflict(
                "application.organizations.Org2.policies.Readers=ANY Readers",
                "application.organizations.Org2=null",
                "application.organizations.Org2: + {");
        conflict(
                "channel.policies.New=ANY Readers", "channel.policies.New=ANY Writers", "policies.New: ANY Writers ->");
        conflict("orderer.consenters[0]=null", "orderer.consenters[2]=null", "orderer.consenters: [{");
        // Its items refer to each other: a new root and a unit of an old one do not go together.
        conflict(
                "application.organizations.Org1.msp.identityHash=SHA3_256",
                "application.organizations.Org1.msp.nodeUnits.enabled=false",
                "application.organizations.Org1.msp: {");
    }

    private void conflict(String mine, String theirs, String told) {
        ConfigMerge.Merged merged = ConfigMerge.of(DISK, base, set(base, mine), set(base, theirs));
        assertThat(merged.conflicts()).hasSize(1);
        assertThat(merged.conflicts().getFirst().toString()).contains(told);
        assertThat(merged.tree()).isEqualTo(set(base, theirs));
    }

    private static ConfigGroup set(ConfigGroup tree, String... sets) {
        ConfigDocument document = ConfigDocument.of(tree, List.of());
        for (String set : sets) {
            document = document.set(set);
        }
        return document.tree(DISK, Path.of(""));
    }

    private static ConfigGroup base() {
        try {
            EnvelopeView envelope = EnvelopeView.of(
                    Golden.block("config-updates/base-normal.block").getData().getData(0));
            return ConfigEnvelope.parseFrom(envelope.data()).getConfig().getChannelGroup();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
