package org.holdfast.transport;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.CheckpointRequest;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.RendezvousReply;
import org.holdfast.wire.proto.RendezvousRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;

/// The methods on the wire. `orderer.AtomicBroadcast` is Fabric's (orderer/ab.proto); `holdfast.v1.Cluster` is
/// ours (cluster.proto), its blocks being `common.Block` messages as stored.
final class Methods {
    static final String ATOMIC_BROADCAST = "orderer.AtomicBroadcast";
    static final String CLUSTER = "holdfast.v1.Cluster";

    /// Envelope → BroadcastResponse.
    static final MethodDescriptor<ByteString, ByteString> BROADCAST =
            bytes(MethodType.BIDI_STREAMING, ATOMIC_BROADCAST, "Broadcast");

    /// Envelope → DeliverResponse.
    static final MethodDescriptor<ByteString, ByteString> DELIVER =
            bytes(MethodType.BIDI_STREAMING, ATOMIC_BROADCAST, "Deliver");

    static final MethodDescriptor<RendezvousRequest, RendezvousReply> RENDEZVOUS = MethodDescriptor.newBuilder(
                    Marshallers.of(RendezvousRequest.parser()), Marshallers.of(RendezvousReply.parser()))
            .setType(MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(CLUSTER, "Rendezvous"))
            .build();

    static final MethodDescriptor<SubmitRequest, SubmitReply> SUBMIT = MethodDescriptor.newBuilder(
                    Marshallers.of(SubmitRequest.parser()), Marshallers.of(SubmitReply.parser()))
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(CLUSTER, "Submit"))
            .build();

    static final MethodDescriptor<BlocksRequest, ByteString> BLOCKS = MethodDescriptor.newBuilder(
                    Marshallers.of(BlocksRequest.parser()), Marshallers.BYTES)
            .setType(MethodType.SERVER_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(CLUSTER, "Blocks"))
            .build();

    /// The flow is of serialized CheckpointPart messages.
    static final MethodDescriptor<CheckpointRequest, ByteString> CHECKPOINT = MethodDescriptor.newBuilder(
                    Marshallers.of(CheckpointRequest.parser()), Marshallers.BYTES)
            .setType(MethodType.SERVER_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(CLUSTER, "Checkpoint"))
            .build();

    static final MethodDescriptor<Question, Answer> ASK = MethodDescriptor.newBuilder(
                    Marshallers.of(Question.parser()), Marshallers.of(Answer.parser()))
            .setType(MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(CLUSTER, "Ask"))
            .build();

    private Methods() {}

    private static MethodDescriptor<ByteString, ByteString> bytes(MethodType type, String service, String method) {
        return MethodDescriptor.newBuilder(Marshallers.BYTES, Marshallers.BYTES)
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .build();
    }
}
