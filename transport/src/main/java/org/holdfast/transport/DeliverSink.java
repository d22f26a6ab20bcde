package org.holdfast.transport;

/// Where the answer to one Deliver request goes: blocks, then one status.
public interface DeliverSink extends BlockSink {
    /// Ends the answer. After 200 the stream takes another request, after anything else it ends.
    ///
    /// @param status a `common.Status` number
    void status(int status) throws ReaderGone;
}
