package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Keys whatever they hold: DEL, RENAME, COPY, TYPE and their kin.
final class Keys {
    private static final Set<String> FLUSH_MODES = Set.of("SYNC", "ASYNC");

    private Keys() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("del", words -> new Del(List.copyOf(words.rest())));
        all.put("unlink", words -> new Del(List.copyOf(words.rest())));
        all.put("exists", words -> new Exists(List.copyOf(words.rest())));
        all.put("touch", words -> new Exists(List.copyOf(words.rest())));
        all.put("type", words -> new TypeOf(words.next()));
        all.put("rename", words -> new Rename(words.next(), words.next(), false));
        all.put("renamenx", words -> new Rename(words.next(), words.next(), true));
        all.put("copy", Keys::copy);
        all.put("dbsize", words -> new Dbsize());
        all.put("flushdb", Keys::flush);
        all.put("flushall", Keys::flush);
    }

    private static Operation flush(Words words) {
        if (words.left() > 1 || (words.hasNext() && !FLUSH_MODES.contains(words.option()))) {
            throw BadWords.syntax();
        }
        return new Flush();
    }

    private static Operation copy(Words words) {
        byte[] from = words.next();
        byte[] to = words.next();
        boolean replace = false;
        while (words.hasNext()) {
            switch (words.option()) {
                case "REPLACE" -> replace = true;
                case "DB" -> {
                    if (words.whole() != 0) {
                        throw BadWords.of("DB index is out of range");
                    }
                }
                default -> throw BadWords.syntax();
            }
        }
        if (Arrays.equals(from, to)) {
            throw BadWords.of("source and destination objects are the same");
        }
        return new Copy(from, to, replace);
    }

    /// DEL, UNLINK.
    record Del(List<byte[]> keys) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            return Reply.of(keys.stream().filter(editor::remove).count());
        }
    }

    /// EXISTS, TOUCH: a key named twice counts twice.
    record Exists(List<byte[]> keys) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Reply.of(
                    keys.stream().filter(key -> entries.find(key) != null).count());
        }
    }

    /// TYPE.
    record TypeOf(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key);
            return new Reply.Status(entry == null ? "none" : entry.type().text());
        }
    }

    /// RENAME, RENAMENX.
    record Rename(byte[] from, byte[] to, boolean onlyNew) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            if (editor.find(from) == null) {
                throw Refused.of("no such key");
            }
            boolean same = Arrays.equals(from, to);
            boolean done = !same && (!onlyNew || editor.find(to) == null);
            if (done) {
                editor.rename(from, to);
            }
            return onlyNew ? Reply.flag(done) : Reply.OK;
        }
    }

    /// COPY.
    record Copy(byte[] from, byte[] to, boolean replace) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry source = editor.find(from);
            if (source == null || (!replace && editor.find(to) != null)) {
                return Reply.flag(false);
            }
            if (!source.hasMembers()) {
                editor.put(to, source);
                return Reply.flag(true);
            }
            editor.copy(source, to);
            return Reply.flag(true);
        }
    }

    /// DBSIZE.
    record Dbsize() implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Reply.of(entries.count());
        }
    }

    /// FLUSHDB, FLUSHALL.
    record Flush() implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            editor.clear();
            return Reply.OK;
        }
    }

    /// The keys of a pattern.
    static List<byte[]> matching(Entries entries, Glob pattern) {
        List<byte[]> found = new ArrayList<>();
        entries.each(Layout.NOTHING, (key, entry) -> {
            if (pattern.matches(key)) {
                entries.taken(key.length);
                found.add(key);
            }
            return true;
        });
        return found;
    }
}
