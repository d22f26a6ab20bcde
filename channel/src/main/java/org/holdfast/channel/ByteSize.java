package org.holdfast.channel;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers of bytes as Fabric's YAML files write them: `512 KB`, `10MB`, `16 m`, `65536`. Units are powers of 1024.
public final class ByteSize {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,10})\\s*(?:([kmg])b?)?");

    private ByteSize() {}

    /// Reads.
    ///
    /// @return empty when the text is no size of at most 2147483647 bytes
    public static OptionalInt parse(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        String unit = matcher.group(2);
        int shift = unit == null ? 0 : 10 * ("kmg".indexOf(unit) + 1);
        long bytes = Long.parseLong(matcher.group(1)) << shift;
        return bytes <= Integer.MAX_VALUE ? OptionalInt.of((int) bytes) : OptionalInt.empty();
    }

    /// Writes so that [#parse] gives the same: `16 MB`, `512 KB`, `65535`.
    ///
    /// @param bytes unsigned
    public static String format(int bytes) {
        long size = Integer.toUnsignedLong(bytes);
        if (size > 0 && size % (1L << 20) == 0) {
            return (size >> 20) + " MB";
        }
        return size > 0 && size % (1L << 10) == 0 ? (size >> 10) + " KB" : Long.toString(size);
    }
}
