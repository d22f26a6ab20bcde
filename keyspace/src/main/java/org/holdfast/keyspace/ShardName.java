package org.holdfast.keyspace;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.wire.ChannelId;

/// What the name of a shard's channel says: `kv.<keyspace>.<shards>.<index>`, and `.nodigest` behind it where no digest
/// of the state is kept. There is no other register of keyspaces: they are what the names of a node's channels say.
///
/// A keyspace's name may have letters that a channel's may not: whatever is no small letter or digit stands as `-` and
/// its number in two hexadecimal digits, so `My_data` is `-4dy-5fdata`. Each shard has one name only.
///
/// @param keyspace letters, digits and underscores, at most [#KEYSPACE_MAX]
/// @param shards how many the keyspace has, fixed for its life
/// @param index which one this is, from 0
/// @param digest whether the state keeps a digest
public record ShardName(String keyspace, int shards, int index, boolean digest) implements Comparable<ShardName> {
    /// Longest name of a keyspace: with every letter escaped it fits into a channel's name.
    public static final int KEYSPACE_MAX = 64;

    /// Most shards of one keyspace.
    public static final int SHARDS_MAX = 1024;

    private static final String PREFIX = "kv.";
    private static final String NO_DIGEST = ".nodigest";
    private static final Pattern KEYSPACE = Pattern.compile("[A-Za-z0-9_]{1," + KEYSPACE_MAX + "}");
    private static final Pattern FORM =
            Pattern.compile("kv\\.([a-z0-9-]+)\\.([1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})(\\.nodigest)?");

    public ShardName {
        if (!isKeyspace(keyspace)) {
            throw new IllegalArgumentException(
                    "'%s' is no name of a keyspace: letters, digits and underscores, %d at most"
                            .formatted(keyspace, KEYSPACE_MAX));
        }
        if (shards < 1 || shards > SHARDS_MAX || index < 0 || index >= shards) {
            throw new IllegalArgumentException(
                    "shard %d of %d: there are 1 to %d, counted from 0".formatted(index, shards, SHARDS_MAX));
        }
    }

    /// Whether a text can name a keyspace.
    public static boolean isKeyspace(String name) {
        return KEYSPACE.matcher(name).matches();
    }

    /// The shard that a channel is; empty when the channel is none.
    public static Optional<ShardName> parse(ChannelId channel) {
        Matcher parts = FORM.matcher(channel.name());
        if (!parts.matches()) {
            return Optional.empty();
        }
        String keyspace = unescaped(parts.group(1));
        int shards = Integer.parseInt(parts.group(2));
        int index = Integer.parseInt(parts.group(3));
        if (!isKeyspace(keyspace) || shards > SHARDS_MAX || index >= shards) {
            return Optional.empty();
        }
        ShardName name = new ShardName(keyspace, shards, index, parts.group(4) == null);
        // Another way to write it would be another channel with the same keys.
        return name.channel().equals(channel) ? Optional.of(name) : Optional.empty();
    }

    /// The name of its channel.
    public ChannelId channel() {
        StringBuilder name = new StringBuilder(PREFIX);
        for (int i = 0; i < keyspace.length(); i++) {
            char c = keyspace.charAt(i);
            if (isPlain(c)) {
                name.append(c);
            } else {
                name.append("-%02x".formatted((int) c));
            }
        }
        name.append('.').append(shards).append('.').append(index);
        return new ChannelId(name.append(digest ? "" : NO_DIGEST).toString());
    }

    /// The same keyspace's shard with another number.
    public ShardName at(int other) {
        return new ShardName(keyspace, shards, other, digest);
    }

    @Override
    public int compareTo(ShardName other) {
        int byKeyspace = keyspace.compareTo(other.keyspace);
        int byShards = byKeyspace != 0 ? byKeyspace : Integer.compare(shards, other.shards);
        int byDigest = byShards != 0 ? byShards : Boolean.compare(other.digest, digest);
        return byDigest != 0 ? byDigest : Integer.compare(index, other.index);
    }

    /// As people say it.
    @Override
    public String toString() {
        return "shard %d of %d of keyspace %s".formatted(index, shards, keyspace);
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    private static String unescaped(String text) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '-') {
                name.append(text.charAt(i));
            } else if (i + 2 < text.length() && hex(text.charAt(i + 1)) >= 0 && hex(text.charAt(i + 2)) >= 0) {
                name.append((char) (hex(text.charAt(i + 1)) << 4 | hex(text.charAt(i + 2))));
                i += 2;
            } else {
                return "";
            }
        }
        return name.toString();
    }

    private static int hex(char c) {
        return Character.digit(c, 16);
    }
}
