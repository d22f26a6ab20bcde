package org.holdfast.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.env.Clock;
import org.holdfast.env.World;
import org.holdfast.identity.Authority;
import org.holdfast.identity.Issued;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.Pem;
import org.holdfast.identity.Role;
import org.hyperledger.fabric.protos.common.Capabilities;
import org.hyperledger.fabric.protos.common.Capability;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.Orderers;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.MSPConfig;
import org.hyperledger.fabric.protos.orderer.ConsensusType;
import org.junit.jupiter.api.Test;

/// What a config may ask of its readers: features of Fabric 3, features nobody knows, authorities that have run out.
class ConfigAuditTest {
    private static final ByteString GENESIS = Golden.bytes("blocks/genesis-2.5-fixch.block");
    private static final World WORLD = World.real();

    @Test
    void aFabricThreeConfigIsUnderstoodThoughNoEngineOrdersByIt() {
        ChannelConfig raft = Golden.config("blocks/genesis-2.5-fixch.block");
        Orderers.Builder mapping = Orderers.newBuilder();
        for (int i = 0; i < raft.consenters().size(); i++) {
            Consenter consenter = raft.consenters().get(i);
            mapping.addConsenterMapping(org.hyperledger.fabric.protos.common.Consenter.newBuilder()
                    .setId(i + 1)
                    .setHost(consenter.host())
                    .setPort(consenter.port())
                    .setMspId("OrdererMSP")
                    .setIdentity(pem(consenter.serverTls()))
                    .setClientTlsCert(pem(consenter.clientTls()))
                    .setServerTlsCert(pem(consenter.serverTls())));
        }
        ChannelConfig config = changed(root -> {
            capability(root, "V3_0");
            below(root, "Orderer", orderer -> {
                value(orderer, "Orderers", mapping.build());
                value(
                        orderer,
                        "ConsensusType",
                        ConsensusType.newBuilder().setType("BFT").build());
            });
        });
        assertThat(config.channelCapabilities()).containsExactly("V3_0");
        assertThat(config.consensusType()).isEqualTo("BFT");
        assertThat(config.mappedConsenters())
                .extracting(MappedConsenter::id, MappedConsenter::host, MappedConsenter::mspId)
                .contains(org.assertj.core.groups.Tuple.tuple(2, "127.0.0.1", "OrdererMSP"))
                .hasSize(3);
        assertThat(config.mappedConsenters().getFirst().clientTls())
                .isEqualTo(raft.consenters().getFirst().clientTls());
        assertThat(config.consenters()).isEmpty();
        assertThat(config.hazards()).singleElement().asString().contains("'BFT'");
    }

    @Test
    void anUnsoundMappingIsAHazardAndNoFault() {
        var one = org.hyperledger.fabric.protos.common.Consenter.newBuilder()
                .setId(1)
                .setHost("h")
                .setPort(1);
        ChannelConfig config = changed(root -> below(
                root,
                "Orderer",
                orderer -> value(
                        orderer,
                        "Orderers",
                        Orderers.newBuilder()
                                .addConsenterMapping(one)
                                .addConsenterMapping(one.clone().setPort(0))
                                .build())));
        assertThat(config.mappedConsenters()).isEmpty();
        assertThat(config.hazards())
                .anyMatch(text -> text.contains("the identity of mapped consenter 1"))
                .anyMatch(text -> text.contains("listed twice"))
                .anyMatch(text -> text.contains("no usable address"));
    }

    @Test
    void anUnknownRequiredFeatureIsRefusedWithWhatToDo() {
        assertThatThrownBy(() -> changed(root -> capability(root, "V9_9")))
                .isInstanceOf(MalformedConfig.class)
                .hasMessageContaining("/Channel/Capabilities requires V9_9")
                .hasMessageContaining("upgrade this node");
        assertThatThrownBy(() -> changed(root -> below(root, "Orderer", orderer -> capability(orderer, "V9_9"))))
                .hasMessageContaining("/Channel/Orderer/Capabilities requires V9_9");
        ChannelConfig peers = changed(root -> below(root, "Application", group -> capability(group, "V9_9")));
        assertThat(peers.applicationCapabilities()).containsExactly("V9_9");
    }

    /// hyperledger/fabric issue 3238: an authority that ran out kept orderers from starting.
    @Test
    void anAuthorityThatRanOutIsAWarningAndWhatItIssuedInItsTimeCounts() {
        World past = past(Authority.VALIDITY.plus(Duration.ofDays(30)));
        Authority authority = Authority.create(past, Golden.CRYPTO, "old", "ca.old");
        Issued member = authority.member("Ann", Role.CLIENT);
        FabricMSPConfig rules = FabricMSPConfig.newBuilder()
                .setName("OldMSP")
                .addRootCerts(pem(authority.certificate()))
                .addTlsRootCerts(pem(authority.certificate()))
                .build();
        ChannelConfig config = changed(root -> below(
                root,
                "Application",
                group -> below(
                        group,
                        "Org1",
                        organization -> value(
                                organization,
                                "MSP",
                                MSPConfig.newBuilder()
                                        .setConfig(rules.toByteString())
                                        .build()))));
        assertThat(config.hazards()).isEmpty();
        assertThat(config.warnings(WORLD.clock().wallMillis()))
                .anyMatch(text -> text.startsWith("an authority of OldMSP (CN=ca.old") && text.contains("expired on"))
                .anyMatch(text -> text.startsWith("a TLS authority of OldMSP"))
                .hasSize(2);
        assertThat(config.warnings(past.clock().wallMillis())).isEmpty();
        LocalIdentity ann = LocalIdentity.of("OldMSP", member.certificate(), member.key(), Golden.CRYPTO);
        assertThat(config.msps().identity(ann.creator()).mspId()).isEqualTo("OldMSP");
        assertThat(config.msps().identity(ann.creator()).expiredAt(WORLD.clock().wallMillis()))
                .isTrue();
    }

    @Test
    void aGroupWithoutTheSubPolicyDoesNotSatisfyIt() {
        ConfigPolicy all = ConfigPolicy.newBuilder()
                .setPolicy(Policy.newBuilder()
                        .setType(Policy.PolicyType.IMPLICIT_META_VALUE)
                        .setValue(ImplicitMetaPolicy.newBuilder()
                                .setRule(ImplicitMetaPolicy.Rule.ALL)
                                .setSubPolicy("Empty")
                                .build()
                                .toByteString()))
                .build();
        // "Empty" of a group without groups below it holds by itself.
        ChannelConfig both = changed(root -> {
            root.clearGroups().putAllGroups(groups(all, "A", "B"));
            root.putPolicies("Test", all);
        });
        assertThat(both.evaluate("/Channel/Test", List.of()).satisfied()).isTrue();
        ChannelConfig lacking = changed(root -> {
            root.clearGroups().putAllGroups(groups(all, "A", "B"));
            root.putGroups("C", ConfigGroup.getDefaultInstance());
            root.putPolicies("Test", all);
        });
        assertThat(lacking.evaluate("/Channel/Test", List.of()).satisfied()).isFalse();
        assertThat(lacking.evaluate("/Channel/Test", List.of()).reason()).contains("4 of the 'Empty'");
    }

    private static java.util.Map<String, ConfigGroup> groups(ConfigPolicy policy, String... names) {
        java.util.Map<String, ConfigGroup> groups = new java.util.TreeMap<>();
        for (String name : names) {
            groups.put(
                    name, ConfigGroup.newBuilder().putPolicies("Empty", policy).build());
        }
        groups.put(
                "Orderer",
                ORDERER.toBuilder().putPolicies("Empty", policy).clearGroups().build());
        return groups;
    }

    private static final ConfigGroup ORDERER = Golden.config("blocks/genesis-2.5-fixch.block")
            .tree()
            .getChannelGroup()
            .getGroupsOrThrow("Orderer");

    private static void capability(ConfigGroup.Builder group, String name) {
        value(
                group,
                "Capabilities",
                Capabilities.newBuilder()
                        .putCapabilities(name, Capability.getDefaultInstance())
                        .build());
    }

    private static void value(ConfigGroup.Builder group, String name, MessageLite value) {
        group.putValues(
                name, ConfigValue.newBuilder().setValue(value.toByteString()).build());
    }

    private static void below(ConfigGroup.Builder group, String name, Consumer<ConfigGroup.Builder> change) {
        ConfigGroup.Builder sub = group.getGroupsOrThrow(name).toBuilder();
        change.accept(sub);
        group.putGroups(name, sub.build());
    }

    private static ByteString pem(java.security.cert.X509Certificate certificate) {
        return ByteString.copyFrom(Pem.of(certificate));
    }

    private static ChannelConfig changed(Consumer<ConfigGroup.Builder> change) {
        return ChannelConfig.fromBlock(Golden.changed(GENESIS, change), Golden.CRYPTO);
    }

    /// The real world, some time ago.
    private static World past(Duration ago) {
        Clock clock = new Clock() {
            @Override
            public long wallMillis() {
                return WORLD.clock().wallMillis() - ago.toMillis();
            }

            @Override
            public long nanos() {
                return WORLD.clock().nanos();
            }
        };
        InvocationHandler handler = (proxy, method, arguments) ->
                "clock".equals(method.getName()) ? clock : method.invoke(WORLD, arguments);
        return (World) Proxy.newProxyInstance(World.class.getClassLoader(), new Class<?>[] {World.class}, handler);
    }
}
