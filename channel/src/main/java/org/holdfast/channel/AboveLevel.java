package org.holdfast.channel;

import java.util.List;
import org.holdfast.wire.ChannelId;

/// A committed config asks for features this program does not have. The members that have them go on by rules unknown
/// here, so this node stops ordering the channel before that block, and says so; other channels go on.
public final class AboveLevel extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AboveLevel(ChannelId channel, long sequence, List<String> unsupported) {
        super(("config %s of %s is above this version's feature level (%s): %s: upgrade this node, it goes on from"
                        + " here; other channels go on")
                .formatted(
                        Long.toUnsignedString(sequence), channel, FeatureLevel.OURS, String.join(", ", unsupported)));
    }
}
