package org.holdfast.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Strings as wholes: GET, SET and their kin, and ZanKV's compare-and-set.
final class Strings {
    /// The string came about by editing in place: OBJECT ENCODING says raw.
    static final int RAW = 1;

    /// The string is never shown as an integer.
    static final int PLAIN = 2;

    private Strings() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("get", words -> new Get(words.next()));
        all.put("strlen", words -> new Strlen(words.next()));
        all.put("mget", words -> new Mget(List.copyOf(words.rest())));
        all.put("set", Strings::set);
        all.put("setnx", words -> new Set(words.next(), words.value(), Deadline.NONE, SetRule.NX, Answer.FLAG));
        all.put("setex", words -> setWithin(words, "setex", Deadline.SECOND));
        all.put("psetex", words -> setWithin(words, "psetex", 1));
        all.put("getset", words -> new Set(words.next(), words.value(), Deadline.NONE, SetRule.ANY, Answer.OLD));
        all.put("getdel", words -> new Getdel(words.next()));
        all.put("getex", words -> getex(words));
        all.put("mset", words -> new Mset(assignments(words, "mset"), false));
        all.put("msetnx", words -> new Mset(assignments(words, "msetnx"), true));
        all.put("setifeq", words -> setifeq(words));
        all.put("delifeq", words -> new Delifeq(words.next(), words.next()));
    }

    /// Whether a key has to be absent or present.
    enum SetRule {
        ANY,
        NX,
        XX
    }

    /// What a SET answers.
    enum Answer {
        STATUS,
        FLAG,
        OLD
    }

    private static Operation set(Words words) {
        byte[] key = words.next();
        byte[] value = words.value();
        SetRule rule = SetRule.ANY;
        Answer answer = Answer.STATUS;
        Deadline deadline = Deadline.NONE;
        while (words.hasNext()) {
            String option = words.option();
            if (option.equals("NX") && rule != SetRule.XX) {
                rule = SetRule.NX;
            } else if (option.equals("XX") && rule != SetRule.NX) {
                rule = SetRule.XX;
            } else if (option.equals("GET")) {
                answer = Answer.OLD;
            } else if (option.equals("KEEPTTL")
                    && (deadline instanceof Deadline.Never || deadline instanceof Deadline.Kept)) {
                deadline = Deadline.KEEP;
            } else if (deadline instanceof Deadline.Never) {
                deadline = Deadline.option(option, words, "set");
            } else {
                throw BadWords.syntax();
            }
        }
        return new Set(key, value, deadline, rule, answer);
    }

    private static Operation setWithin(Words words, String name, long unit) {
        byte[] key = words.next();
        Deadline deadline = Deadline.within(words.whole(), unit, name);
        return new Set(key, words.value(), deadline, SetRule.ANY, Answer.STATUS);
    }

    private static Operation getex(Words words) {
        byte[] key = words.next();
        Deadline deadline = Deadline.KEEP;
        while (words.hasNext()) {
            String option = words.option();
            if (option.equals("PERSIST") && (deadline instanceof Deadline.Kept || deadline instanceof Deadline.Never)) {
                deadline = Deadline.NONE;
            } else if (deadline instanceof Deadline.Kept) {
                deadline = Deadline.option(option, words, "getex");
            } else {
                throw BadWords.syntax();
            }
        }
        return new Getex(key, deadline);
    }

    private static List<Assignment> assignments(Words words, String name) {
        if (words.left() % 2 != 0) {
            throw BadWords.of("wrong number of arguments for '%s' command".formatted(name));
        }
        List<Assignment> all = new ArrayList<>();
        while (words.hasNext()) {
            all.add(new Assignment(words.next(), words.value()));
        }
        return List.copyOf(all);
    }

    private static Operation setifeq(Words words) {
        byte[] key = words.next();
        byte[] old = words.next();
        byte[] value = words.value();
        Deadline deadline = words.hasNext() ? Deadline.option(words.option(), words, "setifeq") : Deadline.NONE;
        if (words.hasNext()) {
            throw BadWords.syntax();
        }
        return new Setifeq(key, old, value, deadline);
    }

    /// Read before the key is changed: the bytes may lie beside the entry.
    private static Reply bulk(Entries entries, @Nullable Entry entry) {
        entries.taken(Texts.length(entry));
        return entry == null ? Reply.NIL : Reply.of(Texts.all(entries, entry));
    }

    /// Whether a key holds these bytes; an absent one holds none (ZanKV).
    private static boolean holds(Entries entries, @Nullable Entry entry, byte[] bytes) {
        return Arrays.equals(Texts.all(entries, entry), bytes);
    }

    /// A key and what it is to hold.
    record Assignment(byte[] key, byte[] value) {}

    /// GET.
    record Get(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return bulk(entries, entries.find(key, Type.STRING));
        }
    }

    /// STRLEN.
    record Strlen(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Reply.of(Texts.length(entries.find(key, Type.STRING)));
        }
    }

    /// MGET: what is no string is nothing to it.
    record Mget(List<byte[]> keys) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<Reply> values = new ArrayList<>(keys.size());
            for (byte[] key : keys) {
                Entry entry = entries.find(key);
                values.add(entry == null || entry.type() != Type.STRING ? Reply.NIL : bulk(entries, entry));
            }
            return new Reply.Listing(values);
        }
    }

    /// SET, SETNX, SETEX, PSETEX, GETSET.
    record Set(byte[] key, byte[] value, Deadline deadline, SetRule rule, Answer answer) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = answer == Answer.OLD ? editor.find(key, Type.STRING) : editor.find(key);
            long expiry = Deadline.resolve(deadline, editor.nowMillis(), old);
            Reply before = answer == Answer.OLD ? bulk(editor, old) : Reply.NIL;
            boolean done = rule == SetRule.ANY || (rule == SetRule.XX) == (old != null);
            if (done) {
                editor.put(key, Entry.string(value).withExpiry(expiry));
            }
            return switch (answer) {
                case FLAG -> Reply.flag(done);
                case OLD -> before;
                case STATUS -> done ? Reply.OK : Reply.NIL;
            };
        }
    }

    /// GETDEL.
    record Getdel(byte[] key) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Reply before = bulk(editor, editor.find(key, Type.STRING));
            editor.remove(key);
            return before;
        }
    }

    /// GETEX.
    record Getex(byte[] key, Deadline deadline) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            Reply before = bulk(editor, old);
            if (old != null) {
                long expiry = Deadline.resolve(deadline, editor.nowMillis(), old);
                if (expiry != 0 && expiry <= editor.nowMillis()) {
                    editor.remove(key);
                } else if (expiry != old.expiry()) {
                    editor.put(key, old.withExpiry(expiry));
                }
            }
            return before;
        }
    }

    /// MSET, MSETNX.
    record Mset(List<Assignment> assignments, boolean onlyNew) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            if (onlyNew && assignments.stream().anyMatch(one -> editor.find(one.key()) != null)) {
                return Reply.flag(false);
            }
            assignments.forEach(one -> editor.put(one.key(), Entry.string(one.value())));
            return onlyNew ? Reply.flag(true) : Reply.OK;
        }
    }

    /// SETIFEQ (ZanKV): set if the key holds the expected bytes.
    record Setifeq(byte[] key, byte[] expected, byte[] value, Deadline deadline) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.STRING);
            boolean same = holds(editor, old, expected);
            if (same) {
                editor.put(key, Entry.string(value).withExpiry(Deadline.resolve(deadline, editor.nowMillis(), old)));
            }
            return Reply.flag(same);
        }
    }

    /// DELIFEQ (ZanKV): delete if the key holds the expected bytes.
    record Delifeq(byte[] key, byte[] expected) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            boolean same = holds(editor, editor.find(key, Type.STRING), expected);
            if (same) {
                editor.remove(key);
            }
            return Reply.flag(same);
        }
    }
}
