package org.holdfast.state;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.stream.Collectors;

/// The digest of a shard's content after a block.
///
/// @param digest 32 bytes; not to be changed
public record BlockDigest(long block, byte[] digest) {
    /// The first block of those that both lists tell of where they do not agree. Empty when they agree on all of them,
    /// or have none in common.
    public static OptionalLong firstDifference(List<BlockDigest> ours, List<BlockDigest> theirs) {
        Map<Long, BlockDigest> known = theirs.stream().collect(Collectors.toMap(BlockDigest::block, one -> one));
        return ours.stream()
                .filter(one -> known.containsKey(one.block()) && !one.equals(known.get(one.block())))
                .mapToLong(BlockDigest::block)
                .min();
    }

    /// The same of all that two places remember, which is read page by page.
    ///
    /// @param ours the digests from a block on, as many as a page has; none behind the last
    /// @param theirs likewise
    public static OptionalLong firstDifference(
            LongFunction<List<BlockDigest>> ours, LongFunction<List<BlockDigest>> theirs) {
        for (List<BlockDigest> page = theirs.apply(0);
                !page.isEmpty();
                page = theirs.apply(page.getLast().block() + 1)) {
            OptionalLong difference = firstDifference(ours.apply(page.getFirst().block()), page);
            if (difference.isPresent()) {
                return difference;
            }
        }
        return OptionalLong.empty();
    }

    /// As operators see it: hexadecimal.
    public String text() {
        return HexFormat.of().formatHex(digest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockDigest that && block == that.block && Arrays.equals(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(block) + Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return block + " " + text();
    }
}
