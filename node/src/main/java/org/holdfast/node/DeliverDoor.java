package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.MessageDigest;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import org.holdfast.channel.Admission;
import org.holdfast.env.Clock;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.Orderer;
import org.holdfast.transport.DeliverService;
import org.holdfast.transport.DeliverSink;
import org.holdfast.transport.Peer;
import org.holdfast.transport.ReaderGone;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.orderer.SeekInfo;

/// `AtomicBroadcast.Deliver`: a seek request in, stored blocks out, then a status. Holds no state of its own; each
/// request has a virtual thread and a cursor.
final class DeliverDoor implements DeliverService {
    private static final int SUCCESS = 200;
    /// General.Authentication.TimeWindow: how far a request's time may be off.
    private static final Duration TIME_WINDOW = Duration.ofMinutes(15);
    /// How often a waiting reader is looked after: has it expired, has the channel lost its leader.
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Channels channels;
    private final Clock clock;
    private final boolean bindTls;

    /// @param bindTls whether a request must carry the hash of its connection's client certificate (mutual TLS)
    DeliverDoor(Channels channels, Clock clock, boolean bindTls) {
        this.channels = channels;
        this.clock = clock;
        this.bindTls = bindTls;
    }

    @Override
    public void deliver(ByteString request, Peer peer, DeliverSink sink) throws ReaderGone {
        EnvelopeView envelope = decode(request);
        checkHeader(envelope, peer);
        String name = envelope.channelHeader().getChannelId();
        Orderer orderer = (ChannelId.isValid(name) ? channels.find(new ChannelId(name)) : Optional.<Orderer>empty())
                .orElseThrow(() -> Refusal.of(Code.SEEK_UNKNOWN_CHANNEL, "channel '%s' is not on this node", name)
                        .asException());
        Admission.checkReader(envelope, orderer.config(), clock).ifPresent(refusal -> {
            throw refusal.asException();
        });
        Seek seek = Seek.of(seekInfo(envelope), orderer.feed().height());
        send(new Delivery(orderer, seek, envelope.creator()), sink);
    }

    private record Delivery(Orderer orderer, Seek seek, ByteString creator) {}

    private void send(Delivery delivery, DeliverSink sink) throws ReaderGone {
        Seek seek = delivery.seek;
        try (Cursor cursor = delivery.orderer.feed().cursor(seek.from())) {
            sink.onGone(cursor::close);
            while (Long.compareUnsigned(cursor.position(), seek.last()) <= 0) {
                checkStill(delivery);
                StoredBlock block = cursor.poll();
                if (block == null && seek.failIfNotReady()) {
                    sink.status(Code.SEEK_BEYOND_TIP.status());
                    return;
                }
                if (block == null) {
                    block = cursor.await(LOOK);
                }
                if (block != null) {
                    sink.block(block.bytes());
                } else if (cursor.isClosed()) {
                    sink.status(Code.SEEK_UNAVAILABLE.status());
                    return;
                }
            }
            sink.status(SUCCESS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            sink.status(Code.SEEK_UNAVAILABLE.status());
        }
    }

    private void checkStill(Delivery delivery) {
        Admission.readerExpired(delivery.creator, delivery.orderer.config(), clock)
                .ifPresent(refusal -> {
                    throw refusal.asException();
                });
        boolean leaderless = delivery.orderer.config().consenters().size() > 2
                && delivery.orderer.status().leader().isEmpty();
        if (delivery.seek.strict()
                && (leaderless || delivery.orderer.status().problem().isPresent())) {
            throw Refusal.of(
                            Code.SEEK_UNAVAILABLE,
                            "channel %s has no leader at this node",
                            delivery.orderer.config().id())
                    .asException();
        }
    }

    private static EnvelopeView decode(ByteString request) {
        try {
            return EnvelopeView.of(request);
        } catch (InvalidProtocolBufferException e) {
            throw malformed("the request cannot be decoded: " + Decode.reason(e));
        }
    }

    private static SeekInfo seekInfo(EnvelopeView envelope) {
        try {
            return SeekInfo.parseFrom(envelope.data());
        } catch (InvalidProtocolBufferException e) {
            throw malformed("the seek info cannot be decoded: " + Decode.reason(e));
        }
    }

    private void checkHeader(EnvelopeView envelope, Peer peer) {
        if (!envelope.channelHeader().hasTimestamp()) {
            throw malformed("the channel header has no timestamp");
        }
        long sent = envelope.channelHeader().getTimestamp().getSeconds() * 1000;
        if (Math.abs(clock.wallMillis() - sent) > TIME_WINDOW.toMillis()) {
            throw Refusal.of(
                            Code.SEEK_STALE_REQUEST,
                            "the request's time is more than %d minutes off this node's",
                            TIME_WINDOW.toMinutes())
                    .asException();
        }
        X509Certificate certificate = peer.certificate();
        if (bindTls && certificate != null && !bound(envelope, certificate)) {
            throw malformed("tls_cert_hash is not the hash of the client certificate of this connection");
        }
    }

    private static boolean bound(EnvelopeView envelope, X509Certificate certificate) {
        try {
            byte[] hash = BlockHeader.sha256().digest(certificate.getEncoded());
            return MessageDigest.isEqual(
                    hash, envelope.channelHeader().getTlsCertHash().toByteArray());
        } catch (CertificateEncodingException e) {
            throw malformed("the client certificate has no encoding");
        }
    }

    private static Refusal.Refused malformed(String text) {
        return Refusal.of(Code.SEEK_MALFORMED, "%s", text).asException();
    }
}
