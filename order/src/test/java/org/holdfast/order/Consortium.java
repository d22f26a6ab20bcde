package org.holdfast.order;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.channel.Options;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Config;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// An orderer organisation with three nodes, an organisation of users, and their channel's genesis block. Real
/// keys, real signatures.
final class Consortium {
    static final World WORLD = World.real();
    static final Crypto CRYPTO = Crypto.choose();
    static final ChannelId CHANNEL = new ChannelId("town");
    private static final int NODES = 3;

    private final OrganizationFiles orderers;
    private final LocalIdentity user;
    private final LocalIdentity stranger;
    private final List<LocalIdentity> admins;
    private final List<Consenter> consenters;
    private final ByteString genesis;

    Consortium(Path root, BatchSize batch, Duration batchTimeout) {
        orderers = organization(root, "orderers.town", OrganizationPlan.Kind.ORDERER, names());
        OrganizationFiles users = organization(root, "users.town", OrganizationPlan.Kind.PEER, List.of());
        OrganizationFiles others = organization(root, "elsewhere.town", OrganizationPlan.Kind.PEER, List.of());
        user = LocalIdentity.load(WORLD.disk(), users.userMsp("Ann"), "UsersMSP", CRYPTO);
        stranger = LocalIdentity.load(WORLD.disk(), others.userMsp("Ann"), "UsersMSP", CRYPTO);
        admins = List.of(
                LocalIdentity.load(WORLD.disk(), orderers.userMsp("Admin"), "OrderersMSP", CRYPTO),
                LocalIdentity.load(WORLD.disk(), users.userMsp("Admin"), "UsersMSP", CRYPTO));
        consenters = names().stream().map(this::consenter).toList();
        genesis = Genesis.block(
                new GenesisPlan(
                        CHANNEL,
                        List.of(member("Orderers", orderers, "OrderersMSP")),
                        List.of(member("Users", users, "UsersMSP")),
                        consenters,
                        // A checkpoint every 1 MB of blocks, so that logs are forgotten within a test.
                        new GenesisPlan.Settings(
                                new Options(Duration.ofMillis(500), 10, 1, 5, 1 << 20), batch, batchTimeout)),
                WORLD,
                CRYPTO);
    }

    private static List<String> names() {
        return IntStream.rangeClosed(1, NODES)
                .mapToObj(number -> "o" + number + ".orderers.town")
                .toList();
    }

    private static OrganizationFiles organization(
            Path root, String domain, OrganizationPlan.Kind kind, List<String> nodes) {
        List<OrganizationPlan.Node> plans = nodes.stream()
                .map(name -> new OrganizationPlan.Node(name, List.of("127.0.0.1")))
                .toList();
        return OrganizationFiles.write(WORLD, CRYPTO, root, new OrganizationPlan(domain, kind, plans, List.of("Ann")));
    }

    private static GenesisPlan.Member member(String name, OrganizationFiles files, String mspId) {
        List<String> endpoints = name.equals("Orderers") ? List.of("127.0.0.1:7050") : List.of();
        return new GenesisPlan.Member(name, MspDirectory.read(WORLD.disk(), files.msp(), mspId), endpoints);
    }

    private Consenter consenter(String node) {
        Path file = orderers.nodeTls(node).resolve("server.crt");
        X509Certificate certificate = Pem.firstCertificate(WORLD.disk().read(file), node);
        return new Consenter("127.0.0.1", 7050 + names().indexOf(node), certificate, certificate);
    }

    ChannelConfig config() {
        return ChannelConfig.fromBlock(genesis, CRYPTO);
    }

    ByteString genesis() {
        return genesis;
    }

    String seat(int number) {
        return consenters.get(number).seat();
    }

    LocalIdentity signer(int number) {
        return LocalIdentity.load(WORLD.disk(), orderers.nodeMsp(names().get(number)), "OrderersMSP", CRYPTO);
    }

    Takeovers.SeatKey seatKey(int number) {
        Path file = orderers.nodeTls(names().get(number)).resolve("server.key");
        PrivateKey key = CRYPTO.adopt(Pem.privateKey(WORLD.disk().read(file), "server.key"));
        return message -> CRYPTO.sign(key, message);
    }

    /// A user's envelope: its transaction id is the name, its data are that many bytes.
    EnvelopeView envelope(String name, int bytes) {
        return envelope(name, bytes, user);
    }

    /// A config update that leads from a config to an edited one, signed by all admins, sent by the orderers' one.
    EnvelopeView update(ChannelConfig from, Consumer<ConfigGroup.Builder> edit) {
        ConfigGroup before = from.tree().getChannelGroup();
        ConfigGroup.Builder after = before.toBuilder();
        edit.accept(after);
        return update(ConfigUpdates.compute(CHANNEL, before, after.build()));
    }

    EnvelopeView update(ConfigUpdate update) {
        ByteString content = update.toByteString();
        ConfigUpdateEnvelope.Builder signed = ConfigUpdateEnvelope.newBuilder().setConfigUpdate(content);
        for (LocalIdentity admin : admins) {
            ByteString header = creator(admin, "update");
            signed.addSignatures(ConfigSignature.newBuilder()
                    .setSignatureHeader(header)
                    .setSignature(admin.sign(header.concat(content))));
        }
        return sealed(HeaderType.CONFIG_UPDATE, "", signed.build().toByteString(), admins.getFirst());
    }

    /// The CONFIG envelope that a gate makes of an update, whatever it holds.
    ByteString config(Config config, EnvelopeView update) {
        ByteString data = ConfigEnvelope.newBuilder()
                .setConfig(config)
                .setLastUpdate(
                        Envelope.newBuilder().setPayload(update.payload()).setSignature(update.signature()))
                .build()
                .toByteString();
        return sealed(HeaderType.CONFIG, "", data, signer(0)).bytes();
    }

    private static ByteString creator(LocalIdentity signer, String nonce) {
        return SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFromUtf8(nonce))
                .build()
                .toByteString();
    }

    private static EnvelopeView sealed(HeaderType type, String name, ByteString data, LocalIdentity signer) {
        ChannelHeader channel = ChannelHeader.newBuilder()
                .setType(type.getNumber())
                .setChannelId(CHANNEL.name())
                .setTxId(name)
                .build();
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder()
                        .setChannelHeader(channel.toByteString())
                        .setSignatureHeader(creator(signer, name)))
                .setData(data)
                .build()
                .toByteString();
        return view(Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(signer.sign(payload))
                .build()
                .toByteString());
    }

    /// An envelope of somebody who says to be of the users' organisation and is not.
    EnvelopeView forged(String name) {
        return envelope(name, 10, stranger);
    }

    private EnvelopeView envelope(String name, int bytes, LocalIdentity signer) {
        byte[] noise = new byte[bytes];
        new Random(name.hashCode()).nextBytes(noise);
        return sealed(HeaderType.ENDORSER_TRANSACTION, name, ByteString.copyFrom(noise), signer);
    }

    static EnvelopeView view(ByteString envelope) {
        try {
            return EnvelopeView.of(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /// The names of a list of envelopes.
    static List<String> namesOf(List<ByteString> envelopes) {
        List<String> names = new ArrayList<>();
        for (ByteString envelope : envelopes) {
            names.add(view(envelope).channelHeader().getTxId());
        }
        return names;
    }
}
