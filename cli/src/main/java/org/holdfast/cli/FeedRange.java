package org.holdfast.cli;

import java.util.OptionalLong;

/// Which blocks to read.
///
/// @param from the first; empty = the newest at the time of asking
/// @param until the last; empty = the newest at the time of asking, or without end when following
/// @param follow wait for blocks that are not there yet
record FeedRange(OptionalLong from, OptionalLong until, boolean follow) {
    static FeedRange of(String from, OptionalLong until, boolean follow) {
        OptionalLong first = switch (from) {
            case "oldest" -> OptionalLong.of(0);
            case "newest" -> OptionalLong.empty();
            default -> OptionalLong.of(number(from));
        };
        if (until.isPresent() && until.getAsLong() < 0) {
            throw CommandFault.usage("--until is %d, block numbers begin at 0", until.getAsLong());
        }
        if (first.isPresent() && until.isPresent() && until.getAsLong() < first.getAsLong()) {
            throw CommandFault.usage("--until %d lies before --from %d", until.getAsLong(), first.getAsLong());
        }
        return new FeedRange(first, until, follow);
    }

    private static long number(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw CommandFault.usage("--from is '%s'; it must be oldest, newest or a block number", text);
        }
        return Long.parseLong(text);
    }
}
