package org.holdfast.transport;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/// Tells whether a call ever got onto a connection. If it did not, none of its messages was sent, for certain.
final class SentProbe extends ClientStreamTracer.Factory {
    private volatile boolean onConnection;

    /// Whether a message of the call may have been sent.
    boolean maybeSent() {
        return onConnection;
    }

    CallOptions options() {
        return CallOptions.DEFAULT.withStreamTracerFactory(this);
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transport, Metadata sentHeaders) {
                onConnection = true;
            }
        };
    }
}
