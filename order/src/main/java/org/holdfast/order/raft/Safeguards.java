package org.holdfast.order.raft;

/// Pieces without which Ratis is not safe for us. All on; tests turn one off to see that it is needed.
///
/// @param noResumption TLS sessions are not resumed
/// @param peerGuard misaddressed and foreign messages are refused
/// @param sizeGate oversize records are refused before Ratis sees them
/// @param logSupervisor a failed log is taken down and brought back
/// @param pauseTolerance a long pause does not close the server
/// @param askedLeadership a leader asks a quorum, or its lease, whether it still leads before a read may rest on it
record Safeguards(
        boolean noResumption,
        boolean peerGuard,
        boolean sizeGate,
        boolean logSupervisor,
        boolean pauseTolerance,
        boolean askedLeadership) {
    static final Safeguards ALL = new Safeguards(true, true, true, true, true, true);
}
