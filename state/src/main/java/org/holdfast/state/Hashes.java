package org.holdfast.state;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Hashes. A field is a member in the order of its slot ([Slotted]).
final class Hashes {
    /// The hash was once larger than what Redis keeps in a compact form.
    static final int LARGE = 1;

    private static final int COMPACT_FIELDS_MAX = 128;
    private static final int COMPACT_BYTES_MAX = 64;
    private static final int DRAWS_MAX = 1_000_000;

    private Hashes() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("hset", words -> new Hset(words.next(), fields(words, "hset"), false));
        all.put("hmset", words -> new Hset(words.next(), fields(words, "hmset"), true));
        all.put("hsetnx", words -> new Hsetnx(words.next(), words.name("field"), words.value()));
        all.put("hget", words -> new Hget(words.next(), words.next()));
        all.put("hmget", words -> new Hmget(words.next(), List.copyOf(words.rest())));
        all.put("hdel", words -> new Hdel(words.next(), List.copyOf(words.rest())));
        all.put("hlen", words -> new Hlen(words.next()));
        all.put("hstrlen", words -> new Hstrlen(words.next(), words.next()));
        all.put("hexists", words -> new Hexists(words.next(), words.next()));
        all.put("hkeys", words -> new Hlist(words.next(), Shown.FIELDS));
        all.put("hvals", words -> new Hlist(words.next(), Shown.VALUES));
        all.put("hgetall", words -> new Hlist(words.next(), Shown.BOTH));
        all.put("hincrby", words -> new Hincrby(words.next(), words.name("field"), words.whole()));
        all.put(
                "hincrbyfloat",
                words -> new Hincrbyfloat(
                        words.next(),
                        words.name("field"),
                        Extended.argument(words.next(), "value is NaN or Infinity")));
        all.put("hrandfield", Hashes::hrandfield);
        all.put("hscan", words -> new Hscan(words.next(), Scans.cursor(words.next()), Scans.Filter.of(words, false)));
    }

    private static List<Slotted.Item> fields(Words words, String name) {
        if (words.left() == 0 || words.left() % 2 != 0) {
            throw BadWords.of("wrong number of arguments for '%s' command".formatted(name));
        }
        List<Slotted.Item> fields = new ArrayList<>();
        while (words.hasNext()) {
            fields.add(new Slotted.Item(words.name("field"), words.value()));
        }
        return List.copyOf(fields);
    }

    private static Operation hrandfield(Words words) {
        byte[] key = words.next();
        if (!words.hasNext()) {
            return new Hrandfield(key, 1, false, false);
        }
        long count = words.whole();
        boolean values = words.hasNext();
        if (words.left() > 1 || (values && !words.option().equals("WITHVALUES"))) {
            throw BadWords.syntax();
        }
        if (count < -DRAWS_MAX) {
            throw BadWords.of("value is out of range");
        }
        return new Hrandfield(key, count, true, values);
    }

    private static Entry owner(Editor editor, @Nullable Entry old) {
        return old == null ? editor.create(Type.HASH, Layout.NOTHING) : old;
    }

    /// Sets a field of a hash that is put afterwards.
    ///
    /// @return the hash with its new size
    private static Entry set(Editor editor, Entry hash, Slotted.Item field) {
        byte[] member = Slotted.member(field.name());
        boolean fresh = editor.member(hash, member) == null;
        editor.putMember(hash, member, field.value());
        long size = hash.size() + (fresh ? 1 : 0);
        boolean large = size > COMPACT_FIELDS_MAX
                || field.name().length > COMPACT_BYTES_MAX
                || field.value().length > COMPACT_BYTES_MAX;
        return hash.withSize(size).withForm(large ? LARGE : hash.form());
    }

    private static Reply bulk(byte @Nullable [] value) {
        return value == null ? Reply.NIL : Reply.of(value);
    }

    /// HSET, HMSET.
    record Hset(byte[] key, List<Slotted.Item> fields, boolean answersOk) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.HASH);
            Entry hash = owner(editor, old);
            long before = hash.size();
            for (Slotted.Item field : fields) {
                hash = set(editor, hash, field);
            }
            editor.put(key, hash);
            return answersOk ? Reply.OK : Reply.of(hash.size() - before);
        }
    }

    /// HSETNX.
    record Hsetnx(byte[] key, byte[] field, byte[] value) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.HASH);
            boolean fresh = Slotted.get(editor, old, field) == null;
            if (fresh) {
                editor.put(key, set(editor, owner(editor, old), new Slotted.Item(field, value)));
            }
            return Reply.flag(fresh);
        }
    }

    /// HGET.
    record Hget(byte[] key, byte[] field) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            byte[] value = Slotted.get(entries, entries.find(key, Type.HASH), field);
            entries.taken(value == null ? 0 : value.length);
            return bulk(value);
        }
    }

    /// HMGET.
    record Hmget(byte[] key, List<byte[]> fields) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry hash = entries.find(key, Type.HASH);
            List<Reply> values = new ArrayList<>();
            for (byte[] field : fields) {
                byte[] value = Slotted.get(entries, hash, field);
                entries.taken(value == null ? 0 : value.length);
                values.add(bulk(value));
            }
            return new Reply.Listing(values);
        }
    }

    /// HDEL.
    record Hdel(byte[] key, List<byte[]> fields) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry hash = editor.find(key, Type.HASH);
            if (hash == null) {
                return Reply.of(0);
            }
            long removed = 0;
            for (byte[] field : fields) {
                byte[] member = Slotted.member(field);
                if (editor.member(hash, member) != null) {
                    editor.removeMember(hash, member);
                    removed++;
                }
            }
            if (removed == hash.size()) {
                editor.remove(key);
            } else if (removed > 0) {
                editor.put(key, hash.withSize(hash.size() - removed));
            }
            return Reply.of(removed);
        }
    }

    /// HLEN.
    record Hlen(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry hash = entries.find(key, Type.HASH);
            return Reply.of(hash == null ? 0 : hash.size());
        }
    }

    /// HSTRLEN.
    record Hstrlen(byte[] key, byte[] field) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            byte[] value = Slotted.get(entries, entries.find(key, Type.HASH), field);
            return Reply.of(value == null ? 0 : value.length);
        }
    }

    /// HEXISTS.
    record Hexists(byte[] key, byte[] field) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Reply.flag(Slotted.get(entries, entries.find(key, Type.HASH), field) != null);
        }
    }

    /// What of a hash is listed.
    enum Shown {
        FIELDS,
        VALUES,
        BOTH
    }

    /// HKEYS, HVALS, HGETALL.
    record Hlist(byte[] key, Shown shown) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<Slotted.Item> all = Slotted.all(entries, entries.find(key, Type.HASH));
            return switch (shown) {
                case FIELDS -> listing(all, field -> Reply.of(field.name()));
                case VALUES -> listing(all, field -> Reply.of(field.value()));
                case BOTH ->
                    new Reply.Pairs(all.stream()
                            .map(field -> new Reply.Pair(Reply.of(field.name()), Reply.of(field.value())))
                            .toList());
            };
        }

        private static Reply listing(List<Slotted.Item> all, Function<Slotted.Item, Reply> shown) {
            return new Reply.Listing(all.stream().map(shown).toList());
        }
    }

    /// HINCRBY.
    record Hincrby(byte[] key, byte[] field, long by) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.HASH);
            byte[] stored = Slotted.get(editor, old, field);
            long value = stored == null
                    ? 0
                    : Numbers.whole(stored).orElseThrow(() -> Refused.of("hash value is not an integer"));
            long sum = Counters.sum(value, by);
            byte[] text = Long.toString(sum).getBytes(StandardCharsets.US_ASCII);
            editor.put(key, set(editor, owner(editor, old), new Slotted.Item(field, text)));
            return Reply.of(sum);
        }
    }

    /// HINCRBYFLOAT; see [Extended].
    record Hincrbyfloat(byte[] key, byte[] field, BigDecimal by) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry old = editor.find(key, Type.HASH);
            byte[] stored = Slotted.get(editor, old, field);
            BigDecimal value = stored == null ? BigDecimal.ZERO : Extended.stored(stored, "hash value is not a float");
            byte[] text = Extended.text(Extended.sum(value, by)).getBytes(StandardCharsets.US_ASCII);
            editor.put(key, set(editor, owner(editor, old), new Slotted.Item(field, text)));
            return Reply.of(text);
        }
    }

    /// HRANDFIELD.
    ///
    /// @param count so many different fields, or for a negative number so many draws
    /// @param listed whether a count was named: the answer is a list then
    record Hrandfield(byte[] key, long count, boolean listed, boolean values) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry hash = entries.find(key, Type.HASH);
            if (hash == null) {
                return listed ? Reply.EMPTY : Reply.NIL;
            }
            if (!listed) {
                return Reply.of(Slotted.random(entries, hash).name());
            }
            List<Slotted.Item> drawn = count >= 0
                    ? Slotted.randomDistinct(entries, hash, count)
                    : Slotted.draws(entries, hash, (int) -count);
            if (values) {
                return new Reply.Rows(drawn.stream()
                        .map(item -> new Reply.Listing(List.of(Reply.of(item.name()), Reply.of(item.value()))))
                        .toList());
            }
            return new Reply.Listing(
                    drawn.stream().map(item -> Reply.of(item.name())).toList());
        }
    }

    /// HSCAN.
    record Hscan(byte[] key, long cursor, Scans.Filter filter) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Slotted.Page page = Slotted.page(entries, entries.find(key, Type.HASH), cursor, filter.count());
            List<Reply> found = new ArrayList<>();
            for (Slotted.Item item : page.items()) {
                if (filter.matches(item.name())) {
                    found.add(Reply.of(item.name()));
                    found.add(Reply.of(item.value()));
                }
            }
            return new Reply.Listing(List.of(Reply.bulk(Long.toString(page.next())), new Reply.Listing(found)));
        }
    }
}
