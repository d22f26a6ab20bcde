package org.holdfast.order;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// One envelope at the gate, from the moment it came until it is answered.
///
/// Written by the pool's thread that judges it (once), then by the channel's loop.
final class Offer {
    final EnvelopeView view;
    final long deadlineNanos;
    final CompletableFuture<Void> answer = new CompletableFuture<>();
    private volatile @Nullable Verdict verdict;

    Offer(EnvelopeView view, long deadlineNanos) {
        this.view = view;
        this.deadlineNanos = deadlineNanos;
    }

    int bytes() {
        return view.bytes().size();
    }

    /// Number of its header type.
    int type() {
        return view.channelHeader().getType();
    }

    /// @param refusal why it is not admitted; empty = admitted
    /// @param atNanos when it was admitted
    record Verdict(Optional<Refusal> refusal, long atNanos) {
        static Verdict refused(Refusal refusal) {
            return new Verdict(Optional.of(refusal), 0);
        }
    }

    void judged(Verdict judgement) {
        verdict = judgement;
    }

    /// Null while it is not judged yet.
    @Nullable
    Verdict verdict() {
        return verdict;
    }
}
