package org.holdfast.state.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.holdfast.state.Command;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.Glob;
import org.holdfast.state.SortPatterns;
import org.holdfast.state.TableWord;
import org.jspecify.annotations.Nullable;

/// A user and what it may do. Immutable.
///
/// @param on whether it may log in
/// @param anyPassword whether any password is right
/// @param passwords SHA-256 of each password, in hex
/// @param commands names it may run; of subcommands `parent|sub`
/// @param commandRules how that set came about, as ACL LIST shows it
/// @param keys patterns of the keys it may use, on full names
record AclUser(
        String name,
        boolean on,
        boolean anyPassword,
        List<String> passwords,
        Set<String> commands,
        String commandRules,
        List<KeyPattern> keys) {
    /// Keys and what may be done with them.
    ///
    /// @param text the rule, such as `~cache:*` or `%R~*`
    record KeyPattern(String text, Glob glob, boolean read, boolean write) {}

    /// Whether a password is right, taking the same time whichever byte is wrong.
    boolean accepts(byte[] password) {
        if (!on) {
            return false;
        }
        boolean right = anyPassword;
        byte[] hash = Acl.sha256(password);
        for (String known : passwords) {
            right |= MessageDigest.isEqual(hash, HexFormat.of().parseHex(known));
        }
        return right;
    }

    /// Why a request is not allowed.
    ///
    /// @return null when it is
    @Nullable
    String refusal(CommandSpec spec, Command command, KeyMapping mapping) {
        if (!commands.contains(spec.name())) {
            return "this user has no permissions to run the '" + spec.name() + "' command";
        }
        if (allKeys()) {
            return null;
        }
        if (!SortPatterns.positions(command).isEmpty() && !mayReadBehind(mapping.full(new byte[0]))) {
            return "this user has no permissions to read every key that the patterns of SORT may name";
        }
        if (TableWord.leads(spec)) {
            TableWord word = command.argv().size() < 2
                    ? null
                    : TableWord.of(mapping.full(command.argv().get(1)));
            return word != null && mayReadBehind(word.table())
                    ? null
                    : "this user has no permissions to read every key of the table";
        }
        List<Integer> positions = spec.keyPositions(command);
        List<KeyUses.Use> uses = KeyUses.of(spec, command);
        for (int i = 0; i < positions.size(); i++) {
            byte[] key = mapping.full(command.argv().get(positions.get(i)));
            if (!mayUse(key, uses.get(Math.min(i, uses.size() - 1)))) {
                return "this user has no permissions to access one of the keys used as arguments";
            }
        }
        return null;
    }

    private boolean allKeys() {
        for (KeyPattern pattern : keys) {
            if (pattern.text().equals("~*")) {
                return true;
            }
        }
        return false;
    }

    /// Whether all keys that begin so may be read.
    private boolean mayReadBehind(byte[] prefix) {
        for (KeyPattern pattern : keys) {
            String text = pattern.text().substring(pattern.text().indexOf('~') + 1);
            String literal = text.endsWith("*") ? text.substring(0, text.length() - 1) : "[";
            boolean whole = literal.chars().noneMatch(c -> "*?[\\".indexOf(c) >= 0);
            if (pattern.read() && whole && new String(prefix, StandardCharsets.UTF_8).startsWith(literal)) {
                return true;
            }
        }
        return false;
    }

    private boolean mayUse(byte[] key, KeyUses.Use use) {
        boolean read = false;
        boolean write = false;
        for (KeyPattern pattern : keys) {
            if (pattern.glob().matches(key)) {
                read |= pattern.read();
                write |= pattern.write();
            }
        }
        return switch (use) {
            case READ -> read;
            case WRITE -> write;
            case BOTH -> read && write;
            case TOUCH -> read || write;
        };
    }

    /// The line of ACL LIST.
    String line() {
        StringBuilder line = new StringBuilder("user ").append(name).append(on ? " on" : " off");
        if (anyPassword) {
            line.append(" nopass");
        }
        passwords.forEach(hash -> line.append(" #").append(hash));
        keys.forEach(pattern -> line.append(' ').append(pattern.text()));
        return line.append(" resetchannels ").append(commandRules).toString();
    }

    /// The patterns as GETUSER shows them.
    String keyRules() {
        return String.join(" ", keys.stream().map(KeyPattern::text).toList());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
