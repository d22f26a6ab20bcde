package org.holdfast.state;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.holdfast.state.Places.End;

/// Lists: LMOVE, RPOPLPUSH and LMPOP, which are about several of them.
final class ListMoves {
    private ListMoves() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("lmove", words -> new Lmove(words.next(), words.next(), end(words), end(words)));
        all.put("rpoplpush", words -> new Lmove(words.next(), words.next(), End.RIGHT, End.LEFT));
        all.put("lmpop", ListMoves::lmpop);
    }

    private static End end(Words words) {
        return switch (words.option()) {
            case "LEFT" -> End.LEFT;
            case "RIGHT" -> End.RIGHT;
            default -> throw BadWords.syntax();
        };
    }

    private static Operation lmpop(Words words) {
        String few = "numkeys should be greater than 0";
        List<byte[]> keys = words.keys(few, few, "syntax error");
        End end = end(words);
        long count = 1;
        if (words.hasNext()) {
            if (!words.option().equals("COUNT")) {
                throw BadWords.syntax();
            }
            count = words.atLeast(1, "count should be greater than 0");
        }
        if (words.hasNext()) {
            throw BadWords.syntax();
        }
        return new Lmpop(keys, end, count);
    }

    /// LMOVE, RPOPLPUSH.
    record Lmove(byte[] from, byte[] to, End taken, End put) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            Entry source = editor.find(from, Type.LIST);
            if (source == null) {
                return Reply.NIL;
            }
            editor.find(to, Type.LIST);
            if (source.size() == 1 && Arrays.equals(from, to)) {
                byte[] only = Lists.element(editor, source, Places.at(source, taken));
                editor.put(from, source);
                return Reply.of(only);
            }
            byte[] element = Lists.popped(editor, from, source, taken, 1).getFirst();
            editor.put(to, Places.push(editor, Lists.orNew(editor, editor.find(to, Type.LIST)), element, put));
            return Reply.of(element);
        }
    }

    /// LMPOP: from the first of several lists that is there.
    record Lmpop(List<byte[]> keys, End end, long count) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            for (byte[] key : keys) {
                Entry list = editor.find(key, Type.LIST);
                if (list != null) {
                    List<byte[]> popped = Lists.popped(editor, key, list, end, count);
                    return new Reply.Listing(List.of(Reply.of(key), Lists.listing(popped)));
                }
            }
            return Reply.NIL_LISTING;
        }
    }
}
