package org.holdfast.state.redis;

/// Redis' patterns: `*`, `?`, `[abc]`, `[^a-z]`, `\` before a character that means itself.
///
/// Only the last `*` is gone back to, so a pattern costs at most its length times the text's, however many stars it
/// has.
final class Glob {
    private final byte[] pattern;
    private final boolean all;

    Glob(byte[] pattern) {
        this.pattern = pattern.clone();
        this.all = pattern.length == 1 && pattern[0] == '*';
    }

    /// Whether the pattern describes the whole text.
    boolean matches(byte[] text) {
        if (all) {
            return true;
        }
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.length) {
            int next = p < pattern.length && pattern[p] != '*' ? step(p, text[t]) : -1;
            if (next > 0) {
                p = next;
                t++;
            } else if (p < pattern.length && pattern[p] == '*') {
                star = p++;
                starText = t;
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

    /// Where the pattern goes on after it has matched a character, or -1.
    private int step(int p, byte c) {
        return switch (pattern[p]) {
            case '?' -> p + 1;
            case '[' -> set(p + 1, c);
            case '\\' -> {
                int at = p + 1 < pattern.length ? p + 1 : p;
                yield pattern[at] == c ? at + 1 : -1;
            }
            default -> pattern[p] == c ? p + 1 : -1;
        };
    }

    // A set that is not closed ends with the pattern.
    private int set(int from, byte c) {
        int p = from;
        boolean not = p < pattern.length && pattern[p] == '^';
        if (not) {
            p++;
        }
        boolean found = false;
        int value = c & 0xff;
        while (p < pattern.length && pattern[p] != ']') {
            if (pattern[p] == '\\' && p + 1 < pattern.length) {
                p++;
                found |= pattern[p] == c;
            } else if (p + 2 < pattern.length && pattern[p + 1] == '-') {
                int low = pattern[p] & 0xff;
                int high = pattern[p + 2] & 0xff;
                found |= Math.min(low, high) <= value && value <= Math.max(low, high);
                p += 2;
            } else {
                found |= pattern[p] == c;
            }
            p++;
        }
        return found == not ? -1 : Math.min(p + 1, pattern.length);
    }
}
