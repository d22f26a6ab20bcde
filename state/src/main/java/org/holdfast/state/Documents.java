package org.holdfast.state;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON documents (ZanKV): a key's bytes are a value in its shortest form, read and written as a whole.
final class Documents {
    /// Longest document, bytes: each change reads and writes all of it.
    static final int BYTES_MAX = 1 << 20;

    private static final String NO_JSON = "value is not JSON, or deeper than %d levels".formatted(JsonReader.DEPTH_MAX);

    private Documents() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("json.set", words -> new JsonSet(words.next(), JsonPath.of(words.next()), json(words)));
        all.put("json.get", words -> new JsonGet(words.next(), paths(words)));
        all.put("json.del", words -> new JsonDel(words.next(), path(words)));
        all.put("json.type", words -> new JsonLook(words.next(), path(words), Look.TYPE));
        all.put("json.arrlen", words -> new JsonLook(words.next(), path(words), Look.ITEMS));
        all.put("json.objlen", words -> new JsonLook(words.next(), path(words), Look.MEMBERS));
        all.put("json.objkeys", words -> new JsonLook(words.next(), path(words), Look.NAMES));
        all.put("json.arrappend", words -> new JsonAppend(words.next(), JsonPath.of(words.next()), values(words)));
        all.put("json.arrpop", words -> new JsonPop(words.next(), path(words)));
        all.put("json.keyexists", words -> new JsonExists(words.next()));
        all.put("json.mkget", words -> {
            List<byte[]> keys = words.rest();
            return new JsonMkget(List.copyOf(keys.subList(0, keys.size() - 1)), JsonPath.of(keys.getLast()));
        });
    }

    private static byte[] json(Words words) {
        byte[] text = words.next();
        if (text.length > BYTES_MAX) {
            throw BadWords.of("document of %d bytes: %d at most".formatted(text.length, BYTES_MAX));
        }
        if (JsonReader.read(text).isEmpty()) {
            throw BadWords.of(NO_JSON);
        }
        return text;
    }

    private static List<byte[]> values(Words words) {
        List<byte[]> values = new ArrayList<>();
        while (words.hasNext()) {
            values.add(json(words));
        }
        return List.copyOf(values);
    }

    private static JsonPath path(Words words) {
        JsonPath path = words.hasNext() ? JsonPath.of(words.next()) : new JsonPath(List.of());
        if (words.hasNext()) {
            throw BadWords.syntax();
        }
        return path;
    }

    private static List<JsonPath> paths(Words words) {
        List<JsonPath> paths = new ArrayList<>();
        while (words.hasNext()) {
            paths.add(JsonPath.of(words.next()));
        }
        return paths.isEmpty() ? List.of(new JsonPath(List.of())) : List.copyOf(paths);
    }

    private static @Nullable Json find(Entries entries, byte[] key) {
        Entry entry = entries.find(key, Type.JSON);
        return entry == null ? null : parsed(Texts.all(entries, entry));
    }

    /// What was judged before, or is stored.
    private static Json parsed(byte[] text) {
        return JsonReader.read(text).orElseThrow(() -> Refused.of(NO_JSON));
    }

    /// Stores a document; the key keeps its expiry.
    private static void put(Editor editor, byte[] key, Json document) {
        byte[] text = document.text().getBytes(StandardCharsets.UTF_8);
        if (text.length > BYTES_MAX) {
            throw Refused.of("document of %d bytes: %d at most".formatted(text.length, BYTES_MAX));
        }
        // What was put too deep by a path could not be read again.
        if (document.depth() > JsonReader.DEPTH_MAX) {
            throw Refused.of(NO_JSON);
        }
        Entry old = editor.find(key);
        long expiry = old == null ? 0 : old.expiry();
        editor.put(key, new Entry(Type.JSON, 0, expiry, 0, 0, 0, 0, text));
    }

    private static Reply shown(Entries entries, @Nullable Json value) {
        if (value == null) {
            return Reply.NIL;
        }
        byte[] text = value.text().getBytes(StandardCharsets.UTF_8);
        entries.taken(text.length);
        return Reply.of(text);
    }

    private static Json.Items items(Json value) {
        if (value instanceof Json.Items items) {
            return items;
        }
        throw Refused.of("no array, but of the type %s".formatted(value.kind()));
    }

    private static Json.Members members(Json value) {
        if (value instanceof Json.Members members) {
            return members;
        }
        throw Refused.of("no object, but of the type %s".formatted(value.kind()));
    }

    /// JSON.SET.
    record JsonSet(byte[] key, JsonPath path, byte[] value) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            put(editor, key, path.put(find(editor, key), parsed(value)));
            return Reply.OK;
        }
    }

    /// JSON.GET.
    record JsonGet(byte[] key, List<JsonPath> paths) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Json document = find(entries, key);
            return new Reply.Listing(paths.stream()
                    .map(path -> shown(entries, path.find(document)))
                    .toList());
        }
    }

    /// JSON.MKGET: one place in several documents; what is no document is nothing to it.
    record JsonMkget(List<byte[]> keys, JsonPath path) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            List<Reply> found = new ArrayList<>();
            for (byte[] key : keys) {
                Entry entry = entries.find(key);
                boolean document = entry != null && entry.type() == Type.JSON;
                found.add(document ? shown(entries, path.find(find(entries, key))) : Reply.NIL);
            }
            return new Reply.Listing(found);
        }
    }

    /// JSON.DEL.
    record JsonDel(byte[] key, JsonPath path) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Json document = find(editor, key);
            if (document == null) {
                return Reply.flag(false);
            }
            if (path.isRoot()) {
                return Reply.flag(editor.remove(key));
            }
            boolean there = path.remove(document);
            if (there) {
                put(editor, key, document);
            }
            return Reply.flag(there);
        }
    }

    /// What of a value is asked for.
    enum Look {
        TYPE,
        ITEMS,
        MEMBERS,
        NAMES
    }

    /// JSON.TYPE, JSON.ARRLEN, JSON.OBJLEN, JSON.OBJKEYS.
    record JsonLook(byte[] key, JsonPath path, Look look) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Json value = path.find(find(entries, key));
            if (value == null) {
                return look == Look.NAMES ? Reply.NIL_LISTING : Reply.NIL;
            }
            return switch (look) {
                case TYPE -> Reply.bulk(value.kind());
                case ITEMS -> Reply.of(items(value).list().size());
                case MEMBERS -> Reply.of(members(value).map().size());
                case NAMES -> names(entries, members(value));
            };
        }
    }

    private static Reply names(Entries entries, Json.Members members) {
        List<Reply> names = new ArrayList<>();
        for (String name : members.map().keySet()) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            entries.taken(bytes.length);
            names.add(Reply.of(bytes));
        }
        return new Reply.Listing(names);
    }

    /// JSON.ARRAPPEND: to an array, or to nothing, which becomes one.
    record JsonAppend(byte[] key, JsonPath path, List<byte[]> values) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Json document = find(editor, key);
            Json there = path.find(document);
            Json.Items array = there == null ? new Json.Items(new ArrayList<>()) : items(there);
            values.forEach(value -> array.list().add(parsed(value)));
            put(editor, key, path.put(document, array));
            return Reply.of(array.list().size());
        }
    }

    /// JSON.ARRPOP: the last item.
    record JsonPop(byte[] key, JsonPath path) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Json document = find(editor, key);
            Json there = path.find(document);
            if (document == null || there == null || items(there).list().isEmpty()) {
                return Reply.NIL;
            }
            Json last = items(there).list().removeLast();
            Reply reply = shown(editor, last);
            put(editor, key, document);
            return reply;
        }
    }

    /// JSON.KEYEXISTS.
    record JsonExists(byte[] key) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return Reply.flag(find(entries, key) != null);
        }
    }
}
