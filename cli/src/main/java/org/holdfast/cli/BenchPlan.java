package org.holdfast.cli;

import java.time.Duration;
import java.util.OptionalInt;
import org.holdfast.channel.GoDuration;
import org.holdfast.env.ForceDelay;
import org.jspecify.annotations.Nullable;

/// What a measurement of ordering does.
///
/// @param channel where the envelopes go
/// @param payloadBytes of an envelope's data; the header, the signature and the certificate come on top
/// @param length how long is measured; a warm-up of the same load goes before it
/// @param warmUp not measured
/// @param rate envelopes a second of all streams together; empty = as fast as the answers come
/// @param streams Broadcast streams, spread over the nodes
/// @param window unanswered envelopes of one stream; with a rate it only bounds memory
/// @param diskDelay how much longer every force of the nodes' disks takes meanwhile
record BenchPlan(
        String channel,
        int payloadBytes,
        Duration length,
        Duration warmUp,
        OptionalInt rate,
        int streams,
        int window,
        Duration diskDelay) {
    /// The first bytes of an envelope's data: which run, and the envelope's number in it.
    static final int MARK_BYTES = 16;

    /// What an object of a signed envelope costs beside its bytes.
    private static final int OBJECT_BYTES = 64;

    /// More than any machine of today orders in a second: how many envelopes a closed loop signs in advance.
    static final int CLOSED_LOOP_RATE = 25_000;

    BenchPlan {
        if (payloadBytes < MARK_BYTES || payloadBytes > SubmitCommand.LINE_BYTES_MAX) {
            throw CommandFault.usage(
                    "--payload is %d; allowed are %d to %d bytes",
                    payloadBytes, MARK_BYTES, SubmitCommand.LINE_BYTES_MAX);
        }
        if (length.toSeconds() < 1 || length.toSeconds() > 3600) {
            throw CommandFault.usage("--seconds is %d; allowed are 1 to 3600", length.toSeconds());
        }
        if (warmUp.isNegative() || warmUp.toSeconds() > 600) {
            throw CommandFault.usage("--warm-up is %d; allowed are 0 to 600", warmUp.toSeconds());
        }
        if (rate.isPresent() && (rate.getAsInt() < 1 || rate.getAsInt() > 1_000_000)) {
            throw CommandFault.usage("--rate is %d; allowed are 1 to 1000000", rate.getAsInt());
        }
        if (streams < 1 || streams > 1000) {
            throw CommandFault.usage("--streams is %d; allowed are 1 to 1000", streams);
        }
        if (window < 1 || window > 1024) {
            throw CommandFault.usage("--window is %d; allowed are 1 to 1024", window);
        }
    }

    /// Reads `--disk-delay`.
    static Duration diskDelay(@Nullable String text) {
        if (text == null) {
            return Duration.ZERO;
        }
        Duration delay = GoDuration.parse(text);
        if (delay == null || delay.isNegative() || delay.compareTo(ForceDelay.EACH_MAX) > 0) {
            throw CommandFault.usage(
                    "--disk-delay is '%s'; write it like 2ms or 500us, at most %s",
                    text, GoDuration.format(ForceDelay.EACH_MAX));
        }
        return delay;
    }

    Duration whole() {
        return warmUp.plus(length);
    }

    /// How many envelopes the run may need.
    ///
    /// @param envelopeBytes of a signed envelope
    /// @param heapBytes of this process; signed envelopes take at most half of it, and the run ends when they are sent
    int envelopes(int envelopeBytes, long heapBytes) {
        long wanted = (long) rate.orElse(CLOSED_LOOP_RATE) * whole().toMillis() / 1000 + streams;
        return (int) Math.min(wanted, heapBytes / 2 / (envelopeBytes + OBJECT_BYTES));
    }
}
