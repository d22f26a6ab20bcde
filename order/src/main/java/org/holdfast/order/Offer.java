package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// One envelope at the gate, from the moment it came until it is answered.
///
/// Written by the pool's thread that judges it, then by the channel's loop, until the loop has it judged again.
final class Offer {
    final EnvelopeView view;
    final long deadlineNanos;
    final CompletableFuture<Void> answer = new CompletableFuture<>();
    private volatile @Nullable Verdict verdict;
    /// How often its record was judged by a config no longer in force.
    private int recalls;

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

    /// What is ordered for it: the envelope itself, or the config that its update makes.
    ByteString content() {
        Verdict judged = verdict;
        return judged == null ? view.bytes() : judged.judgement.config().orElse(view.bytes());
    }

    /// @param atNanos when it was judged
    record Verdict(Gate.Judgement judgement, long atNanos) {
        private static final long BY_NO_CONFIG = -1;

        static Verdict refused(Refusal refusal) {
            return new Verdict(new Gate.Judgement(Optional.of(refusal), BY_NO_CONFIG, Optional.empty()), 0);
        }

        Optional<Refusal> refusal() {
            return judgement.refusal();
        }

        /// Whether the envelope is admitted and becomes a config.
        boolean configures() {
            return judgement.refusal().isEmpty() && judgement.config().isPresent();
        }

        boolean outdated(long configSequence) {
            return judgement.configSequence() != BY_NO_CONFIG && judgement.configSequence() != configSequence;
        }
    }

    /// Its verdict counts for nothing any more.
    void unjudged() {
        verdict = null;
    }

    /// Its record was not applied.
    ///
    /// @return how often this happened
    int recalled() {
        verdict = null;
        return ++recalls;
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
