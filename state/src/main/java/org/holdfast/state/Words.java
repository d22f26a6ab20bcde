package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A command's words as a parser goes through them. Word 0 is the name; reading starts behind it.
final class Words {
    private final List<byte[]> argv;
    private int at = 1;

    Words(List<byte[]> argv) {
        this.argv = argv;
    }

    /// How many words there are, with the name.
    int size() {
        return argv.size();
    }

    /// A word by its place.
    byte[] get(int index) {
        return argv.get(index);
    }

    boolean hasNext() {
        return at < argv.size();
    }

    /// Words not read yet.
    int left() {
        return argv.size() - at;
    }

    /// The next word; a syntax error when there is none.
    byte[] next() {
        if (!hasNext()) {
            throw BadWords.syntax();
        }
        return argv.get(at++);
    }

    /// Everything not read yet.
    List<byte[]> rest() {
        List<byte[]> rest = argv.subList(at, argv.size());
        at = argv.size();
        return rest;
    }

    /// The next word in capitals, as options are compared.
    String option() {
        return Command.lower(next()).toUpperCase(Locale.ROOT);
    }

    /// The next word in capitals, not taken.
    String peekOption() {
        return Command.lower(argv.get(at)).toUpperCase(Locale.ROOT);
    }

    /// The next word as a value that will be stored.
    byte[] value() {
        return checked(next());
    }

    /// The next word as the name of a member.
    ///
    /// @param what what such a member is called
    byte[] name(String what) {
        byte[] name = next();
        if (name.length > CommandTable.KEY_BYTES_MAX) {
            throw BadWords.of("%s of %d bytes: %d at most".formatted(what, name.length, CommandTable.KEY_BYTES_MAX));
        }
        return name;
    }

    /// Refuses what is too long to be stored.
    static byte[] checked(byte[] value) {
        if (value.length > CommandTable.VALUE_BYTES_MAX) {
            throw BadWords.of("value of %d bytes: %d at most".formatted(value.length, CommandTable.VALUE_BYTES_MAX));
        }
        return value;
    }

    /// The next word as an integer.
    long whole() {
        return whole("value is not an integer or out of range");
    }

    /// A word as an integer.
    static long whole(byte[] word) {
        return Numbers.whole(word).orElseThrow(() -> BadWords.of("value is not an integer or out of range"));
    }

    /// The next word as an integer, with Redis' words for the case at hand.
    long whole(String otherwise) {
        return Numbers.whole(next()).orElseThrow(() -> BadWords.of(otherwise));
    }

    /// The next word as an integer of at least some number, with Redis' words for everything else.
    long atLeast(long least, String otherwise) {
        long number = whole(otherwise);
        if (number < least) {
            throw BadWords.of(otherwise);
        }
        return number;
    }

    /// The next word as a floating point number, with Redis' words for the case at hand.
    double real(String otherwise) {
        return Numbers.real(next()).orElseThrow(() -> BadWords.of(otherwise));
    }

    /// How many keys follow, and then the keys.
    ///
    /// @param few what Redis says where there are fewer than one
    /// @param none what Redis says where there is no number
    /// @param many what Redis says where there are more than words
    List<byte[]> keys(String few, String none, String many) {
        long count = whole(none);
        if (count < 1) {
            throw BadWords.of(few);
        }
        if (count > left()) {
            throw BadWords.of(many);
        }
        List<byte[]> keys = new ArrayList<>();
        while (keys.size() < count) {
            keys.add(next());
        }
        return List.copyOf(keys);
    }
}
