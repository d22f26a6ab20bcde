package org.holdfast.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.IOException;
import org.holdfast.env.Invariant;
import org.holdfast.env.World;
import org.hyperledger.fabric.protos.orderer.DeliverResponse;

/// One Deliver stream at the listener: a request, its blocks and status, then the next request. After SUCCESS the
/// stream takes another one, after any other status it ends with gRPC status OK; a message that is no Envelope ends it
/// with INTERNAL, one that is too large with RESOURCE_EXHAUSTED.
final class DeliverCall extends ServerCall.Listener<ByteString> {
    private static final int BLOCK_TAG =
            (DeliverResponse.BLOCK_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int PREFIX_BYTES_MAX = 6;

    private final ServerCall<ByteString, ByteString> call;
    private final DeliverService service;
    private final Peer peer;
    private final World world;
    private final ListenerSettings.Limits limits;
    private final Outflow out;
    private volatile boolean answering;
    private volatile boolean halfClosed;

    /// Made where the call starts: what it sends belongs to that call's context.
    DeliverCall(
            ServerCall<ByteString, ByteString> call,
            DeliverService service,
            Peer peer,
            World world,
            ListenerSettings.Limits limits) {
        this.call = call;
        this.service = service;
        this.peer = peer;
        this.world = world;
        this.limits = limits;
        this.out = new Outflow(call, world.clock(), limits.timeouts().readerStall());
    }

    /// Begins to take requests.
    DeliverCall open() {
        call.sendHeaders(new Metadata());
        call.request(1);
        return this;
    }

    @Override
    public void onMessage(ByteString request) {
        Status noEnvelope = Marshallers.envelopeFault(request, limits.messageBytes());
        if (noEnvelope != null) {
            out.end(noEnvelope, new Metadata());
            return;
        }
        answering = true;
        world.start("deliver", () -> answer(request));
    }

    @Override
    public void onHalfClose() {
        halfClosed = true;
        if (!answering) {
            out.end(Status.OK, new Metadata());
        }
    }

    @Override
    public void onCancel() {
        out.cancelled();
    }

    @Override
    public void onReady() {
        out.ready();
    }

    private void answer(ByteString request) {
        Sink sink = new Sink();
        try {
            try {
                service.deliver(request, peer, sink);
                Invariant.check(sink.done || out.isGone(), "a delivery ends with a status");
            } catch (RuntimeException e) {
                sink.status(Answers.broadcast(e).status());
            }
        } catch (ReaderGone _) {
            // Nobody is left to be told.
            return;
        }
        out.forgetGoneActions();
        answering = false;
        if (sink.last != BroadcastAnswer.SUCCESS || halfClosed) {
            out.end(Status.OK, new Metadata());
        } else {
            call.request(1);
        }
    }

    /// DeliverResponse{block=2}, its bytes those of the stored block behind a tag and a length.
    static ByteString blockResponse(ByteString storedBlock) {
        ByteString.Output prefix = ByteString.newOutput(PREFIX_BYTES_MAX);
        try {
            CodedOutputStream coded = CodedOutputStream.newInstance(prefix, PREFIX_BYTES_MAX);
            coded.writeUInt32NoTag(BLOCK_TAG);
            coded.writeUInt32NoTag(storedBlock.size());
            coded.flush();
        } catch (IOException e) {
            throw Invariant.broken("memory can be written: %s", e);
        }
        return prefix.toByteString().concat(storedBlock);
    }

    /// Used by the thread of one answer only.
    private final class Sink implements DeliverSink {
        private boolean done;
        private int last;

        @Override
        public void block(ByteString storedBlock) throws ReaderGone {
            Invariant.check(!done, "no block follows a status");
            out.send(blockResponse(storedBlock));
        }

        @Override
        public void status(int status) throws ReaderGone {
            Invariant.check(!done, "one status ends an answer");
            done = true;
            last = status;
            out.send(DeliverResponse.newBuilder().setStatusValue(status).build().toByteString());
        }

        @Override
        public boolean isGone() {
            return out.isGone();
        }

        @Override
        public void onGone(Runnable action) {
            out.onGone(action);
        }
    }
}
