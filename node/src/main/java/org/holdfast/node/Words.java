package org.holdfast.node;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.channel.GoDuration;

/// Values as Fabric's programs read them out of text.
///
/// Source of the forms: Go's `strconv.ParseBool` and `time.ParseDuration`, YAML 1.1's booleans, and Fabric's own sizes
/// (`10 MB`, `512k`, in powers of 1024).
final class Words {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})\\s*(?:([kmg])b?)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final int PORT_MAX = 65_535;

    private Words() {}

    static Optional<Boolean> flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "1", "yes", "y", "on" -> Optional.of(true);
            case "false", "f", "0", "no", "n", "off" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /// A whole number that an int holds, not negative.
    static Optional<Integer> count(String text) {
        return text.matches("[0-9]{1,18}") ? whole(new BigInteger(text)) : Optional.empty();
    }

    static Optional<Integer> port(String text) {
        return count(text).filter(port -> port <= PORT_MAX);
    }

    /// Bytes.
    static Optional<Integer> size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2);
        int shift = unit == null ? 0 : 10 * (1 + "kmg".indexOf(unit.toLowerCase(Locale.ROOT)));
        return whole(new BigInteger(matcher.group(1)).shiftLeft(shift));
    }

    private static Optional<Integer> whole(BigInteger number) {
        return number.bitLength() < Integer.SIZE ? Optional.of(number.intValue()) : Optional.empty();
    }

    static Optional<Duration> duration(String text) {
        return Optional.ofNullable(GoDuration.parse(text)).filter(length -> !length.isNegative());
    }

    /// `host:port`, `[v6]:port`, or `:port` for all addresses.
    static Optional<NodeSettings.Address> address(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || !PORT.matcher(text.substring(colon + 1)).matches()) {
            return Optional.empty();
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            return Optional.empty();
        }
        String known = host.isEmpty() ? NodeSettings.Address.ALL : host;
        return port(text.substring(colon + 1)).map(port -> new NodeSettings.Address(known, port));
    }

    /// A list in one text, as environment variables hold it: `[a, b]`, `a,b` or `a b`.
    static List<String> list(String text) {
        String inner = text.strip();
        if (inner.startsWith("[") && inner.endsWith("]")) {
            inner = inner.substring(1, inner.length() - 1);
        }
        return Arrays.stream(inner.split("[,\\s]+", -1))
                .map(Words::unquoted)
                .filter(item -> !item.isEmpty())
                .toList();
    }

    private static String unquoted(String item) {
        boolean quoted = item.length() > 1 && item.startsWith("\"") && item.endsWith("\"");
        return quoted ? item.substring(1, item.length() - 1) : item;
    }
}
