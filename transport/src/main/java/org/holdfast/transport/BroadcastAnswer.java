package org.holdfast.transport;

/// The answer to one broadcast envelope.
///
/// @param status a `common.Status` number; 200 is the promise that the envelope is ordered
/// @param info free text; empty with 200
public record BroadcastAnswer(int status, String info) {
    static final int SUCCESS = 200;
    static final int INTERNAL_ERROR = 500;

    /// The envelope is ordered.
    public static final BroadcastAnswer OK = new BroadcastAnswer(SUCCESS, "");

    /// Whether the stream goes on.
    public boolean isSuccess() {
        return status == SUCCESS;
    }
}
