package org.holdfast.state.redis;

/// A door that cannot be opened as its settings say. The text names every fault.
public final class DoorFault extends Exception {
    private static final long serialVersionUID = 1L;

    DoorFault(String text) {
        super(text);
    }

    DoorFault(String text, Throwable cause) {
        super(text, cause);
    }
}
