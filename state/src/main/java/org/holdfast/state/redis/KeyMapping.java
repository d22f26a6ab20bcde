package org.holdfast.state.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.holdfast.env.Invariant;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Reply;
import org.holdfast.state.SortPatterns;

/// How a listener's keys become full names, `keyspace:table:key`: either clients say the full name themselves, or
/// all of their keys are in one table. Immutable.
public final class KeyMapping {
    /// Clients name keyspace and table with every key.
    public static final KeyMapping FULL = new KeyMapping(new byte[0]);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]{1,255}");

    private final byte[] prefix;

    private KeyMapping(byte[] prefix) {
        this.prefix = prefix;
    }

    /// Every key of a client is one of this table, so that applications that know nothing of keyspaces run unchanged.
    ///
    /// @param keyspace letters, digits and underscores, at most 255, as is the table
    public static KeyMapping plain(String keyspace, String table) {
        Invariant.check(NAME.matcher(keyspace).matches(), "'%s' is no name of a keyspace", keyspace);
        Invariant.check(NAME.matcher(table).matches(), "'%s' is no name of a table", table);
        return new KeyMapping((keyspace + ":" + table + ":").getBytes(StandardCharsets.UTF_8));
    }

    /// Whether clients leave keyspace and table out.
    public boolean isPlain() {
        return prefix.length > 0;
    }

    /// A key's full name.
    public byte[] full(byte[] key) {
        if (prefix.length == 0) {
            return key;
        }
        byte[] full = Arrays.copyOf(prefix, prefix.length + key.length);
        System.arraycopy(key, 0, full, prefix.length, key.length);
        return full;
    }

    /// The name by which a client knows a key; a key of another table keeps its full name.
    public byte[] bare(byte[] full) {
        boolean ours = full.length >= prefix.length && Arrays.equals(full, 0, prefix.length, prefix, 0, prefix.length);
        return ours ? Arrays.copyOfRange(full, prefix.length, full.length) : full;
    }

    /// A command with the full names of its keys, found by the command table. The pattern of KEYS and SCAN is made
    /// one of this table's keys only.
    public Command full(Command command) {
        CommandSpec spec = isPlain() ? CommandTable.find(command) : null;
        if (spec == null) {
            return command;
        }
        List<byte[]> words = new ArrayList<>(command.argv());
        for (int at : spec.keyPositions(command)) {
            words.set(at, full(words.get(at)));
        }
        switch (spec.name()) {
            case "keys" -> words.set(1, pattern(words.get(1)));
            case "scan" -> matchOurs(words);
            case "sort", "sort_ro" ->
                SortPatterns.positions(command).forEach(at -> words.set(at, pattern(words.get(at))));
            default -> {}
        }
        return new Command(words);
    }

    /// The reply to a command, with keys named as the client names them: of KEYS, SCAN, RANDOMKEY, LMPOP and ZMPOP.
    public Reply bare(Command command, Reply reply) {
        if (!isPlain()) {
            return reply;
        }
        return switch (command.name()) {
            case "keys" -> bareAll(reply);
            case "randomkey" -> bareOne(reply);
            case "scan" ->
                reply instanceof Reply.Listing page && page.items().size() == 2
                        ? new Reply.Listing(List.of(
                                page.items().getFirst(), bareAll(page.items().getLast())))
                        : reply;
            case "lmpop", "zmpop" ->
                reply instanceof Reply.Listing popped && popped.items().size() == 2
                        ? new Reply.Listing(List.of(
                                bareOne(popped.items().getFirst()),
                                popped.items().getLast()))
                        : reply;
            default -> reply;
        };
    }

    private Reply bareAll(Reply reply) {
        return reply instanceof Reply.Listing keys
                ? new Reply.Listing(keys.items().stream().map(this::bareOne).toList())
                : reply;
    }

    private Reply bareOne(Reply reply) {
        return reply instanceof Reply.Bulk key ? Reply.of(bare(key.bytes())) : reply;
    }

    // Names of keyspaces and tables have no character that means something in a pattern.
    private byte[] pattern(byte[] bare) {
        return full(bare);
    }

    // Every MATCH, for the last one counts.
    private void matchOurs(List<byte[]> words) {
        boolean given = false;
        for (int i = 2; i + 1 < words.size(); i += 2) {
            if (Answers.lower(words.get(i)).equals("match")) {
                words.set(i + 1, pattern(words.get(i + 1)));
                given = true;
            }
        }
        if (!given) {
            words.add("MATCH".getBytes(StandardCharsets.US_ASCII));
            words.add(pattern(new byte[] {'*'}));
        }
    }
}
