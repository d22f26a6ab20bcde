package org.holdfast.state;

import java.util.Map;

/// Strings.
final class Strings {
    private Strings() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("get", words -> new Get(words.next()));
        all.put("strlen", words -> new Strlen(words.next()));
    }

    /// GET.
    record Get(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key, Type.STRING);
            return entry == null ? Reply.NIL : Reply.of(entry.body());
        }
    }

    /// STRLEN.
    record Strlen(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key, Type.STRING);
            return Reply.of(entry == null ? 0 : entry.body().length);
        }
    }
}
