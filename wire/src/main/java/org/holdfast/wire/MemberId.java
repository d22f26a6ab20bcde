package org.holdfast.wire;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One life of a seat. A seat is a consenter's place, named by its key; a node that lost what it had voted comes back
/// in the same seat as the next incarnation.
///
/// @param seat first 16 hex digits of the SHA-256 of the consenter's client TLS public key (SubjectPublicKeyInfo)
/// @param incarnation 1, 2, 3 ...
public record MemberId(String seat, int incarnation) implements Comparable<MemberId> {
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{16})\\.([1-9][0-9]{0,8})");

    public MemberId {
        if (!FORM.matcher(seat + "." + incarnation).matches()) {
            throw new IllegalArgumentException("not a member id: " + seat + "." + incarnation);
        }
    }

    /// Reads the form `<seat>.<incarnation>`.
    public static MemberId parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a member id: " + text);
        }
        return new MemberId(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public int compareTo(MemberId other) {
        int bySeat = seat.compareTo(other.seat);
        return bySeat != 0 ? bySeat : Integer.compare(incarnation, other.incarnation);
    }

    @Override
    public String toString() {
        return seat + "." + incarnation;
    }
}
