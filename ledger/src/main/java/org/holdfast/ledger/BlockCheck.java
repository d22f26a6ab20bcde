package org.holdfast.ledger;

import java.util.Optional;
import org.holdfast.wire.BlockHeader;

/// A further check of a block, such as its signatures, handed in by rooms that know how.
@FunctionalInterface
public interface BlockCheck {
    /// Finds nothing, ever.
    BlockCheck NONE = (header, block) -> Optional.empty();

    /// Judges one block.
    ///
    /// @return what is wrong with the block, empty when nothing is
    Optional<String> fault(BlockHeader header, BlockView block);
}
