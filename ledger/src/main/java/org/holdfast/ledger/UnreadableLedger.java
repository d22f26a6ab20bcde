package org.holdfast.ledger;

/// A ledger's files are not usable as they are. Nothing was changed; the fault tells file and place.
public final class UnreadableLedger extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient LedgerFault fault;

    UnreadableLedger(LedgerFault fault) {
        super(fault.toString());
        this.fault = fault;
    }

    /// File, place and kind of the fault.
    public LedgerFault fault() {
        return fault;
    }
}
