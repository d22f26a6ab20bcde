package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// All keys of a table, or of whatever else a prefix of full names is: TABLE.SIZE, TABLE.CLEAR. Ours; Redis has no
/// tables.
final class Tables {
    private Tables() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("table.size", words -> new Size(words.next()));
        all.put("table.clear", words -> new Clear(words.next()));
    }

    private static void each(Entries entries, byte[] prefix, Entries.EntryVisitor visitor) {
        entries.each(
                prefix,
                (key, entry) -> key.length >= prefix.length
                        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)
                        && visitor.visit(key, entry));
    }

    /// TABLE.SIZE prefix: how many keys begin with it. Takes as long as counting them.
    record Size(byte[] prefix) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            long[] count = {0};
            each(entries, prefix, (_, _) -> {
                count[0]++;
                return true;
            });
            return Reply.of(count[0]);
        }
    }

    /// TABLE.CLEAR prefix: removes the keys that begin with it. Takes as long as counting them where there are others,
    /// too.
    record Clear(byte[] prefix) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<byte[]> keys = new ArrayList<>();
            each(editor, prefix, (key, _) -> {
                keys.add(key);
                return true;
            });
            if (keys.size() == editor.count()) {
                editor.clear();
            } else {
                keys.forEach(editor::remove);
            }
            return Reply.OK;
        }
    }
}
