package org.holdfast.channel;

import java.util.List;

/// A block or tree that is no usable channel config. Lists every fault found, with its path.
public final class MalformedConfig extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    /// A config with faults.
    ///
    /// @param faults at least one, each readable alone
    public MalformedConfig(List<String> faults) {
        super("the channel config cannot be used: " + String.join("; ", faults));
        this.faults = List.copyOf(faults);
    }

    /// What is wrong, one by one.
    public List<String> faults() {
        return faults;
    }
}
