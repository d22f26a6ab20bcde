package org.holdfast.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastService;
import org.holdfast.transport.DeliverService;
import org.holdfast.transport.DeliverSink;
import org.holdfast.transport.Peer;
import org.holdfast.transport.ReaderGone;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Outcomes;

/// Counts what comes to the Broadcast and Deliver doors, whatever becomes of it, under Fabric's names. Stands before
/// the doors and changes nothing. A channel that is not here is counted as `unknown`.
final class DoorFigures {
    static final Metric.Counter PROCESSED = Metric.counter(
            "broadcast_processed_count",
            "Envelopes answered, by what they were and what was answered.",
            "envelopes",
            "channel",
            "type",
            "status");
    static final Metric.Counter BLOCKS_SENT = Metric.counter(
            "deliver_blocks_sent", "Blocks sent to readers.", "blocks", "channel", "filtered", "data_type");
    static final Metric.Counter REQUESTS = Metric.counter(
            "deliver_requests_received", "Requests for blocks.", "requests", "channel", "filtered", "data_type");
    static final Metric.Counter COMPLETED = Metric.counter(
            "deliver_requests_completed",
            "Requests for blocks that ended; success is false after any status but SUCCESS.",
            "requests",
            "channel",
            "filtered",
            "data_type",
            "success");
    static final List<Metric> ALL = List.of(PROCESSED, BLOCKS_SENT, REQUESTS, COMPLETED);

    private static final int SUCCESS = 200;
    private static final int INTERNAL_ERROR = 500;
    private static final String FILTERED = "false";
    private static final String DATA = "block";

    private final Metrics metrics;
    private final Predicate<ChannelId> known;
    private final Map<String, OfChannel> channels = new ConcurrentHashMap<>();
    private final OfChannel elsewhere;

    /// @param known whether a channel is on this node
    DoorFigures(Metrics metrics, Predicate<ChannelId> known) {
        this.metrics = metrics;
        this.known = known;
        this.elsewhere = new OfChannel(metrics, Outcomes.UNKNOWN);
    }

    /// The series of one channel.
    private static final class OfChannel {
        private final Outcomes<Metrics.Counter> processed;
        private final Metrics.Counter blocks;
        private final Metrics.Counter requests;
        private final Metrics.Counter succeeded;
        private final Metrics.Counter failed;

        OfChannel(Metrics metrics, String channel) {
            this.processed = new Outcomes<>((type, status) -> metrics.counter(PROCESSED, channel, type, status));
            this.blocks = metrics.counter(BLOCKS_SENT, channel, FILTERED, DATA);
            this.requests = metrics.counter(REQUESTS, channel, FILTERED, DATA);
            this.succeeded = metrics.counter(COMPLETED, channel, FILTERED, DATA, "true");
            this.failed = metrics.counter(COMPLETED, channel, FILTERED, DATA, "false");
        }
    }

    BroadcastService counting(BroadcastService door) {
        return (envelope, peer) -> broadcast(door, envelope, peer);
    }

    DeliverService counting(DeliverService door) {
        return (request, peer, sink) -> deliver(door, request, peer, sink);
    }

    private CompletableFuture<BroadcastAnswer> broadcast(BroadcastService door, ByteString envelope, Peer peer) {
        Glance glance = Glance.at(envelope);
        Outcomes<Metrics.Counter> processed = of(glance.channel).processed;
        return door.broadcast(envelope, peer)
                .whenComplete((answer, failure) -> processed
                        .of(glance.type, failure == null ? answer.status() : INTERNAL_ERROR)
                        .increment());
    }

    private void deliver(DeliverService door, ByteString request, Peer peer, DeliverSink sink) throws ReaderGone {
        OfChannel figures = of(Glance.at(request).channel);
        figures.requests.increment();
        CountedSink counted = new CountedSink(sink, figures.blocks);
        try {
            door.deliver(request, peer, counted);
        } finally {
            (counted.status == SUCCESS ? figures.succeeded : figures.failed).increment();
        }
    }

    private OfChannel of(String name) {
        OfChannel figures = channels.get(name);
        if (figures != null) {
            return figures;
        }
        boolean here = ChannelId.isValid(name) && known.test(new ChannelId(name));
        return here ? channels.computeIfAbsent(name, channel -> new OfChannel(metrics, channel)) : elsewhere;
    }

    private static final class CountedSink implements DeliverSink {
        private final DeliverSink sink;
        private final Metrics.Counter blocks;
        private int status;

        CountedSink(DeliverSink sink, Metrics.Counter blocks) {
            this.sink = sink;
            this.blocks = blocks;
        }

        @Override
        public void block(ByteString storedBlock) throws ReaderGone {
            sink.block(storedBlock);
            blocks.increment();
        }

        @Override
        public boolean isGone() {
            return sink.isGone();
        }

        @Override
        public void onGone(Runnable action) {
            sink.onGone(action);
        }

        @Override
        public void status(int number) throws ReaderGone {
            status = number;
            sink.status(number);
        }
    }

    /// An envelope's channel and type, read off its bytes without decoding the rest. The door decodes and judges; this
    /// only says under which names it is counted.
    ///
    /// Field numbers: Envelope.payload 1, Payload.header 1, Header.channel_header 1, ChannelHeader.type 1 and
    /// channel_id 4 (fabric-protos, common/common.proto).
    record Glance(int type, String channel) {
        private static final Glance NONE = new Glance(Outcomes.NO_TYPE, "");
        private static final int FIRST_BYTES = 1 << 3 | 2;
        private static final int TYPE = 1 << 3;
        private static final int CHANNEL = 4 << 3 | 2;

        static Glance at(ByteString envelope) {
            try {
                return header(first(first(first(envelope))));
            } catch (IOException malformed) {
                // The door says what is wrong with it.
                return NONE;
            }
        }

        private static Glance header(ByteString header) throws IOException {
            CodedInputStream in = header.newCodedInput();
            int type = 0;
            String channel = "";
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (tag) {
                    case TYPE -> type = in.readInt32();
                    case CHANNEL -> channel = in.readString();
                    default -> in.skipField(tag);
                }
            }
            return new Glance(type, channel);
        }

        private static ByteString first(ByteString message) throws IOException {
            CodedInputStream in = message.newCodedInput();
            in.enableAliasing(true);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == FIRST_BYTES) {
                    return in.readBytes();
                }
                in.skipField(tag);
            }
            return ByteString.EMPTY;
        }
    }
}
