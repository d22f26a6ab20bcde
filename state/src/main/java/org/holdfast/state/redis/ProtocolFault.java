package org.holdfast.state.redis;

/// What a client sent is no request. Its text goes to the client after `ERR Protocol error: `; then the connection is
/// closed, since nobody knows where the next request begins.
final class ProtocolFault extends Exception {
    private static final long serialVersionUID = 1L;

    ProtocolFault(String text) {
        super(text, null, false, false);
    }

    /// What the client is told.
    String text() {
        return String.valueOf(getMessage());
    }
}
