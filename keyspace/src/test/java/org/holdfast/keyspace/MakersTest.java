package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whose envelopes of commands count.
class MakersTest {
    @TempDir
    Path temp;

    private Makers makers(Town town, UnaryOperator<FabricMSPConfig> rules) throws Exception {
        return new Makers(ChannelConfig.fromBlock(town.genesis(new ChannelId("kv.k.1.0"), rules), Town.CRYPTO));
    }

    @Test
    void nodesAreToldFromClientsByTheirUnit() throws Exception {
        Town town = new Town(temp);
        Makers makers = makers(town, UnaryOperator.identity());
        assertThat(makers.has(town.node(0).creator())).isTrue();
        assertThat(makers.has(town.node(1).creator())).isTrue();
        assertThat(makers.has(town.clerk().creator())).isFalse();
        assertThat(makers.has(town.user().creator())).isFalse();
        assertThat(makers.has(ByteString.copyFromUtf8("nobody"))).isFalse();
        assertThat(makers.has(new Town(temp.resolve("elsewhere")).node(0).creator()))
                .isFalse();
    }

    /// An organisation that gives its orderers no unit: all of its members count, as nothing tells them apart.
    @Test
    void withoutUnitsTheOrganisationDecides() throws Exception {
        Town town = new Town(temp);
        Makers makers = makers(town, msp -> msp.toBuilder().clearFabricNodeOus().build());
        assertThat(makers.has(town.node(0).creator())).isTrue();
        assertThat(makers.has(town.clerk().creator())).isTrue();
        assertThat(makers.has(town.user().creator())).isFalse();
    }
}
