package org.holdfast.ledger;

import java.nio.file.Path;

/// Why a ledger's file cannot be used.
public sealed interface LedgerFault {
    /// The file at fault.
    Path path();

    /// The bytes at an offset are not what was written.
    record Corrupt(Path path, long offset, String reason) implements LedgerFault {
        @Override
        public String toString() {
            return "%s is corrupt at byte %d: %s".formatted(path, offset, reason);
        }
    }

    /// Written by a version this program no longer reads.
    record TooOld(Path path, int version, int oldest) implements LedgerFault {
        @Override
        public String toString() {
            return "%s has format version %d, the oldest readable is %d".formatted(path, version, oldest);
        }
    }

    /// Written by a newer program.
    record TooNew(Path path, int version, int newest) implements LedgerFault {
        @Override
        public String toString() {
            return "%s has format version %d, this program reads up to %d".formatted(path, version, newest);
        }
    }
}
