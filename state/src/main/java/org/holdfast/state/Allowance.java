package org.holdfast.state;

import java.util.Map;

/// How much one command, or one transaction, may take out of the state at once: what it answers is kept in memory until
/// the client has taken it. The limits are part of what a committed command means, so they are the same on all nodes
/// and never a setting.
final class Allowance {
    /// Most elements, fields, members, keys or values.
    static final int ELEMENTS_MAX = 500_000;

    /// Most bytes of them.
    static final long BYTES_MAX = 32L << 20;

    private static final Map<String, String> INSTEAD = Map.ofEntries(
            Map.entry("keys", "SCAN"),
            Map.entry("hgetall", "HSCAN"),
            Map.entry("hkeys", "HSCAN"),
            Map.entry("hvals", "HSCAN"),
            Map.entry("hrandfield", "a smaller count, or HSCAN"),
            Map.entry("hmget", "fewer fields"),
            Map.entry("mget", "fewer keys"),
            Map.entry("lrange", "LRANGE of smaller parts"),
            Map.entry("lpop", "a smaller count"),
            Map.entry("rpop", "a smaller count"),
            Map.entry("lmpop", "a smaller count"),
            Map.entry("lrem", "a smaller count"),
            Map.entry("ltrim", "LTRIM in smaller steps, or to fewer elements"),
            Map.entry("linsert", "fewer or shorter elements around the place"),
            Map.entry("smembers", "SSCAN"),
            Map.entry("spop", "a smaller count"),
            Map.entry("srandmember", "a smaller count, or SSCAN"),
            Map.entry("sunion", "SSCAN of each"),
            Map.entry("sdiff", "SSCAN of each"),
            Map.entry("sinter", "SSCAN of each"),
            Map.entry("sort", "LRANGE, SSCAN or ZSCAN"),
            Map.entry("sort_ro", "LRANGE, SSCAN or ZSCAN"),
            Map.entry("zunion", "ZSCAN of each"),
            Map.entry("zinter", "ZSCAN of each"),
            Map.entry("zdiff", "ZSCAN of each"),
            Map.entry("zpopmin", "a smaller count"),
            Map.entry("zpopmax", "a smaller count"),
            Map.entry("zmpop", "a smaller count"),
            Map.entry("zrandmember", "a smaller count, or ZSCAN"));

    private int elements;
    private long bytes;

    /// More is taken than allowed. Operations let it pass, before they change anything; whoever runs them answers with
    /// [#refusal].
    static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exceeded() {
            super("too much at once", null, false, false);
        }
    }

    void take(long length) {
        elements++;
        bytes += length;
        if (elements > ELEMENTS_MAX || bytes > BYTES_MAX) {
            throw new Exceeded();
        }
    }

    void renew() {
        elements = 0;
        bytes = 0;
    }

    static Reply.Failure refusal(String command) {
        String other = command.startsWith("z")
                ? "ZSCAN or a smaller range"
                : command.startsWith("geo") ? "a smaller area or COUNT" : "less";
        String instead = INSTEAD.getOrDefault(command, other);
        return Reply.Failure.err("'%s' comes to more than %d elements or %d bytes at once: ask for %s"
                .formatted(command, ELEMENTS_MAX, BYTES_MAX, instead));
    }
}
