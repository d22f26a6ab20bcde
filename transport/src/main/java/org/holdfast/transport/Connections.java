package org.holdfast.transport;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.holdfast.env.Clock;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of one listener: how many there may be, and who is at their other end.
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final Attributes.Key<Presented> PRESENTED = Attributes.Key.create("holdfast-presented");
    private static final SocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

    private final PeerTrust trust;
    private final int limit;
    private final AtomicInteger open = new AtomicInteger();
    private final RareLog failedHandshakes;
    private final RareLog turnedAway;

    Connections(PeerTrust trust, int limit, Clock clock) {
        this.trust = trust;
        this.limit = limit;
        this.failedHandshakes = new RareLog(clock);
        this.turnedAway = new RareLog(clock);
    }

    /// What a peer showed in its handshake, and whether it is a trusted client's certificate.
    private record Presented(
            SocketAddress address, @Nullable X509Certificate certificate, boolean client) {}

    /// A listening socket that closes connections beyond the limit as they are accepted.
    NioServerSocketChannel newServerChannel() {
        return new BoundedServerChannel();
    }

    /// Looks at a connection once, after its handshake.
    ServerTransportFilter filter() {
        return new ServerTransportFilter() {
            @Override
            public Attributes transportReady(Attributes attributes) {
                return attributes.toBuilder().set(PRESENTED, look(attributes)).build();
            }

            @Override
            public void transportTerminated(@Nullable Attributes attributes) {
                if (attributes == null || attributes.get(PRESENTED) == null) {
                    failedHandshakes
                            .count()
                            .ifPresent(count -> LOG.info(
                                    "{} connection(s) ended before their handshake did: not TLS, or not trusted",
                                    count));
                }
            }
        };
    }

    /// Who makes this call. A member is one whose key is pinned now, not when it connected.
    Peer peerOf(ServerCall<?, ?> call) {
        Presented presented = call.getAttributes().get(PRESENTED);
        if (presented == null) {
            return new Peer(UNKNOWN, null, null);
        }
        X509Certificate certificate = presented.certificate();
        if (certificate != null && trust.isPinned(certificate.getPublicKey())) {
            return new Peer(presented.address(), certificate, Peer.seatOf(certificate.getPublicKey()));
        }
        return new Peer(presented.address(), presented.client() ? certificate : null, null);
    }

    /// Whether a member that has made a call is still one.
    boolean isStillMember(Peer peer) {
        return peer.certificate() != null && trust.isPinned(peer.certificate().getPublicKey());
    }

    /// What somebody is told who calls a cluster method without being a member.
    static Refusal notMember(Peer peer) {
        return Refusal.of(
                Code.NOT_A_MEMBER,
                "%s is no member here: its TLS certificate's key is in no channel's consenter set this node knows."
                        + " Check the node's TLS certificate and the consenters in the channel configuration",
                peer.address());
    }

    private Presented look(Attributes attributes) {
        SocketAddress address = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        X509Certificate[] chain = session == null ? new X509Certificate[0] : chain(session);
        SocketAddress known = address == null ? UNKNOWN : address;
        return chain.length == 0
                ? new Presented(known, null, false)
                : new Presented(known, chain[0], trust.isClient(chain));
    }

    private static X509Certificate[] chain(SSLSession session) {
        try {
            Certificate[] sent = session.getPeerCertificates();
            return Arrays.copyOf(sent, sent.length, X509Certificate[].class);
        } catch (SSLPeerUnverifiedException _) {
            return new X509Certificate[0];
        }
    }

    private final class BoundedServerChannel extends NioServerSocketChannel {
        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            int read = super.doReadMessages(accepted);
            if (read > 0 && accepted.getLast() instanceof io.netty.channel.Channel channel) {
                if (open.incrementAndGet() > limit) {
                    open.decrementAndGet();
                    accepted.removeLast();
                    channel.unsafe().closeForcibly();
                    turnedAway
                            .count()
                            .ifPresent(count -> LOG.warn(
                                    "{} connection(s) turned away: {} are open, which is the limit", count, limit));
                } else {
                    channel.closeFuture().addListener(_ -> open.decrementAndGet());
                }
            }
            return read;
        }
    }
}
