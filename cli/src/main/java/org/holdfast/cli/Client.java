package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.identity.Pem;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.OrdererClient;
import org.holdfast.transport.Target;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// Acts as the user of the network's client organisation: signs envelopes and connects to the nodes in turn.
///
/// Used by one thread.
final class Client implements AutoCloseable {
    private static final int NONCE_BYTES = 24;

    private final World world;
    private final String channel;
    private final LocalIdentity user;
    private final NetThreads threads;
    private final TlsKeys keys;
    private final List<X509Certificate> roots;
    private final List<Network.Node> nodes;
    /// Binds a request to this client's connections; orderers with mutual TLS want it in requests of Deliver.
    private final ByteString tlsHash;
    private int at;

    private Client(World world, String channel, LocalIdentity user, TlsKeys keys, Reach reach) {
        this.world = world;
        this.channel = channel;
        this.user = user;
        this.keys = keys;
        this.roots = reach.roots();
        this.nodes = reach.nodes();
        this.tlsHash = hash(keys.certificate());
        this.threads = NetThreads.start(world);
    }

    private record Reach(List<X509Certificate> roots, List<Network.Node> nodes) {}

    /// Acts for an organisation that uses the channels, if there is one here.
    ///
    /// @param first the node to begin with; the network's first when empty
    static Client open(Session session, NetworkDir dir, String channel, Optional<String> first) {
        Network network = dir.load();
        return open(session, dir, new Talk(network.startingAt(channel, first), channel, network.acting()));
    }

    /// Acts for an organisation that orders, if there is one here: its members may read in maintenance too.
    static Client governing(Session session, NetworkDir dir, String channel, Optional<String> first) {
        Network network = dir.load();
        return open(session, dir, new Talk(network.startingAt(channel, first), channel, network.governing()));
    }

    private record Talk(List<Network.Node> nodes, String channel, Network.Org org) {}

    private static Client open(Session session, NetworkDir dir, Talk talk) {
        Network network = dir.load();
        Disk disk = session.world().disk();
        Network.Org clients = talk.org();
        Path msp = dir.path(clients.user());
        Path tls = msp.resolveSibling("tls");
        LocalIdentity user = LocalIdentity.load(disk, msp, clients.mspId(), Crypto.choose());
        List<X509Certificate> roots = network.orderers().stream()
                .flatMap(org -> disk.list(dir.path(org.path()).resolve("msp/tlscacerts")).stream())
                .map(file -> Pem.firstCertificate(disk.read(file), file.toString()))
                .toList();
        try {
            TlsKeys keys = TlsKeys.load(disk, tls.resolve("client.crt"), tls.resolve("client.key"));
            return new Client(session.world(), talk.channel(), user, keys, new Reach(roots, talk.nodes()));
        } catch (TlsMaterialException e) {
            throw CommandFault.failed("the user's TLS material is unusable: %s", Decode.reason(e));
        }
    }

    private static ByteString hash(X509Certificate certificate) {
        try {
            return ByteString.copyFrom(BlockHeader.sha256().digest(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw CommandFault.failed("the user's TLS certificate has no encoding: %s", Decode.reason(e));
        }
    }

    /// The node in turn.
    Network.Node node() {
        return nodes.get(at);
    }

    /// Gives the turn to the next node.
    void turn() {
        at = (at + 1) % nodes.size();
    }

    /// The nodes in the order they are tried.
    List<Network.Node> nodes() {
        return nodes;
    }

    /// A connection to the node in turn.
    OrdererClient connect() {
        return connect(node());
    }

    /// A connection to a node.
    OrdererClient connect(Network.Node node) {
        Target target = new Target(node.host(), node.ports().general());
        return OrdererClient.to(threads, target, roots, keys);
    }

    /// A signed envelope of type MESSAGE. Its transaction id is SHA-256 over nonce and creator, in hex, as Fabric's
    /// clients make it.
    ByteString message(ByteString data) {
        return envelope(HeaderType.MESSAGE_VALUE, data);
    }

    /// A signed request of Deliver.
    ByteString seek(ByteString seek) {
        return envelope(HeaderType.DELIVER_SEEK_INFO_VALUE, seek);
    }

    /// Whom this client acts as.
    LocalIdentity user() {
        return user;
    }

    /// A config update's envelope, signed by somebody.
    ByteString configUpdate(ByteString data, LocalIdentity signer) {
        return envelope(HeaderType.CONFIG_UPDATE_VALUE, data, signer);
    }

    private ByteString envelope(int type, ByteString data) {
        return envelope(type, data, user);
    }

    private ByteString envelope(int type, ByteString data, LocalIdentity signer) {
        byte[] bytes = new byte[NONCE_BYTES];
        world.chance().nextBytes(bytes);
        ByteString nonce = ByteString.copyFrom(bytes);
        var digest = BlockHeader.sha256();
        digest.update(bytes);
        digest.update(signer.creator().asReadOnlyByteBuffer());
        long now = world.clock().wallMillis();
        ByteString channelHeader = ChannelHeader.newBuilder()
                .setType(type)
                .setTimestamp(Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(now, 1000L))
                        .setNanos((int) Math.floorMod(now, 1000L) * 1_000_000))
                .setChannelId(channel)
                .setTxId(HexFormat.of().formatHex(digest.digest()))
                .setTlsCertHash(tlsHash)
                .build()
                .toByteString();
        ByteString signatureHeader = SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(nonce)
                .build()
                .toByteString();
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder().setChannelHeader(channelHeader).setSignatureHeader(signatureHeader))
                .setData(data)
                .build()
                .toByteString();
        return Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(signer.sign(payload))
                .build()
                .toByteString();
    }

    @Override
    public void close() {
        threads.close();
    }
}
