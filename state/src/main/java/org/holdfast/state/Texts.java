package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The bytes of strings. Up to [#INLINE_MAX] they lie in the entry; a longer string lies in chunks of [#CHUNK_BYTES],
/// its members, so that changing a few bytes of a large one does not write all of it. Which of the two follows from the
/// length alone. A chunk is stored without the zeros at its end, and not at all when it is all zeros: equal strings
/// are stored equally, and a long row of bits with few of them set is small.
final class Texts {
    /// Longest string that lies in its entry.
    static final int INLINE_MAX = 32 << 10;

    /// Bytes of a chunk.
    static final int CHUNK_BYTES = 8 << 10;

    private static final byte PART = 1;

    private Texts() {}

    static int length(@Nullable Entry entry) {
        if (entry == null) {
            return 0;
        }
        return entry.hasMembers() ? (int) entry.size() : entry.body().length;
    }

    /// All bytes; none for an absent key. Not to be changed.
    static byte[] all(Entries entries, @Nullable Entry entry) {
        if (entry == null) {
            return Layout.NOTHING;
        }
        return entry.hasMembers() ? range(entries, entry, 0, length(entry)) : entry.body();
    }

    /// Some bytes; the range lies inside.
    static byte[] range(Entries entries, Entry entry, int from, int behind) {
        if (!entry.hasMembers()) {
            return Arrays.copyOfRange(entry.body(), from, behind);
        }
        byte[] bytes = new byte[behind - from];
        int firstChunk = from / CHUNK_BYTES;
        int lastChunk = Math.max(from, behind - 1) / CHUNK_BYTES;
        entries.members(entry, name(firstChunk), name(lastChunk + 1), (member, chunk) -> {
            long start = (long) ByteBuffer.wrap(member).getInt(1) * CHUNK_BYTES;
            int first = (int) Math.max(start, from);
            int end = (int) Math.min(start + chunk.length, behind);
            if (first < end) {
                System.arraycopy(chunk, (int) (first - start), bytes, first - from, end - first);
            }
            return true;
        });
        return bytes;
    }

    /// A byte; 0 behind the end.
    static byte at(Entries entries, @Nullable Entry entry, int index) {
        if (entry == null || index >= length(entry)) {
            return 0;
        }
        if (!entry.hasMembers()) {
            return entry.body()[index];
        }
        byte[] chunk = entries.member(entry, name(index / CHUNK_BYTES));
        int place = index % CHUNK_BYTES;
        return chunk == null || place >= chunk.length ? 0 : chunk[place];
    }

    /// Writes bytes into a key's string from a place on; it grows by zeros where it has to, and keeps its expiry.
    ///
    /// @param old the key's entry, null for none
    static void write(Editor editor, byte[] key, @Nullable Entry old, int offset, byte[] part) {
        Entry entry = (old == null ? Entry.string(Layout.NOTHING) : old).withForm(Strings.RAW);
        int length = Math.max(length(entry), offset + part.length);
        if (length <= INLINE_MAX) {
            byte[] body = Arrays.copyOf(entry.body(), length);
            System.arraycopy(part, 0, body, offset, part.length);
            editor.put(key, entry.withBody(body));
            return;
        }
        Entry chunked = entry.hasMembers() ? entry : chunked(editor, entry);
        writeChunks(editor, chunked, offset, part);
        editor.put(key, chunked.withSize(length));
    }

    /// The same string in chunks, which are written; the entry is not put.
    static Entry chunked(Editor editor, Entry inline) {
        Entry chunked = inline.withBody(Layout.NOTHING)
                .withGeneration(editor.newGeneration())
                .withSize(inline.body().length);
        writeChunks(editor, chunked, 0, inline.body());
        return chunked;
    }

    private static void writeChunks(Editor editor, Entry chunked, int offset, byte[] part) {
        int from = offset;
        while (from < offset + part.length) {
            byte[] name = name(from / CHUNK_BYTES);
            int place = from % CHUNK_BYTES;
            int count = Math.min(CHUNK_BYTES - place, offset + part.length - from);
            byte[] stored = editor.member(chunked, name);
            byte[] old = stored == null ? Layout.NOTHING : stored;
            byte[] chunk = Arrays.copyOf(old, Math.max(old.length, place + count));
            System.arraycopy(part, from - offset, chunk, place, count);
            put(editor, chunked, name, chunk);
            from += count;
        }
    }

    private static void put(Editor editor, Entry chunked, byte[] name, byte[] chunk) {
        int end = chunk.length;
        while (end > 0 && chunk[end - 1] == 0) {
            end--;
        }
        if (end == 0) {
            editor.removeMember(chunked, name);
        } else {
            editor.putMember(chunked, name, Arrays.copyOf(chunk, end));
        }
    }

    private static byte[] name(int chunk) {
        return ByteBuffer.allocate(1 + Integer.BYTES).put(PART).putInt(chunk).array();
    }
}
