package org.holdfast.state;

/// Redis' patterns: `*`, `?`, `[a-z]`, `[^a]`, and a backslash that takes the next character as it is. Works on bytes.
/// Its time is at most the product of the lengths, whatever the pattern.
public final class Glob {
    private final byte[] pattern;

    /// @param pattern not changed afterwards
    public Glob(byte[] pattern) {
        this.pattern = pattern;
    }

    /// Whether it matches all of a text. A star that has failed is tried one byte further; only the last star needs to
    /// be, since an earlier one would only leave less to the later.
    public boolean matches(byte[] text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.length) {
            int after = p < pattern.length && pattern[p] != '*' ? one(p, text[t]) : -1;
            if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                starText = t;
            } else if (after >= 0) {
                p = after;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /// Matches one byte at a place of the pattern.
    ///
    /// @return the place behind; -1 when it does not match
    private int one(int at, byte c) {
        return switch (pattern[at]) {
            case '?' -> at + 1;
            case '[' -> group(at + 1, c & 0xff);
            case '\\' -> {
                int quoted = at + 1 < pattern.length ? at + 1 : at;
                yield pattern[quoted] == c ? quoted + 1 : -1;
            }
            default -> pattern[at] == c ? at + 1 : -1;
        };
    }

    /// Matches one byte against what stands in brackets; a bracket that is never closed ends with the pattern.
    private int group(int start, int c) {
        int at = start;
        boolean not = at < pattern.length && pattern[at] == '^';
        if (not) {
            at++;
        }
        boolean found = false;
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                at++;
                found |= (pattern[at] & 0xff) == c;
                at++;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                int from = pattern[at] & 0xff;
                int to = pattern[at + 2] & 0xff;
                found |= c >= Math.min(from, to) && c <= Math.max(from, to);
                at += 3;
            } else {
                found |= (pattern[at] & 0xff) == c;
                at++;
            }
        }
        return found != not ? Math.min(at + 1, pattern.length) : -1;
    }
}
