package org.holdfast.transport;

/// The reader of a flow has ended it, lost its connection, or was cut because it did not read. There is nobody to
/// answer.
public final class ReaderGone extends Exception {
    private static final long serialVersionUID = 1L;

    ReaderGone(String why) {
        super(why, null, false, false);
    }
}
