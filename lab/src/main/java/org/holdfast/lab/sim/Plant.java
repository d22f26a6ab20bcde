package org.holdfast.lab.sim;

/// A bug put into a schedule to see that a rule finds it: something the log or the disk does here against its contract,
/// as if the rooms above it had done it. Bugs in the rooms themselves are planted in their compiled code, by the tests.
public enum Plant {
    /// Everything as it is.
    NONE,
    /// Now and then a member is not given a committed record.
    RECORD_SKIPPED,
    /// A member gets a record without its last envelope.
    RECORD_CHANGED,
    /// A member reads another time in a record than the others.
    LOCAL_TIME,
    /// A member ends blocks where it likes.
    LOCAL_CUT,
    /// Forcing a file or a directory of one member does nothing.
    DISK_LIES,
    /// A member begins to read one record too late after a start.
    RESUME_TOO_LATE,
    /// The log forgets a few records more than it was told.
    PURGE_TOO_FAR
}
