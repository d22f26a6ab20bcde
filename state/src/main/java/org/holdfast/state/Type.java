package org.holdfast.state;

import org.holdfast.env.Invariant;

/// What a key holds. A key holds one.
enum Type {
    STRING(1, "string"),
    HASH(2, "hash"),
    LIST(3, "list"),
    SET(4, "set"),
    ZSET(5, "zset"),
    JSON(6, "json");

    private final int code;
    private final String text;

    Type(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /// As stored; never renumbered.
    int code() {
        return code;
    }

    /// As TYPE answers.
    String text() {
        return text;
    }

    static Type of(int code) {
        for (Type type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw Invariant.broken("no type has the code %d", code);
    }
}
