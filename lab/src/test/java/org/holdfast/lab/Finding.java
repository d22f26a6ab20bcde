package org.holdfast.lab;

/// One breach of the law.
///
/// @param rule its short name
/// @param path of the source, from the root of the tree
/// @param line 1-based
/// @param text what is wrong and what to do instead
record Finding(Rule rule, String path, long line, String text) {
    enum Rule {
        UNREADABLE,
        NAME,
        FILE_LENGTH,
        LINE_LENGTH,
        METHOD_LENGTH,
        PARAMETERS,
        BANNED_CALL,
        BROAD_CATCH,
        SWALLOWED,
        LOG_AND_CONTINUE,
        UNFINISHED,
        SIGN,
        DOC_STYLE
    }

    @Override
    public String toString() {
        return "%s:%d %s: %s".formatted(path, line, rule, text);
    }
}
