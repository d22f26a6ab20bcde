package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.channel.Options;
import org.holdfast.env.World;
import org.holdfast.identity.Authority;
import org.holdfast.identity.Issued;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.identity.Role;
import org.holdfast.wire.ChannelId;
import org.hyperledger.fabric.protos.common.Block;
import org.hyperledger.fabric.protos.common.BlockData;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.hyperledger.fabric.protos.orderer.ConsensusType;

/// The organisations of a channel of three consenters, its members and people who are none, with their keys. The names
/// are those of the recorded network.
final class Folk {
    static final ChannelId CHANNEL = new ChannelId("blkch");
    private static final World REAL = World.real();
    private static final String ORG1 = "org1.example.com";

    final ByteString genesis;
    final LocalIdentity user;
    final LocalIdentity admin;
    final LocalIdentity ordererNode;
    final LocalIdentity ordererAdmin;
    final LocalIdentity foreignCa;
    final LocalIdentity foreignMsp;
    final LocalIdentity noRole;
    final LocalIdentity expired;

    /// Each envelope is a block.
    Folk(Path root) {
        this(root, 1);
    }

    Folk(Path root, int envelopesPerBlock) {
        OrganizationFiles orderers =
                organization(root.resolve("a"), "example.com", OrganizationPlan.Kind.ORDERER, nodes());
        OrganizationFiles org1 = organization(root.resolve("a"), ORG1, OrganizationPlan.Kind.PEER, List.of());
        OrganizationFiles same = organization(root.resolve("b"), ORG1, OrganizationPlan.Kind.PEER, List.of());
        OrganizationFiles org3 =
                organization(root.resolve("a"), "org3.example.com", OrganizationPlan.Kind.PEER, List.of());
        user = load(org1.userMsp("User1"), "Org1MSP");
        admin = load(org1.userMsp("Admin"), "Org1MSP");
        ordererNode = load(orderers.nodeMsp(nodes().getFirst()), "OrdererMSP");
        ordererAdmin = load(orderers.userMsp("Admin"), "OrdererMSP");
        foreignCa = load(same.userMsp("User1"), "Org1MSP");
        foreignMsp = load(org3.userMsp("User1"), "Org3MSP");
        Path ca = org1.msp().resolveSibling("ca");
        // What it issues for TLS has no unit, and so no role.
        noRole = identity(Authority.load(REAL, OneChannel.CRYPTO, ca).tls("User1@" + ORG1, List.of()));
        JumpingWorld past = new JumpingWorld();
        past.jumpTo(REAL.clock().wallMillis()
                - Authority.VALIDITY.plus(Duration.ofMinutes(1)).toMillis());
        expired = identity(Authority.load(past, OneChannel.CRYPTO, ca).member("User1@" + ORG1, Role.CLIENT));
        genesis = Genesis.block(
                new GenesisPlan(
                        CHANNEL,
                        List.of(new GenesisPlan.Member(
                                "OrdererOrg",
                                MspDirectory.read(REAL.disk(), orderers.msp(), "OrdererMSP"),
                                List.of("127.0.0.1:7050"))),
                        List.of(new GenesisPlan.Member(
                                "Org1", MspDirectory.read(REAL.disk(), org1.msp(), "Org1MSP"), List.of())),
                        nodes().stream().map(node -> consenter(orderers, node)).toList(),
                        new GenesisPlan.Settings(
                                Options.SAMPLE,
                                new BatchSize(envelopesPerBlock, 1 << 20, 1 << 20),
                                Duration.ofSeconds(2))),
                REAL,
                OneChannel.CRYPTO);
    }

    ChannelConfig config() {
        return ChannelConfig.fromBlock(genesis, OneChannel.CRYPTO);
    }

    /// The channel's config with STATE_MAINTENANCE.
    ChannelConfig maintenance() {
        return ChannelConfig.fromBlock(
                changed(tree -> {
                    ConfigGroup orderer = tree.getGroupsOrThrow("Orderer");
                    ConfigValue value = orderer.getValuesOrThrow("ConsensusType");
                    ConsensusType type = parsed(ConsensusType.parser(), value.getValue()).toBuilder()
                            .setState(ConsensusType.State.STATE_MAINTENANCE)
                            .build();
                    return tree.toBuilder()
                            .putGroups(
                                    "Orderer",
                                    orderer.toBuilder()
                                            .putValues(
                                                    "ConsensusType",
                                                    value.toBuilder()
                                                            .setValue(type.toByteString())
                                                            .build())
                                            .build())
                            .build();
                }),
                OneChannel.CRYPTO);
    }

    /// A signed envelope of now.
    ///
    /// @param header what is special about its channel header
    static ByteString envelope(
            LocalIdentity signer, UnaryOperator<ChannelHeader.Builder> header, ByteString payloadData) {
        ChannelHeader channel = header.apply(ChannelHeader.newBuilder()
                        .setType(HeaderType.MESSAGE_VALUE)
                        .setChannelId(CHANNEL.name())
                        .setTimestamp(timestamp(Duration.ZERO)))
                .build();
        return signed(
                signer,
                Payload.newBuilder()
                        .setHeader(Header.newBuilder()
                                .setChannelHeader(channel.toByteString())
                                .setSignatureHeader(signatureHeader(signer)))
                        .setData(payloadData)
                        .build());
    }

    static ByteString signed(LocalIdentity signer, Payload payload) {
        ByteString bytes = payload.toByteString();
        return Envelope.newBuilder()
                .setPayload(bytes)
                .setSignature(signer.sign(bytes))
                .build()
                .toByteString();
    }

    static ByteString signatureHeader(LocalIdentity signer) {
        return SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFromUtf8("nonce"))
                .build()
                .toByteString();
    }

    /// The time now and some.
    static Timestamp timestamp(Duration later) {
        return Timestamp.newBuilder()
                .setSeconds(REAL.clock().wallMillis() / 1000 + later.toSeconds())
                .build();
    }

    private ByteString changed(UnaryOperator<ConfigGroup> change) {
        Block block = parsed(Block.parser(), genesis);
        Payload payload = parsed(
                Payload.parser(),
                parsed(Envelope.parser(), block.getData().getData(0)).getPayload());
        ConfigEnvelope config = parsed(ConfigEnvelope.parser(), payload.getData());
        ConfigEnvelope.Builder next = config.toBuilder();
        next.getConfigBuilder().setChannelGroup(change.apply(config.getConfig().getChannelGroup()));
        ByteString envelope = Envelope.newBuilder()
                .setPayload(payload.toBuilder()
                        .setData(next.build().toByteString())
                        .build()
                        .toByteString())
                .build()
                .toByteString();
        return block.toBuilder()
                .setData(BlockData.newBuilder().addData(envelope))
                .build()
                .toByteString();
    }

    private static <T> T parsed(com.google.protobuf.Parser<T> parser, ByteString bytes) {
        try {
            return parser.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> nodes() {
        return IntStream.rangeClosed(1, 3)
                .mapToObj(number -> "orderer" + number + ".example.com")
                .toList();
    }

    private static OrganizationFiles organization(
            Path root, String domain, OrganizationPlan.Kind kind, List<String> nodes) {
        List<OrganizationPlan.Node> plans = nodes.stream()
                .map(name -> new OrganizationPlan.Node(name, List.of("127.0.0.1")))
                .toList();
        return OrganizationFiles.write(
                REAL, OneChannel.CRYPTO, root, new OrganizationPlan(domain, kind, plans, List.of("User1")));
    }

    private static Consenter consenter(OrganizationFiles orderers, String node) {
        Path file = orderers.nodeTls(node).resolve("server.crt");
        X509Certificate certificate = Pem.firstCertificate(REAL.disk().read(file), node);
        return new Consenter("127.0.0.1", 7050 + nodes().indexOf(node), certificate, certificate);
    }

    private static LocalIdentity load(Path msp, String mspId) {
        return LocalIdentity.load(REAL.disk(), msp, mspId, OneChannel.CRYPTO);
    }

    private static LocalIdentity identity(Issued issued) {
        return LocalIdentity.of("Org1MSP", issued.certificate(), issued.key(), OneChannel.CRYPTO);
    }
}
