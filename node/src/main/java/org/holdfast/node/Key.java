package org.holdfast.node;

import java.util.Locale;

/// A key the node knows.
///
/// @param path as Fabric's `orderer.yaml` spells it; case does not matter when it is read
/// @param kind what its value is
/// @param fallback the value where none is given; empty = none
/// @param use whether the node does what it says
/// @param note what it means, or why it has no effect here
record Key(String path, Kind kind, String fallback, Use use, String note) {
    static final String PREFIX = "ORDERER_";

    /// What a value is, and how a fault says what is wanted.
    enum Kind {
        TEXT("text"),
        FLAG("true or false"),
        PORT("a port from 0 to 65535"),
        COUNT("a whole number from 0 to 2147483647"),
        SIZE("a size in bytes up to 2147483647, such as 1048576 or '1 MB'"),
        DURATION("a duration with its unit, such as 500ms, 5s or 1m30s"),
        ADDRESS("host:port"),
        PATH("a path"),
        PATHS("a list of paths"),
        TEXTS("a list of texts");

        private final String wanted;

        Kind(String wanted) {
            this.wanted = wanted;
        }

        String wanted() {
            return wanted;
        }

        boolean isList() {
            return this == PATHS || this == TEXTS;
        }
    }

    /// What the node does with a value.
    enum Use {
        /// Does as it says.
        OBEYED("obeyed"),
        /// Reads and checks it; nothing more is needed of it.
        CHECKED("checked"),
        /// Takes it and warns, when it is not the default, that it changes nothing.
        IDLE("no effect");

        private final String word;

        Use(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    static Key obeyed(String path, Kind kind, String fallback, String meaning) {
        return new Key(path, kind, fallback, Use.OBEYED, meaning);
    }

    static Key checked(String path, Kind kind, String fallback, String why) {
        return new Key(path, kind, fallback, Use.CHECKED, why);
    }

    static Key idle(String path, Kind kind, String fallback, String why) {
        return new Key(path, kind, fallback, Use.IDLE, why);
    }

    /// The environment variable that overrides it.
    String variable() {
        return PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /// The path as it is looked up.
    String folded() {
        return fold(path);
    }

    /// Whether its value must not be shown.
    boolean isSecret() {
        return path.endsWith(".Password") || path.endsWith(".Pin") || path.endsWith(".Users");
    }

    static String fold(String path) {
        return path.toLowerCase(Locale.ROOT);
    }
}
