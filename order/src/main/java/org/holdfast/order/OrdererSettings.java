package org.holdfast.order;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Local settings of ordering, the same for all channels of a node.
///
/// @param promptCutting cut as soon as nothing more waits, with the batch timeout as an upper bound; off = the batch
/// timeout
/// is always waited for, as Fabric does
/// @param minPromptGap prompt cuts are at least this far apart
/// @param patience how long an envelope may wait for a leader and its answer
/// @param checkExpiry whether an envelope is refused whose creator's certificate has run out
public record OrdererSettings(boolean promptCutting, Duration minPromptGap, Duration patience, boolean checkExpiry) {
    /// Prompt cutting at most every 10 ms, 10 s of patience.
    public static final OrdererSettings DEFAULT =
            new OrdererSettings(true, Duration.ofMillis(10), Duration.ofSeconds(10));

    /// With expiry checked.
    public OrdererSettings(boolean promptCutting, Duration minPromptGap, Duration patience) {
        this(promptCutting, minPromptGap, patience, true);
    }

    public OrdererSettings {
        List<String> faults = new ArrayList<>();
        if (minPromptGap.toMillis() < 1 || minPromptGap.toSeconds() > 10) {
            faults.add("minPromptGap is %d ms, allowed are 1 ms to 10 s".formatted(minPromptGap.toMillis()));
        }
        if (patience.toMillis() < 100 || patience.toMinutes() > 10) {
            faults.add("patience is %d ms, allowed are 100 ms to 10 min".formatted(patience.toMillis()));
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
    }
}
