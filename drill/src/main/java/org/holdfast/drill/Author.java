package org.holdfast.drill;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import java.security.cert.X509Certificate;
import java.util.List;
import org.holdfast.env.World;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.OrdererClient;
import org.holdfast.transport.Target;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.Header;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// The sandbox's user: signs envelopes and connects to nodes. Safe from any thread.
public final class Author implements AutoCloseable {
    private static final int NONCE_BYTES = 24;

    private final World world;
    private final LocalIdentity user;
    private final TlsKeys keys;
    private final List<X509Certificate> roots;
    private final NetThreads threads;

    private Author(World world, LocalIdentity user, TlsKeys keys, List<X509Certificate> roots) {
        this.world = world;
        this.user = user;
        this.keys = keys;
        this.roots = roots;
        this.threads = NetThreads.start(world);
    }

    /// The user of a sandbox.
    public static Author of(Sandbox sandbox) {
        World world = sandbox.world();
        LocalIdentity user = LocalIdentity.load(
                world.disk(), sandbox.clients().userMsp(Sandbox.USER), Sandbox.CLIENT_MSP, sandbox.crypto());
        var tls = sandbox.clients().userTls(Sandbox.USER);
        try {
            TlsKeys keys = TlsKeys.load(world.disk(), tls.resolve("client.crt"), tls.resolve("client.key"));
            return new Author(world, user, keys, List.of(sandbox.nodeRoot()));
        } catch (TlsMaterialException e) {
            throw new IllegalStateException("the sandbox's own TLS material is unusable", e);
        }
    }

    /// A connection to a node.
    public OrdererClient connect(SandboxNode node) {
        return OrdererClient.to(threads, new Target(node.host(), node.port()), roots, keys);
    }

    /// A signed envelope of type MESSAGE.
    ///
    /// @param id becomes its transaction id
    public ByteString message(String id, ByteString data) {
        return envelope(HeaderType.MESSAGE_VALUE, id, data);
    }

    /// A signed request of Deliver.
    ///
    /// @param seek serialized `orderer.SeekInfo`
    public ByteString seek(ByteString seek, ByteString tlsCertificateHash) {
        return sign(
                ChannelHeader.newBuilder()
                        .setType(HeaderType.DELIVER_SEEK_INFO_VALUE)
                        .setTlsCertHash(tlsCertificateHash),
                seek);
    }

    /// The certificate shown to nodes.
    public X509Certificate tlsCertificate() {
        return keys.certificate();
    }

    @Override
    public void close() {
        threads.close();
    }

    private ByteString envelope(int type, String id, ByteString data) {
        return sign(ChannelHeader.newBuilder().setType(type).setTxId(id), data);
    }

    private ByteString sign(ChannelHeader.Builder header, ByteString data) {
        byte[] nonce = new byte[NONCE_BYTES];
        world.chance().nextBytes(nonce);
        long now = world.clock().wallMillis();
        ByteString channelHeader = header.setChannelId(Sandbox.CHANNEL)
                .setTimestamp(Timestamp.newBuilder()
                        .setSeconds(Math.floorDiv(now, 1000L))
                        .setNanos((int) Math.floorMod(now, 1000L) * 1_000_000))
                .build()
                .toByteString();
        ByteString signatureHeader = SignatureHeader.newBuilder()
                .setCreator(user.creator())
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteString();
        ByteString payload = Payload.newBuilder()
                .setHeader(Header.newBuilder().setChannelHeader(channelHeader).setSignatureHeader(signatureHeader))
                .setData(data)
                .build()
                .toByteString();
        return Envelope.newBuilder()
                .setPayload(payload)
                .setSignature(user.sign(payload))
                .build()
                .toByteString();
    }
}
