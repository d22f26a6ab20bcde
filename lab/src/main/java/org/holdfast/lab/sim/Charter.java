package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.holdfast.channel.BatchSize;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.Genesis;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.channel.Options;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.MspDirectory;
import org.holdfast.identity.OrganizationFiles;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.identity.Pem;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// What all schedules of a process share: organisations with real certificates, configs of the channel, identities.
/// The same bytes in every process. Immutable, any thread.
final class Charter {
    static final ChannelId CHANNEL = new ChannelId("sim");
    static final int MEMBERS_MAX = 5;
    private static final long SEED = 1;

    private static final Charter ONE = new Charter();

    private final Crypto crypto = StandIn.town();
    private final Host founder;
    private final OrganizationFiles orderers;
    private final OrganizationFiles users;
    private final LocalIdentity user;
    private final List<LocalIdentity> admins;
    private final List<LocalIdentity> signers;
    private final List<Consenter> consenters;
    private final Map<Terms, Channel> channels = new ConcurrentHashMap<>();

    /// What a channel's members agreed on.
    record Terms(int members, BatchSize batch, Duration batchTimeout, int snapshotIntervalBytes) {}

    /// A channel's beginning.
    record Channel(ByteString genesis, ChannelConfig config) {}

    private Charter() {
        Crypto real = StandIn.founder();
        founder = new Host("founder", new Timeline(new Dice(SEED)), new Dice(SEED), new SimDisk(new Dice(SEED)));
        Path root = Path.of("founding");
        founder.disk().createDirectories(root);
        orderers = organization(real, root, "orderers.sim", OrganizationPlan.Kind.ORDERER, names());
        users = organization(real, root, "users.sim", OrganizationPlan.Kind.PEER, List.of());
        user = LocalIdentity.load(founder.disk(), users.userMsp("Ann"), "UsersMSP", crypto);
        admins = List.of(
                LocalIdentity.load(founder.disk(), orderers.userMsp("Admin"), "OrderersMSP", crypto),
                LocalIdentity.load(founder.disk(), users.userMsp("Admin"), "UsersMSP", crypto));
        signers = names().stream()
                .map(name -> LocalIdentity.load(founder.disk(), orderers.nodeMsp(name), "OrderersMSP", crypto))
                .toList();
        consenters = names().stream().map(this::consenter).toList();
    }

    static Charter one() {
        return ONE;
    }

    Crypto crypto() {
        return crypto;
    }

    LocalIdentity signer(int node) {
        return signers.get(node);
    }

    String seat(int node) {
        return consenters.get(node).seat();
    }

    Channel channel(Terms terms) {
        return channels.computeIfAbsent(terms, this::found);
    }

    private synchronized Channel found(Terms terms) {
        GenesisPlan plan = new GenesisPlan(
                CHANNEL,
                List.of(member("Orderers", orderers, "OrderersMSP")),
                List.of(member("Users", users, "UsersMSP")),
                consenters.subList(0, terms.members),
                new GenesisPlan.Settings(
                        new Options(Duration.ofMillis(500), 10, 1, 5, terms.snapshotIntervalBytes),
                        terms.batch,
                        terms.batchTimeout));
        Host clerk = new Host("clerk", new Timeline(new Dice(SEED)), new Dice(SEED), new SimDisk(new Dice(SEED)));
        ByteString genesis = Genesis.block(plan, clerk, crypto);
        return new Channel(genesis, ChannelConfig.fromBlock(genesis, crypto));
    }

    private GenesisPlan.Member member(String name, OrganizationFiles files, String mspId) {
        List<String> endpoints = name.equals("Orderers") ? List.of("127.0.0.1:7050") : List.of();
        return new GenesisPlan.Member(name, MspDirectory.read(founder.disk(), files.msp(), mspId), endpoints);
    }

    private OrganizationFiles organization(
            Crypto real, Path root, String domain, OrganizationPlan.Kind kind, List<String> nodes) {
        List<OrganizationPlan.Node> plans = nodes.stream()
                .map(name -> new OrganizationPlan.Node(name, List.of("127.0.0.1")))
                .toList();
        return OrganizationFiles.write(founder, real, root, new OrganizationPlan(domain, kind, plans, List.of("Ann")));
    }

    private static List<String> names() {
        return IntStream.rangeClosed(1, MEMBERS_MAX)
                .mapToObj(number -> "o" + number + ".orderers.sim")
                .toList();
    }

    private Consenter consenter(String node) {
        Path file = orderers.nodeTls(node).resolve("server.crt");
        X509Certificate certificate = Pem.firstCertificate(founder.disk().read(file), node);
        return new Consenter("127.0.0.1", 7050 + names().indexOf(node), certificate, certificate);
    }

    /// A user's envelope: its transaction id is the name, its data are that many bytes.
    ///
    /// @param forged whether the signature is not over these bytes
    EnvelopeView envelope(String name, int bytes, boolean forged) {
        byte[] noise = new byte[bytes];
        long word = name.hashCode();
        for (int i = 0; i < bytes; i += 64) {
            word = Dice.mix(word + i);
            noise[i] = (byte) word;
        }
        ByteString payload = payload(HeaderType.ENDORSER_TRANSACTION, name, creator(user, name))
                .setData(UnsafeByteOperations.unsafeWrap(noise))
                .build()
                .toByteString();
        return sealed(payload, forged ? user.sign(payload, payload) : user.sign(payload));
    }

    /// An update that gives a channel other limits, signed by the admins of all organisations.
    ///
    /// @param from the config it is made from
    EnvelopeView update(String name, ChannelConfig from, int messages, int preferred) {
        ConfigGroup before = from.tree().getChannelGroup();
        ConfigGroup orderer = before.getGroupsOrThrow("Orderer");
        ConfigValue limits = orderer.getValuesOrThrow("BatchSize");
        ByteString changed = org.hyperledger.fabric.protos.orderer.BatchSize.newBuilder()
                .setMaxMessageCount(messages)
                .setAbsoluteMaxBytes(from.batchSize().absoluteMaxBytes())
                .setPreferredMaxBytes(preferred)
                .build()
                .toByteString();
        ConfigGroup after = before.toBuilder()
                .putGroups(
                        "Orderer",
                        orderer.toBuilder()
                                .putValues(
                                        "BatchSize",
                                        limits.toBuilder().setValue(changed).build())
                                .build())
                .build();
        ByteString update = ConfigUpdates.compute(CHANNEL, before, after).toByteString();
        ConfigUpdateEnvelope.Builder signed = ConfigUpdateEnvelope.newBuilder().setConfigUpdate(update);
        for (LocalIdentity admin : admins) {
            ByteString header = creator(admin, name);
            signed.addSignatures(ConfigSignature.newBuilder()
                    .setSignatureHeader(header)
                    .setSignature(admin.sign(header.concat(update))));
        }
        LocalIdentity sender = admins.getFirst();
        ByteString payload = payload(HeaderType.CONFIG_UPDATE, "", creator(sender, name))
                .setData(signed.build().toByteString())
                .build()
                .toByteString();
        return sealed(payload, sender.sign(payload));
    }

    private static ByteString creator(LocalIdentity signer, String nonce) {
        return SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFromUtf8(nonce))
                .build()
                .toByteString();
    }

    private static Payload.Builder payload(HeaderType type, String name, ByteString creator) {
        ByteString channel = ChannelHeader.newBuilder()
                .setType(type.getNumber())
                .setChannelId(CHANNEL.name())
                .setTxId(name)
                .build()
                .toByteString();
        return Payload.newBuilder()
                .setHeader(Header.newBuilder().setChannelHeader(channel).setSignatureHeader(creator));
    }

    private static EnvelopeView sealed(ByteString payload, ByteString signature) {
        return view(Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(signature)
                .build()
                .toByteString());
    }

    static EnvelopeView view(ByteString envelope) {
        try {
            return EnvelopeView.of(envelope);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Names of envelopes.
    static List<String> names(List<ByteString> envelopes) {
        List<String> names = new ArrayList<>();
        for (ByteString envelope : envelopes) {
            String name = view(envelope).channelHeader().getTxId();
            names.add(name.isEmpty() ? "config" : name);
        }
        return names;
    }
}
