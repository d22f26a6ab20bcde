package org.holdfast.wire;

/// Why something was refused. The number is a contract (docs/refusals.md): never reused, never renumbered.
public enum Code {
    MALFORMED_ENVELOPE("HF-101", 400),
    UNKNOWN_CHANNEL("HF-102", 400),
    EMPTY_PAYLOAD("HF-103", 400),
    TOO_LARGE("HF-104", 400),
    IDENTITY_INVALID("HF-105", 400),
    POLICY_NOT_SATISFIED("HF-106", 403),
    UPDATES_NOT_SUPPORTED("HF-107", 400),
    TYPE_NOT_SUBMITTABLE("HF-108", 400),
    STALE_CONFIG("HF-109", 503),
    MAINTENANCE("HF-110", 503),
    UPDATE_STALE("HF-111", 400),
    UPDATE_NOT_AUTHORIZED("HF-112", 400),
    UPDATE_INVALID("HF-113", 400),

    OVERLOADED("HF-201", 503),
    NO_LEADER("HF-202", 503),
    STOPPING("HF-203", 503),
    CHANNEL_HALTED("HF-204", 503),
    DISK_FULL("HF-205", 503),
    NOT_LEADER("HF-206", 503),
    MEMBER_SUPERSEDED("HF-207", 403),
    MEMBERSHIP_CHANGING("HF-208", 503),
    TAKEOVER_INVALID("HF-209", 403),
    LARGE_ENVELOPE_DROPPED("HF-210", 503),
    LEDGER_UNREADABLE("HF-211", 503),
    /// The only one after which what was asked may still be done.
    OUTCOME_UNKNOWN("HF-212", 503),

    SEEK_MALFORMED("HF-301", 400),
    SEEK_UNKNOWN_CHANNEL("HF-302", 404),
    SEEK_BEYOND_TIP("HF-303", 404),
    SEEK_FORBIDDEN("HF-304", 403),
    SEEK_UNAVAILABLE("HF-305", 503),
    SEEK_STALE_REQUEST("HF-306", 400),
    READER_TOO_SLOW("HF-307", 503),

    NOT_A_MEMBER("HF-401", 403),
    BLOCK_NOT_HERE("HF-402", 404),

    SHARD_NOT_HERE("HF-501", 503),
    SHARD_HALTED("HF-502", 503),
    STATE_BEHIND("HF-503", 503);

    private final String number;
    private final int status;

    Code(String number, int status) {
        this.number = number;
        this.status = status;
    }

    /// The stable number, as printed and documented.
    public String number() {
        return number;
    }

    /// The `common.Status` number a Fabric client is answered with.
    public int status() {
        return status;
    }
}
