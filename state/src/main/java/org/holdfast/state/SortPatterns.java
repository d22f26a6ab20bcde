package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;

/// The words of SORT and SORT_RO that name keys by a pattern: what is behind BY and GET. Such keys are known only when
/// the command runs, so no key position tells of them.
public final class SortPatterns {
    private SortPatterns() {}

    /// Where a command has such words; nowhere for other commands, and for patterns that lead to no key.
    public static List<Integer> positions(Command command) {
        List<byte[]> argv = command.argv();
        List<Integer> found = new ArrayList<>();
        boolean sorts = command.name().equals("sort") || command.name().equals("sort_ro");
        for (int i = 2; sorts && i + 1 < argv.size(); i++) {
            switch (Command.lower(argv.get(i))) {
                case "by", "get" -> {
                    i++;
                    if (star(argv.get(i)) >= 0) {
                        found.add(i);
                    }
                }
                case "limit" -> i += 2;
                case "store" -> i++;
                default -> {}
            }
        }
        return found;
    }

    /// Where the element goes in; -1 for nowhere.
    static int star(byte[] pattern) {
        for (int i = 0; i < pattern.length; i++) {
            if (pattern[i] == '*') {
                return i;
            }
        }
        return -1;
    }
}
