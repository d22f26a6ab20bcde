package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import org.holdfast.wire.EnvelopeView;

/// By what a measured envelope is known in a block: its data begin with the run and its number, 8 bytes each, big
/// endian.
final class BenchMark {
    private BenchMark() {}

    /// @param padding the data's last bytes
    static ByteString data(long run, int number, ByteBuffer padding) {
        return ByteString.copyFrom(ByteBuffer.allocate(BenchPlan.MARK_BYTES + padding.remaining())
                .putLong(run)
                .putLong(number)
                .put(padding)
                .flip());
    }

    /// The number of one of this run's envelopes; empty for any other.
    static OptionalInt number(long run, ByteString envelope) {
        try {
            ByteString data = EnvelopeView.of(envelope).data();
            if (data.size() < BenchPlan.MARK_BYTES) {
                return OptionalInt.empty();
            }
            ByteBuffer mark = data.substring(0, BenchPlan.MARK_BYTES).asReadOnlyByteBuffer();
            if (mark.getLong() != run) {
                return OptionalInt.empty();
            }
            long number = mark.getLong();
            return number >= 0 && number <= Integer.MAX_VALUE ? OptionalInt.of((int) number) : OptionalInt.empty();
        } catch (InvalidProtocolBufferException e) {
            return OptionalInt.empty();
        }
    }
}
