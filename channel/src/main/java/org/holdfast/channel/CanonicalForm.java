package org.holdfast.channel;

import com.google.protobuf.ByteString;

/// Whether an envelope's bytes are the ones an encoder of `common.Envelope` would write: payload, then signature,
/// shortest lengths, nothing else. Peers encode each transaction again and stop at a block where that changes a
/// byte.
final class CanonicalForm {
    private static final int PAYLOAD_TAG = 0x0a;
    private static final int SIGNATURE_TAG = 0x12;
    private static final int NOT_CANONICAL = -1;

    private CanonicalForm() {}

    /// A missing payload or signature is canonical: other rules refuse it.
    static boolean holds(ByteString envelope) {
        int end = envelope.size();
        int at = field(envelope, 0, PAYLOAD_TAG);
        if (at != NOT_CANONICAL) {
            at = field(envelope, at, SIGNATURE_TAG);
        }
        return at == end;
    }

    /// The position behind a field, the same position when another field or the end is there.
    private static int field(ByteString bytes, int at, int tag) {
        if (at >= bytes.size() || (bytes.byteAt(at) & 0xff) != tag) {
            return at;
        }
        int position = at + 1;
        long length = 0;
        for (int shift = 0; ; shift += 7) {
            if (position >= bytes.size() || shift > 28) {
                return NOT_CANONICAL;
            }
            int piece = bytes.byteAt(position++) & 0xff;
            length |= (long) (piece & 0x7f) << shift;
            if (piece < 0x80) {
                if (piece == 0) {
                    // An empty field is not written; a zero after other digits is a longer length than needed.
                    return NOT_CANONICAL;
                }
                break;
            }
        }
        return length <= bytes.size() - position ? position + (int) length : NOT_CANONICAL;
    }
}
