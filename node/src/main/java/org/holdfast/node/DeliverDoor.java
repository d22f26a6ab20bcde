package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.holdfast.env.Clock;
import org.holdfast.ledger.Cursor;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.Orderer;
import org.holdfast.transport.DeliverService;
import org.holdfast.transport.DeliverSink;
import org.holdfast.transport.Peer;
import org.holdfast.transport.ReaderGone;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.Refusal.Refused;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `AtomicBroadcast.Deliver`: a seek request in, stored blocks out, then a status. Holds no state of its own; each
/// request has a virtual thread and a cursor.
///
/// What is asked in which order is Fabric's: header, channel, seek info, leader, reader, range. A request with two
/// faults gets the status its clients know.
final class DeliverDoor implements DeliverService {
    private static final Logger LOG = LoggerFactory.getLogger(DeliverDoor.class);
    private static final int SUCCESS = 200;
    /// How often a waiting reader is looked after: has it expired, has the channel lost its leader.
    private static final Duration LOOK = Duration.ofSeconds(1);
    /// Farther off than any clock, and its milliseconds still fit a long.
    private static final long SECONDS_MOST = 1L << 50;

    /// What a request must show.
    ///
    /// @param bindTls whether it must carry the hash of its connection's client certificate (mutual TLS)
    /// @param timeWindow how far its time may be off this node's (`General.Authentication.TimeWindow`)
    /// @param checkExpiry whether the reader's certificate must not have run out (off with
    ///     `General.Authentication.NoExpirationChecks`)
    record Rules(boolean bindTls, Duration timeWindow, boolean checkExpiry) {
        private static final Duration TIME_WINDOW = Duration.ofMinutes(15);

        /// Fabric's defaults: 15 minutes, expiry checked.
        static Rules usual(boolean bindTls) {
            return new Rules(bindTls, TIME_WINDOW, true);
        }
    }

    private final Function<ChannelId, Optional<Orderer>> channels;
    private final Clock clock;
    private final Rules rules;

    /// @param channels the open channels of this node
    DeliverDoor(Function<ChannelId, Optional<Orderer>> channels, Clock clock, Rules rules) {
        this.channels = channels;
        this.clock = clock;
        this.rules = rules;
    }

    @Override
    public void deliver(ByteString request, Peer peer, DeliverSink sink) throws ReaderGone {
        try {
            serve(request, peer, sink);
        } catch (Refused e) {
            // The answer has no room for a reason: it stands here or nowhere.
            LOG.info(
                    "Deliver to {} ends with {}: {}",
                    peer.address(),
                    e.refusal().code().status(),
                    e.refusal());
            throw e;
        }
    }

    private void serve(ByteString request, Peer peer, DeliverSink sink) throws ReaderGone {
        EnvelopeView envelope = decode(request);
        checkTime(envelope);
        checkBinding(envelope, peer);
        String name = envelope.channelHeader().getChannelId();
        Optional<Orderer> orderer = ChannelId.isValid(name) ? channels.apply(new ChannelId(name)) : Optional.empty();
        if (orderer.isEmpty()) {
            // Clients ask again and again until a node has joined the channel.
            LOG.debug("Deliver of channel '{}' to {}: it is not on this node", name, peer.address());
            sink.status(Code.SEEK_UNKNOWN_CHANNEL.status());
            return;
        }
        SeekInfo info = seekInfo(envelope);
        ReaderSession session = new ReaderSession(
                new ReaderSession.Channel(orderer.get()::config, orderer.get()::status),
                envelope,
                clock,
                new ReaderSession.Demands(Seek.strict(info), rules.checkExpiry));
        session.requireLeader();
        session.requireAdmitted();
        send(session, Seek.of(info, orderer.get().feed().height()), orderer.get(), sink);
    }

    private void send(ReaderSession session, Seek seek, Orderer orderer, DeliverSink sink) throws ReaderGone {
        try (Cursor cursor = orderer.feed().cursor(seek.from())) {
            sink.onGone(cursor::close);
            boolean more = true;
            while (more) {
                session.requireLeader();
                StoredBlock block = seek.failIfNotReady() ? cursor.poll() : awaited(cursor, session);
                if (block == null) {
                    sink.status((cursor.isClosed() ? Code.SEEK_UNAVAILABLE : Code.SEEK_BEYOND_TIP).status());
                    return;
                }
                session.requireAdmitted();
                sink.block(seek.headersOnly() ? SignedHeader.of(block) : block.bytes());
                more = block.number() != seek.last();
            }
            sink.status(SUCCESS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            sink.status(Code.SEEK_UNAVAILABLE.status());
        }
    }

    /// The next block, once there is one.
    ///
    /// @return null when the reader has gone or the channel was closed
    private static @Nullable StoredBlock awaited(Cursor cursor, ReaderSession session) throws InterruptedException {
        StoredBlock block = cursor.await(LOOK);
        while (block == null && !cursor.isClosed()) {
            session.requireLeader();
            session.requireAdmitted();
            block = cursor.await(LOOK);
        }
        return block;
    }

    private static EnvelopeView decode(ByteString request) {
        try {
            return EnvelopeView.of(request);
        } catch (InvalidProtocolBufferException e) {
            throw malformed(
                    "the request cannot be decoded: " + HeaderFault.of(request).orElseGet(() -> Decode.reason(e)));
        }
    }

    private static SeekInfo seekInfo(EnvelopeView envelope) {
        try {
            return SeekInfo.parseFrom(envelope.data());
        } catch (InvalidProtocolBufferException e) {
            throw malformed("the seek info cannot be decoded: " + Decode.reason(e));
        }
    }

    private void checkTime(EnvelopeView envelope) {
        if (!envelope.channelHeader().hasTimestamp()) {
            throw malformed("the channel header has no timestamp");
        }
        Timestamp timestamp = envelope.channelHeader().getTimestamp();
        long sent = Math.clamp(timestamp.getSeconds(), -SECONDS_MOST, SECONDS_MOST) * 1000
                + timestamp.getNanos() / 1_000_000;
        if (Math.abs(clock.wallMillis() - sent) > rules.timeWindow.toMillis()) {
            throw stale("the request's time is more than %d s off this node's: set the clocks, sign a new request"
                    .formatted(rules.timeWindow.toSeconds()));
        }
    }

    /// A request that is bound to its connection cannot be replayed by somebody who only saw it.
    private void checkBinding(EnvelopeView envelope, Peer peer) {
        if (!rules.bindTls) {
            return;
        }
        ByteString claimed = envelope.channelHeader().getTlsCertHash();
        if (claimed.isEmpty()) {
            throw stale("client didn't include its TLS cert hash: set tls_cert_hash to the SHA-256 of its certificate");
        }
        Optional<ByteString> actual = peer.certificateHash();
        if (actual.isEmpty()) {
            throw stale("client didn't send a TLS certificate that is trusted here");
        }
        if (!MessageDigest.isEqual(actual.get().toByteArray(), claimed.toByteArray())) {
            throw stale("tls_cert_hash is not the hash of the client certificate of this connection");
        }
    }

    private static Refused malformed(String text) {
        return Refusal.of(Code.SEEK_MALFORMED, "%s", text).asException();
    }

    private static Refused stale(String text) {
        return Refusal.of(Code.SEEK_STALE_REQUEST, "%s", text).asException();
    }
}
