package org.holdfast.state;

/// What OBJECT ENCODING answers. Values are not kept in these forms here; clients and test suites read from it how
/// large a value is and how it came about, so it says what Redis 7 with its default settings would say.
final class Encodings {
    private static final int EMBEDDED_BYTES_MAX = 44;
    private static final int WHOLE_BYTES_MAX = 20;

    private Encodings() {}

    static String of(Entry entry) {
        return switch (entry.type()) {
            case STRING -> string(entry);
            case HASH -> entry.form() == Hashes.LARGE ? "hashtable" : "listpack";
            case LIST -> "quicklist";
            case JSON -> "raw";
            case SET -> entry.form() == Sets.MIXED ? "hashtable" : "intset";
            case ZSET -> entry.form() == Scores.LARGE ? "skiplist" : "listpack";
        };
    }

    private static String string(Entry entry) {
        if (entry.hasMembers()) {
            return "raw";
        }
        byte[] body = entry.body();
        if (entry.form() == 0
                && body.length <= WHOLE_BYTES_MAX
                && Numbers.whole(body).isPresent()) {
            return "int";
        }
        return entry.form() != Strings.RAW && body.length <= EMBEDDED_BYTES_MAX ? "embstr" : "raw";
    }
}
