package org.holdfast.state;

import java.util.Map;

/// When keys expire: EXPIRE, TTL and their kin.
final class Expiries {
    private static final long NO_KEY = -2;
    private static final long NO_EXPIRY = -1;

    private Expiries() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("expire", words -> expire(words, "expire", Deadline.SECOND, true));
        all.put("pexpire", words -> expire(words, "pexpire", 1, true));
        all.put("expireat", words -> expire(words, "expireat", Deadline.SECOND, false));
        all.put("pexpireat", words -> expire(words, "pexpireat", 1, false));
        all.put("ttl", words -> new Ttl(words.next(), true, true));
        all.put("pttl", words -> new Ttl(words.next(), true, false));
        all.put("expiretime", words -> new Ttl(words.next(), false, true));
        all.put("pexpiretime", words -> new Ttl(words.next(), false, false));
        all.put("persist", words -> new Persist(words.next()));
    }

    private static Operation expire(Words words, String name, long unit, boolean relative) {
        byte[] key = words.next();
        byte[] when = words.next();
        Condition condition = Condition.of(words);
        long count = Numbers.whole(when).orElseThrow(() -> BadWords.of("value is not an integer or out of range"));
        if (count > Long.MAX_VALUE / unit || count < Long.MIN_VALUE / unit) {
            throw BadWords.of(invalid(name));
        }
        return new Expire(key, count * unit, relative, condition, name);
    }

    /// The words of EXPIRE under another name, without conditions.
    static Expire within(Words words, String name) {
        return (Expire) expire(words, name, Deadline.SECOND, true);
    }

    private static String invalid(String name) {
        return "invalid expire time in '%s' command".formatted(name);
    }

    /// On what an expiry is set. NX goes with none of the others, GT and LT not with each other.
    record Condition(boolean nx, boolean xx, boolean gt, boolean lt) {
        static Condition of(Words words) {
            boolean nx = false;
            boolean xx = false;
            boolean gt = false;
            boolean lt = false;
            while (words.hasNext()) {
                byte[] word = words.next();
                switch (Command.lower(word)) {
                    case "nx" -> nx = true;
                    case "xx" -> xx = true;
                    case "gt" -> gt = true;
                    case "lt" -> lt = true;
                    default -> throw BadWords.of("Unsupported option " + CommandTable.shown(word));
                }
            }
            if (nx && (xx || gt || lt)) {
                throw BadWords.of("NX and XX, GT or LT options at the same time are not compatible");
            }
            if (gt && lt) {
                throw BadWords.of("GT and LT options at the same time are not compatible");
            }
            return new Condition(nx, xx, gt, lt);
        }

        /// Never counts as later than any time.
        boolean allows(long oldExpiry, long millis) {
            boolean never = oldExpiry == 0;
            return !(nx && !never)
                    && !(xx && never)
                    && !(gt && (never || millis <= oldExpiry))
                    && !(lt && !never && millis >= oldExpiry);
        }
    }

    /// EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT. A time that has passed deletes.
    record Expire(byte[] key, long millis, boolean relative, Condition condition, String name)
            implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            long now = editor.nowMillis();
            if (relative && millis > Long.MAX_VALUE - now) {
                throw Refused.of(invalid(name));
            }
            long at = relative ? now + millis : millis;
            Entry entry = editor.find(key);
            boolean set = entry != null && condition.allows(entry.expiry(), at);
            if (entry != null && set) {
                if (at <= now) {
                    editor.remove(key);
                } else {
                    editor.put(key, entry.withExpiry(at));
                }
            }
            return Reply.flag(set);
        }
    }

    /// TTL, PTTL, EXPIRETIME, PEXPIRETIME. Seconds are rounded to the nearest.
    record Ttl(byte[] key, boolean relative, boolean seconds) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key);
            if (entry == null || entry.expiry() == 0) {
                return Reply.of(entry == null ? NO_KEY : NO_EXPIRY);
            }
            long millis = relative ? entry.expiry() - entries.nowMillis() : entry.expiry();
            return Reply.of(seconds ? nearestSecond(millis) : millis);
        }
    }

    private static long nearestSecond(long millis) {
        return millis / Deadline.SECOND + (millis % Deadline.SECOND >= Deadline.SECOND / 2 ? 1 : 0);
    }

    /// PERSIST.
    record Persist(byte[] key) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry entry = editor.find(key);
            boolean had = entry != null && entry.expiry() != 0;
            if (entry != null && had) {
                editor.put(key, entry.withExpiry(0));
            }
            return Reply.flag(had);
        }
    }
}
