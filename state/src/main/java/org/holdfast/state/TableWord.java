package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The word that ZanKV's scans begin with: `keyspace:table:cursor`. Where a keyspace has several shards, the
/// cursor says in which one to go on, and how far that one is: `place.inner`. A shard's own answer has the inner
/// part alone.
///
/// @param table up to the second colon, with it: all keys of the table begin so
/// @param keyspace how many bytes of it name the keyspace, with the colon
/// @param place of the shard, in their order; 0 where the cursor says none
/// @param inner how far the shard is; empty at its beginning
public record TableWord(byte[] table, int keyspace, int place, String inner) {
    private static final int PLACE_DIGITS_MAX = 6;
    private static final Set<String> SCANS = Set.of("advscan", "advrevscan", "revscan", "fullscan");

    /// Whether this is a scan of a table: word 1 is one of these then.
    public static boolean leads(CommandSpec spec) {
        return SCANS.contains(spec.name());
    }

    /// Reads one.
    ///
    /// @return null when it is none
    public static @Nullable TableWord of(byte[] word) {
        int first = colon(word, 0);
        int second = first < 0 ? -1 : colon(word, first + 1);
        if (second < 0) {
            return null;
        }
        String cursor = new String(word, second + 1, word.length - second - 1, StandardCharsets.ISO_8859_1);
        int dot = cursor.indexOf('.');
        if (dot == 0
                || dot > PLACE_DIGITS_MAX
                || !cursor.substring(0, Math.max(0, dot)).chars().allMatch(TableWord::isDigit)) {
            return null;
        }
        int place = dot < 0 ? 0 : Integer.parseInt(cursor.substring(0, dot));
        return new TableWord(Arrays.copyOf(word, second + 1), first + 1, place, cursor.substring(dot + 1));
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static int colon(byte[] word, int from) {
        for (int i = from; i < word.length; i++) {
            if (word[i] == ':') {
                return i;
            }
        }
        return -1;
    }

    /// What a client is given to go on with, from a shard's own answer.
    ///
    /// @param next the shard's next cursor; empty when it is through
    /// @param shards how many there are
    public String following(String next, int shards) {
        if (next.isEmpty()) {
            return place + 1 < shards ? place + 1 + "." : "";
        }
        return place + "." + next;
    }
}
