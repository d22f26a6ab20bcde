package org.holdfast.state;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
