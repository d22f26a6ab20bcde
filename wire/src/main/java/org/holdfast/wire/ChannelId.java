package org.holdfast.wire;

import java.util.regex.Pattern;

/// The name of a channel: `[a-z][a-z0-9.-]*`, at most 249 characters (Fabric's rule).
public record ChannelId(String name) implements Comparable<ChannelId> {
    private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9.-]{0,248}");

    public ChannelId {
        if (!isValid(name)) {
            throw new IllegalArgumentException("'" + name + "' is not a channel id: [a-z][a-z0-9.-]*, 249 at most");
        }
    }

    /// Whether a text can name a channel.
    public static boolean isValid(String name) {
        return FORM.matcher(name).matches();
    }

    @Override
    public int compareTo(ChannelId other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
