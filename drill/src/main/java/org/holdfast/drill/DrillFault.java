package org.holdfast.drill;

/// The nodes did not come to a state they must come to, such as healthy after a restart. The text says what they say.
public final class DrillFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DrillFault(String text) {
        super(text);
    }
}
