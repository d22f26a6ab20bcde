package org.holdfast.node;

import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekPosition;

/// What a seek request asks for, resolved against the height at the time of asking.
///
/// @param from number of the first block
/// @param last number of the last block, unsigned; `-1` (2^64-1) follows for ever
/// @param failIfNotReady end with NOT_FOUND at the tip instead of waiting
/// @param strict end when the channel has no leader
record Seek(long from, long last, boolean failIfNotReady, boolean strict) {
    /// Resolves a request.
    ///
    /// @param height number of the next block
    static Seek of(SeekInfo info, long height) {
        if (!info.hasStart() || !info.hasStop()) {
            throw Refusal.of(Code.SEEK_MALFORMED, "start or stop is missing").asException();
        }
        long from = start(info.getStart(), height);
        long last = stop(info, from, height);
        boolean stopIsNumber = info.getStop().getTypeCase() == SeekPosition.TypeCase.SPECIFIED;
        if (stopIsNumber && Long.compareUnsigned(last, from) < 0) {
            throw Refusal.of(
                            Code.SEEK_MALFORMED,
                            "start number %s is greater than stop number %s",
                            Long.toUnsignedString(from),
                            Long.toUnsignedString(last))
                    .asException();
        }
        return new Seek(
                from,
                last,
                info.getBehavior() == SeekInfo.SeekBehavior.FAIL_IF_NOT_READY,
                info.getErrorResponse() == SeekInfo.SeekErrorResponse.STRICT);
    }

    private static long start(SeekPosition position, long height) {
        return switch (position.getTypeCase()) {
            case OLDEST -> 0;
            case NEWEST -> height - 1;
            case NEXT_COMMIT -> height;
            case SPECIFIED -> {
                long number = position.getSpecified().getNumber();
                if (Long.compareUnsigned(number, height) > 0) {
                    throw notFound("block %s is beyond the tip".formatted(Long.toUnsignedString(number)));
                }
                yield number;
            }
            case TYPE_NOT_SET -> throw notFound("the start position has no type");
        };
    }

    private static long stop(SeekInfo info, long from, long height) {
        return switch (info.getStop().getTypeCase()) {
            case OLDEST -> from;
            case NEWEST -> info.getStart().getTypeCase() == SeekPosition.TypeCase.NEWEST ? from : height - 1;
            // As recorded from real orderers: from the oldest block it ends after block 0, from a later one it follows.
            case NEXT_COMMIT -> from == 0 ? 0 : -1;
            case SPECIFIED -> info.getStop().getSpecified().getNumber();
            case TYPE_NOT_SET -> throw notFound("the stop position has no type");
        };
    }

    private static Refusal.Refused notFound(String text) {
        return Refusal.of(Code.SEEK_BEYOND_TIP, "%s", text).asException();
    }
}
