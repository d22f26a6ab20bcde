package org.holdfast.node;

import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekPosition;

/// What a seek request asks for, resolved against the height at the time of asking.
///
/// @param from number of the first block
/// @param last number of the block after which the answer ends; one below `from` is never met, so the answer follows
///     the channel without end, and so does 2^64-1 (`-1`)
/// @param failIfNotReady end with NOT_FOUND at the tip instead of waiting
/// @param headersOnly send [SignedHeader]s instead of blocks
record Seek(long from, long last, boolean failIfNotReady, boolean headersOnly) {
    /// Resolves a request. Numbers this program does not know choose what is asked for without them: waiting, whole
    /// blocks.
    ///
    /// @param height number of the next block
    static Seek of(SeekInfo info, long height) {
        if (!info.hasStart() || !info.hasStop()) {
            throw Refusal.of(Code.SEEK_MALFORMED, "seekInfo missing start or stop")
                    .asException();
        }
        long from = start(info.getStart(), height);
        long last = stop(info, from, height);
        boolean stopIsNumber = info.getStop().getTypeCase() == SeekPosition.TypeCase.SPECIFIED;
        if (stopIsNumber && Long.compareUnsigned(last, from) < 0) {
            throw Refusal.of(
                            Code.SEEK_MALFORMED,
                            "start number (%s) greater than stop number (%s)",
                            Long.toUnsignedString(from),
                            Long.toUnsignedString(last))
                    .asException();
        }
        return new Seek(
                from,
                last,
                info.getBehavior() == SeekInfo.SeekBehavior.FAIL_IF_NOT_READY,
                info.getContentType() == SeekInfo.SeekContentType.HEADER_WITH_SIG);
    }

    /// Whether a reader wants nothing from a node without a leader. Anything but BEST_EFFORT means so.
    static boolean strict(SeekInfo info) {
        return info.getErrorResponse() != SeekInfo.SeekErrorResponse.BEST_EFFORT;
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
            case NEXT_COMMIT, TYPE_NOT_SET -> 0;
            case SPECIFIED -> info.getStop().getSpecified().getNumber();
        };
    }

    private static Refusal.Refused notFound(String text) {
        return Refusal.of(Code.SEEK_BEYOND_TIP, "%s", text).asException();
    }
}
