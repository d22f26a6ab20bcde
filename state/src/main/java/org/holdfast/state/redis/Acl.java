package org.holdfast.state.redis;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.env.Invariant;
import org.holdfast.state.Glob;
import org.jspecify.annotations.Nullable;

/// The users of a door, as its settings list them in the syntax of Redis' ACL files. Immutable.
final class Acl {
    /// The user a connection has before it says anything.
    static final String DEFAULT = "default";

    private final Map<String, AclUser> users;

    private Acl(Map<String, AclUser> users) {
        this.users = users;
    }

    /// Reads the lines.
    ///
    /// @param known every command and subcommand, with its categories
    /// @throws DoorFault naming every line that is wrong
    static Acl of(List<String> lines, Map<String, Set<String>> known) throws DoorFault {
        Map<String, AclUser> users = new TreeMap<>();
        List<String> faults = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length < 2 || !words[0].equals("user")) {
                faults.add("'" + line + "': a line is `user NAME RULE ...`");
                continue;
            }
            Rules rules = new Rules(words[1], known);
            for (int i = 2; i < words.length; i++) {
                String fault = rules.apply(words[i]);
                if (fault != null) {
                    faults.add("user %s, rule '%s': %s".formatted(words[1], shown(words[i]), fault));
                }
            }
            if (users.put(words[1], rules.user()) != null) {
                faults.add("user " + words[1] + " has two lines");
            }
        }
        if (!faults.isEmpty()) {
            throw new DoorFault("users of the Redis door: " + String.join("; ", faults));
        }
        if (!users.containsKey(DEFAULT)) {
            Rules open = new Rules(DEFAULT, known);
            List.of("on", "nopass", "~*", "+@all").forEach(open::apply);
            users.put(DEFAULT, open.user());
        }
        return new Acl(users);
    }

    // A password in a settings file stays out of logs.
    private static String shown(String rule) {
        return rule.startsWith(">") || rule.startsWith("<") ? rule.charAt(0) + "..." : rule;
    }

    @Nullable
    AclUser find(String name) {
        return users.get(name);
    }

    /// By name.
    List<AclUser> all() {
        return List.copyOf(users.values());
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw Invariant.broken("every Java has SHA-256: %s", e);
        }
    }

    /// One user's rules, applied from left to right.
    private static final class Rules {
        private final String name;
        private final Map<String, Set<String>> known;
        private final Map<String, AclUser.KeyPattern> keys = new LinkedHashMap<>();
        private final Set<String> passwords = new TreeSet<>();
        private final Set<String> commands = new TreeSet<>();
        private final List<String> commandRules = new ArrayList<>(List.of("-@all"));
        private boolean on;
        private boolean anyPassword;

        Rules(String name, Map<String, Set<String>> known) {
            this.name = name;
            this.known = known;
        }

        AclUser user() {
            return new AclUser(
                    name,
                    on,
                    anyPassword,
                    List.copyOf(passwords),
                    Set.copyOf(commands),
                    String.join(" ", commandRules),
                    List.copyOf(keys.values()));
        }

        /// @return what is wrong with the rule, or null
        @Nullable
        String apply(String rule) {
            return switch (rule.toLowerCase(Locale.ROOT)) {
                case "on" -> done(() -> on = true);
                case "off" -> done(() -> on = false);
                case "nopass" ->
                    done(() -> {
                        anyPassword = true;
                        passwords.clear();
                    });
                case "resetpass" ->
                    done(() -> {
                        anyPassword = false;
                        passwords.clear();
                    });
                case "allkeys", "~*" -> done(() -> pattern("~*", "*", true, true));
                case "resetkeys" -> done(keys::clear);
                case "allcommands", "+@all" -> done(() -> everything(true));
                case "nocommands", "-@all" -> done(() -> everything(false));
                case "reset" ->
                    done(() -> {
                        on = false;
                        anyPassword = false;
                        passwords.clear();
                        keys.clear();
                        everything(false);
                    });
                // There are no channels here, and nothing is loaded with payloads: without effect.
                case "allchannels", "resetchannels", "sanitize-payload", "skip-sanitize-payload" -> null;
                default -> applyLong(rule);
            };
        }

        private @Nullable String applyLong(String rule) {
            if (rule.length() < 2) {
                return "no such rule";
            }
            String rest = rule.substring(1);
            return switch (rule.charAt(0)) {
                case '>' -> done(() -> password(HexFormat.of().formatHex(sha256(AclUser.bytes(rest)))));
                case '<' -> done(() -> passwords.remove(HexFormat.of().formatHex(sha256(AclUser.bytes(rest)))));
                case '#' -> isHash(rest) ? done(() -> password(rest)) : "a hash is 64 hex digits in lower case";
                case '!' -> done(() -> passwords.remove(rest));
                case '~' -> done(() -> pattern(rule, rest, true, true));
                case '%' -> permission(rule);
                case '&' -> null;
                case '+', '-' -> command(rule.charAt(0) == '+', rest.toLowerCase(Locale.ROOT));
                case '(' -> "selectors are not supported";
                default -> "no such rule";
            };
        }

        private static @Nullable String done(Runnable change) {
            change.run();
            return null;
        }

        private void password(String hash) {
            anyPassword = false;
            passwords.add(hash);
        }

        private static boolean isHash(String text) {
            return text.length() == 64 && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        }

        private void pattern(String text, String glob, boolean read, boolean write) {
            keys.put(text, new AclUser.KeyPattern(text, new Glob(AclUser.bytes(glob)), read, write));
        }

        private @Nullable String permission(String rule) {
            int tilde = rule.indexOf('~');
            String letters = tilde < 0 ? "" : rule.substring(1, tilde).toUpperCase(Locale.ROOT);
            if (letters.isEmpty() || !letters.chars().allMatch(c -> c == 'R' || c == 'W')) {
                return "%R~, %W~ or %RW~ and a pattern";
            }
            boolean read = letters.contains("R");
            boolean write = letters.contains("W");
            String glob = rule.substring(tilde + 1);
            String text = read && write ? "~" + glob : (read ? "%R~" : "%W~") + glob;
            pattern(text, glob, read, write);
            return null;
        }

        private void everything(boolean add) {
            commands.clear();
            commandRules.clear();
            commandRules.add(add ? "+@all" : "-@all");
            if (add) {
                commands.addAll(known.keySet());
            }
        }

        private @Nullable String command(boolean add, String what) {
            Set<String> meant = new TreeSet<>();
            if (what.startsWith("@")) {
                String category = what.substring(1);
                known.forEach((command, categories) -> {
                    if (categories.contains(category)) {
                        meant.add(command);
                    }
                });
                if (meant.isEmpty()) {
                    return "no such category";
                }
            } else if (known.containsKey(what)) {
                known.keySet().stream()
                        .filter(command -> command.equals(what) || command.startsWith(what + "|"))
                        .forEach(meant::add);
            } else {
                return "no such command";
            }
            if (add) {
                commands.addAll(meant);
            } else {
                commands.removeAll(meant);
            }
            commandRules.removeIf(rule -> rule.substring(1).equals(what));
            commandRules.add((add ? "+" : "-") + what);
            return null;
        }
    }
}
