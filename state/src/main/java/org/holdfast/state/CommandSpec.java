package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// What is known of a command before its words are looked at.
///
/// @param name in lower case; a subcommand as `object|encoding`
/// @param home who answers it
/// @param arity number of words with the name: exactly so many, or at least so many if negative
/// @param keys where its keys stand
/// @param flags as COMMAND tells them: `write`, `readonly`, `fast`, `blocking`, `admin`, ...
/// @param categories ACL categories without the at sign
public record CommandSpec(String name, Home home, int arity, KeyRule keys, Set<String> flags, Set<String> categories) {
    /// Who answers a command.
    public enum Home {
        /// The typed state: read from it or committed to it.
        STATE,
        /// The typed state at the word of a node: no client's words come to it, whoever the client is.
        INTERNAL,
        /// The door by itself.
        DOOR,
        /// Nobody: Redis has it, this ledger does not.
        ABSENT
    }

    /// Where keys stand among a command's words; the name is word 0.
    ///
    /// @param first the first key; 0 for none at a fixed place
    /// @param last the last one; negative counts from the end
    /// @param step from one key to the next
    /// @param count the word that says how many keys follow it; 0 for none
    /// @param store from which word on `STORE` or `STOREDIST` may stand before one more key; 0 for nowhere
    public record KeyRule(int first, int last, int step, int count, int store) {}

    public CommandSpec {
        flags = Set.copyOf(flags);
        categories = Set.copyOf(categories);
    }

    /// Whether it may change the state.
    public boolean writes() {
        return flags.contains("write");
    }

    /// Whether a command of so many words is of this arity.
    public boolean fits(int words) {
        return arity < 0 ? words >= -arity : words == arity;
    }

    /// Indexes of the words that are keys, in order. Empty when there are none, or when a count of keys makes no
    /// sense (the parser says why then).
    public List<Integer> keyPositions(Command command) {
        List<byte[]> argv = command.argv();
        List<Integer> found = new ArrayList<>();
        if (keys.first() > 0) {
            int last = keys.last() < 0 ? argv.size() + keys.last() : keys.last();
            for (int i = keys.first(); i <= last && i < argv.size(); i += keys.step()) {
                found.add(i);
            }
        }
        if (keys.count() > 0 && keys.count() < argv.size()) {
            long count = Numbers.whole(argv.get(keys.count())).orElse(0);
            for (int i = keys.count() + 1; i < argv.size() && i <= keys.count() + count; i++) {
                found.add(i);
            }
        }
        int target = 0;
        for (int i = keys.store(); i > 0 && i + 1 < argv.size(); i++) {
            String word = Command.lower(argv.get(i));
            // What is behind these is theirs, even where it says STORE.
            i += word.equals("by") || word.equals("get") ? 1 : word.equals("limit") ? 2 : 0;
            if (word.equals("store") || word.equals("storedist")) {
                // Each takes the place of the one before it, whatever the key behind it is called.
                target = ++i;
            }
        }
        if (target > 0) {
            found.add(target);
        }
        return found;
    }
}
