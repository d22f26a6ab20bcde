package org.holdfast.transport;

/// One answer of Deliver: blocks, then a status.
public interface DeliverStream extends BlockStream {
    /// The final `common.Status` number, once [#next] has returned empty; 0 before.
    int status();
}
