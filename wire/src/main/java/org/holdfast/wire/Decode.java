package org.holdfast.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.concurrent.CompletionException;

/// Decoding without copying, and reading failures.
public final class Decode {
    private Decode() {}

    /// Decodes a message whose byte fields point into the given bytes.
    public static <T> T aliasing(Parser<T> parser, ByteString bytes) throws InvalidProtocolBufferException {
        CodedInputStream in = bytes.newCodedInput();
        in.enableAliasing(true);
        T message = parser.parseFrom(in);
        in.checkLastTagWas(0);
        return message;
    }

    /// The failure itself: without what futures wrap around it.
    public static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        Throwable inner = cause.getCause();
        while (cause instanceof CompletionException && inner != null) {
            cause = inner;
            inner = cause.getCause();
        }
        return cause;
    }

    /// Why something failed, in one line.
    public static String reason(Throwable failure) {
        String text = failure.getMessage();
        return text == null ? failure.getClass().getSimpleName() : text;
    }
}
