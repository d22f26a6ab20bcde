package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.time.Duration;
import org.holdfast.env.World;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.jspecify.annotations.Nullable;

/// The methods between members. Each call asks anew whether the peer's key is pinned.
final class ClusterCalls {
    private final ClusterService service;
    private final Connections connections;
    private final World world;
    private final Duration stall;

    ClusterCalls(ClusterService service, Connections connections, World world, Duration stall) {
        this.service = service;
        this.connections = connections;
        this.world = world;
        this.stall = stall;
    }

    ServerCallHandler<RendezvousRequest, RendezvousReply> rendezvous() {
        return (call, headers) -> {
            Peer peer = member(call);
            call.request(2);
            return peer == null ? refused() : new RendezvousCall(call, peer);
        };
    }

    ServerCallHandler<SubmitRequest, SubmitReply> submit() {
        return (call, headers) -> {
            Peer peer = member(call);
            if (peer == null) {
                return refused();
            }
            return new SubmitCall(call, service, peer, () -> connections.isStillMember(peer)).open();
        };
    }

    ServerCallHandler<BlocksRequest, ByteString> blocks() {
        return flow("blocks", service::blocks);
    }

    ServerCallHandler<CheckpointRequest, ByteString> checkpoint() {
        return flow("checkpoint", (request, peer, sink) -> service.checkpoint(request, peer, sink::block));
    }

    private <T> ServerCallHandler<T, ByteString> flow(String name, Flowing<T> answer) {
        return (call, headers) -> {
            Peer peer = member(call);
            call.request(2);
            return peer == null
                    ? refused()
                    : new FlowCall<>(call, peer, new Flow<>(name, answer, new Outflow(call, world.clock(), stall)));
        };
    }

    /// Answers one request with many messages.
    @FunctionalInterface
    private interface Flowing<T> {
        void answer(T request, Peer peer, BlockSink sink) throws ReaderGone;
    }

    /// @param name of the thread that answers
    private record Flow<T>(String name, Flowing<T> answer, Outflow out) {}

    ServerCallHandler<Question, Answer> ask() {
        return (call, headers) -> {
            Peer peer = member(call);
            call.request(2);
            return peer == null ? refused() : new AskCall(call, service, peer);
        };
    }

    /// Who calls; ends the call when it is no member.
    private @Nullable Peer member(ServerCall<?, ?> call) {
        Peer peer = connections.peerOf(call);
        if (peer.seat() != null) {
            return peer;
        }
        Answers.Ending ending = Answers.member(Connections.notMember(peer));
        call.close(ending.status(), ending.trailers());
        return null;
    }

    private static <T> ServerCall.Listener<T> refused() {
        return new ServerCall.Listener<>() {};
    }

    private final class RendezvousCall extends ServerCall.Listener<RendezvousRequest> {
        private final ServerCall<RendezvousRequest, RendezvousReply> call;
        private final Peer peer;
        private @Nullable RendezvousRequest request;

        RendezvousCall(ServerCall<RendezvousRequest, RendezvousReply> call, Peer peer) {
            this.call = call;
            this.peer = peer;
        }

        @Override
        public void onMessage(RendezvousRequest message) {
            request = message;
        }

        @Override
        public void onHalfClose() {
            if (request == null) {
                call.close(Status.INVALID_ARGUMENT.withDescription("no request came"), new Metadata());
                return;
            }
            RendezvousReply reply;
            try {
                reply = service.rendezvous(request, peer);
            } catch (RuntimeException e) {
                Answers.Ending ending = Answers.member(e);
                call.close(ending.status(), ending.trailers());
                return;
            }
            call.sendHeaders(new Metadata());
            call.sendMessage(reply);
            call.close(Status.OK, new Metadata());
        }
    }

    private final class FlowCall<T> extends ServerCall.Listener<T> implements BlockSink {
        private final ServerCall<T, ByteString> call;
        private final Peer peer;
        private final Flow<T> flow;
        private final Outflow out;

        FlowCall(ServerCall<T, ByteString> call, Peer peer, Flow<T> flow) {
            this.call = call;
            this.peer = peer;
            this.flow = flow;
            this.out = flow.out();
        }

        @Override
        public void onMessage(T request) {
            call.sendHeaders(new Metadata());
            world.start(flow.name(), () -> answer(request));
        }

        @Override
        public void onCancel() {
            out.cancelled();
        }

        @Override
        public void onReady() {
            out.ready();
        }

        private void answer(T request) {
            try {
                flow.answer().answer(request, peer, this);
                out.end(Status.OK, new Metadata());
            } catch (RuntimeException e) {
                Answers.Ending ending = Answers.member(e);
                out.end(ending.status(), ending.trailers());
            } catch (ReaderGone _) {
                // Nobody is left to be told.
                return;
            }
        }

        @Override
        public void block(ByteString storedBlock) throws ReaderGone {
            if (!connections.isStillMember(peer)) {
                throw Connections.notMember(peer).asException();
            }
            out.send(storedBlock);
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
