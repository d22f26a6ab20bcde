package org.holdfast.state;

import java.util.List;
import java.util.Map;

/// ZanKV's commands about keys of one type: `HCLEAR`, `LEXPIRE`, `STTL`, `ZPERSIST`, `BKEYEXIST` and their kin,
/// and what it calls versions. There every type has its own key space, here a key has one type: a key of another
/// type is refused as everywhere, and is no key of this type for `*KEYEXIST`.
final class TypedKeys {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private TypedKeys() {}

    static void register(Map<String, CommandTable.Parser> all) {
        family(all, "h", Type.HASH);
        family(all, "l", Type.LIST);
        family(all, "s", Type.SET);
        family(all, "z", Type.ZSET);
        family(all, "b", Type.STRING);
        all.put("hclear", words -> new Clear(words.next(), Type.HASH));
        all.put("lclear", words -> new Clear(words.next(), Type.LIST));
        all.put("sclear", words -> new Clear(words.next(), Type.SET));
        all.put("zclear", words -> new Clear(words.next(), Type.ZSET));
        all.put("bitclear", words -> new Clear(words.next(), Type.STRING));
        all.put("getversion", words -> new Version(words.next()));
        all.put("hget.version", words -> new FieldVersion(words.next(), words.next()));
        all.put("getexpired", words -> new WithExpired(new Strings.Get(words.next())));
        all.put("hgetall.expired", words -> new WithExpired(new Hashes.Hlist(words.next(), Hashes.Shown.BOTH)));
        all.put("hmget.expired", words -> new WithExpired(new Hashes.Hmget(words.next(), List.copyOf(words.rest()))));
        all.put("getnolock", words -> new Strings.Get(words.next()));
    }

    private static void family(Map<String, CommandTable.Parser> all, String letter, Type type) {
        all.put(letter + "expire", words -> {
            if (words.size() > 3) {
                throw moreThanAKey(words, letter + "expire", " seconds");
            }
            return new OfType(words.get(1), type, Expiries.within(words, letter + "expire"));
        });
        all.put(letter + "ttl", words -> {
            if (words.size() > 2) {
                throw moreThanAKey(words, letter + "ttl", "");
            }
            byte[] key = words.next();
            return new LookAtType(key, type, new Expiries.Ttl(key, true, true));
        });
        all.put(letter + "persist", words -> {
            if (words.size() > 2) {
                throw moreThanAKey(words, letter + "persist", "");
            }
            byte[] key = words.next();
            return new OfType(key, type, new Expiries.Persist(key));
        });
        all.put(letter + "keyexist", words -> new Keyexist(words.next(), type));
    }

    /// Redis 7.4 has three of these names with fields behind the key.
    private static BadWords moreThanAKey(Words words, String name, String rest) {
        if (name.startsWith("h") && words.size() > 3) {
            return BadWords.of(
                    "the expiry of single fields is not supported by this ledger: '%s key%s' is about the whole hash"
                            .formatted(name, rest));
        }
        return BadWords.of("wrong number of arguments for '%s' command".formatted(name));
    }

    /// A change of a key that has to be of a type.
    record OfType(byte[] key, Type type, Operation.Writing then) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            editor.find(key, type);
            return then.run(editor);
        }
    }

    /// GETEXPIRED, HGETALL.EXPIRED, HMGET.EXPIRED: what a key held whose time has come, until a later block removes it.
    record WithExpired(Operation.Reading then) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return then.run(entries.withExpired());
        }
    }

    /// A look at a key that has to be of a type.
    record LookAtType(byte[] key, Type type, Operation.Reading then) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            entries.find(key, type);
            return then.run(entries);
        }
    }

    /// HCLEAR, LCLEAR, SCLEAR, ZCLEAR, BITCLEAR: 1 where there was something.
    record Clear(byte[] key, Type type) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            boolean there = editor.find(key, type) != null;
            if (there) {
                editor.remove(key);
            }
            return Reply.flag(there);
        }
    }

    /// HKEYEXIST, LKEYEXIST, SKEYEXIST, ZKEYEXIST, BKEYEXIST.
    record Keyexist(byte[] key, Type type) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key);
            return Reply.flag(entry != null && entry.type() == type);
        }
    }

    private static Reply changed(Entry entry) {
        return Reply.of(entry.modified() * NANOS_PER_MILLI);
    }

    /// GETVERSION: the record time of the key's last change in nanoseconds since the Unix epoch; 0 for no key.
    record Version(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry entry = entries.find(key);
            return entry == null ? Reply.of(0) : changed(entry);
        }
    }

    /// HGET.VERSION: fields have no time of their own here, it is the hash's; 0 for no field.
    record FieldVersion(byte[] key, byte[] field) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry hash = entries.find(key, Type.HASH);
            return hash == null || Slotted.get(entries, hash, field) == null ? Reply.of(0) : changed(hash);
        }
    }
}
