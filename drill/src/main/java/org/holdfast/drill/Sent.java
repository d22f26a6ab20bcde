package org.holdfast.drill;

/// One envelope that was sent, and what its sender was told.
///
/// Made by its client's thread; the outcome is written once by the thread that got the answer.
final class Sent {
    /// What the sender knows.
    enum Outcome {
        /// No answer yet, or the stream broke before it came: it may be ordered or not.
        UNKNOWN,
        /// SUCCESS: it is ordered.
        ACKNOWLEDGED,
        /// A refusal that promises it is not ordered.
        REFUSED
    }

    final String id;
    final int client;
    final int session;
    final int number;
    final long fingerprint;
    final long sentNanos;
    private volatile Answer answer = new Answer(Outcome.UNKNOWN, 0, "");

    /// @param nanos when it came, 0 = it did not
    /// @param text of a refusal
    record Answer(Outcome outcome, long nanos, String text) {}

    /// @param client number of the client
    /// @param session number of the client's stream
    /// @param number within the stream
    record Place(int client, int session, int number) {
        String id() {
            return "c%d-s%d-n%d".formatted(client, session, number);
        }
    }

    Sent(Place place, long fingerprint, long sentNanos) {
        this.id = place.id();
        this.client = place.client;
        this.session = place.session;
        this.number = place.number;
        this.fingerprint = fingerprint;
        this.sentNanos = sentNanos;
    }

    void answered(Outcome outcome, long nanos, String text) {
        answer = new Answer(outcome, nanos, text);
    }

    Answer answer() {
        return answer;
    }
}
