package org.holdfast.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.Envelope;
import org.jspecify.annotations.Nullable;

/// Messages as bytes: one copy on the way in (out of the frame), one on the way out (into the frame).
final class Marshallers {
    /// Messages that are only passed on.
    static final MethodDescriptor.Marshaller<ByteString> BYTES = new BytesMarshaller();

    private Marshallers() {}

    /// Messages that are read here; their byte fields point into the received array.
    static <T extends MessageLite> MethodDescriptor.Marshaller<T> of(Parser<T> parser) {
        return new MessageMarshaller<>(parser);
    }

    /// How a call ends on which something came that is larger than the listener takes, or no `common.Envelope`: as
    /// Go's gRPC ends it, because there a message is measured and decoded before anybody sees it.
    ///
    /// @return null for an envelope, whatever it carries
    static @Nullable Status envelopeFault(ByteString message, int messageBytes) {
        if (message.size() > messageBytes) {
            return Status.RESOURCE_EXHAUSTED.withDescription(
                    "received message larger than max (%d vs. %d bytes)".formatted(message.size(), messageBytes));
        }
        try {
            Decode.aliasing(Envelope.parser(), message);
            return null;
        } catch (InvalidProtocolBufferException e) {
            return Status.INTERNAL.withDescription("failed to unmarshal the received message: " + Decode.reason(e));
        }
    }

    private static ByteString read(InputStream in) {
        try {
            // The array is ours alone from here on.
            return UnsafeByteOperations.unsafeWrap(in.readAllBytes());
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("a message could not be read whole")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private static final class BytesMarshaller implements MethodDescriptor.Marshaller<ByteString> {
        @Override
        public InputStream stream(ByteString value) {
            return new Outgoing(value.size()) {
                @Override
                InputStream open() {
                    return value.newInput();
                }

                @Override
                void writeTo(OutputStream target) throws IOException {
                    value.writeTo(target);
                }
            };
        }

        @Override
        public ByteString parse(InputStream stream) {
            return read(stream);
        }
    }

    private static final class MessageMarshaller<T extends MessageLite> implements MethodDescriptor.Marshaller<T> {
        private final Parser<T> parser;

        MessageMarshaller(Parser<T> parser) {
            this.parser = parser;
        }

        @Override
        public InputStream stream(T value) {
            return new Outgoing(value.getSerializedSize()) {
                @Override
                InputStream open() {
                    return value.toByteString().newInput();
                }

                @Override
                void writeTo(OutputStream target) throws IOException {
                    value.writeTo(target);
                }
            };
        }

        @Override
        public T parse(InputStream stream) {
            try {
                return Decode.aliasing(parser, read(stream));
            } catch (InvalidProtocolBufferException e) {
                throw Status.INVALID_ARGUMENT
                        .withDescription("malformed message: " + e.getMessage())
                        .withCause(e)
                        .asRuntimeException();
            }
        }
    }

    /// Lets gRPC write straight into its frame; read as a stream only where gRPC compresses or inspects.
    private abstract static class Outgoing extends InputStream implements Drainable, KnownLength {
        private int remaining;
        private @Nullable InputStream opened;

        Outgoing(int size) {
            this.remaining = size;
        }

        abstract InputStream open();

        abstract void writeTo(OutputStream target) throws IOException;

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int written = remaining;
            if (opened == null) {
                writeTo(target);
            } else {
                opened.transferTo(target);
            }
            remaining = 0;
            return written;
        }

        @Override
        public int available() {
            return remaining;
        }

        @Override
        public int read() throws IOException {
            if (remaining == 0) {
                return -1;
            }
            remaining--;
            return source().read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (remaining == 0) {
                return -1;
            }
            int read = source().read(target, offset, length);
            remaining -= Math.max(read, 0);
            return read;
        }

        private InputStream source() {
            InputStream source = opened;
            if (source == null) {
                source = open();
                opened = source;
            }
            return source;
        }
    }
}
