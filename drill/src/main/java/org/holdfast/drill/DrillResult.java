package org.holdfast.drill;

import java.util.List;

/// What one drill found. Its shape is also that of the command's JSON.
///
/// @param drill its name
/// @param verdict of it
/// @param reasons why it failed or was skipped; empty when it passed
/// @param began in UTC, ISO 8601
/// @param steps what was done and seen, in order
/// @param figures zero when it was skipped
/// @param logs directory of the nodes' logs and data; empty when it is deleted
public record DrillResult(
        String drill,
        String summary,
        Judgement verdict,
        List<String> reasons,
        String began,
        List<Step> steps,
        Figures figures,
        String logs) {
    /// How it ended.
    public enum Judgement {
        /// Every promise was kept.
        PASSED,
        /// One was not, or the nodes did not recover.
        FAILED,
        /// This machine lacks something it wants.
        SKIPPED
    }

    public DrillResult {
        reasons = List.copyOf(reasons);
        steps = List.copyOf(steps);
    }

    /// @param atMillis since the load began
    public record Step(long atMillis, String text) {}

    /// @param nodes of the sandbox
    /// @param counts of envelopes and blocks; lost = acknowledged and in no block, duplicated = applied twice
    /// @param serviceGapMillis longest time without an acknowledgement to anybody while load was offered
    /// @param newLeaderMillis from each fault that hit the leader until another node led
    /// @param backInServiceMillis from the fault to the first acknowledgement of an envelope sent after it; -1 = none
    /// @param headersEqual whether all nodes ended with the same blocks
    /// @param phases before, during and after the fault
    public record Figures(
            int nodes,
            Verdict.Counts counts,
            long serviceGapMillis,
            List<Long> newLeaderMillis,
            long backInServiceMillis,
            boolean headersEqual,
            List<Phase> phases) {
        /// Of a drill that was not run.
        static final Figures NONE =
                new Figures(0, new Verdict.Counts(0, 0, 0, 0, 0, 0, 0, 0), 0, List.of(), -1, false, List.of());

        public Figures {
            newLeaderMillis = List.copyOf(newLeaderMillis);
            phases = List.copyOf(phases);
        }
    }

    /// @param lastedMillis its length
    /// @param acknowledged envelopes that were sent in it
    /// @param medianMillis from sending them to the acknowledgement; -1 = none
    public record Phase(String name, long lastedMillis, long acknowledged, long medianMillis) {}

    static DrillResult notRehearsed(Drill drill, String began, String why, String logs) {
        return new DrillResult(
                drill.name(), drill.summary(), Judgement.FAILED, List.of(why), began, List.of(), Figures.NONE, logs);
    }

    static DrillResult skipped(Drill drill, String began, List<String> reasons) {
        return new DrillResult(
                drill.name(), drill.summary(), Judgement.SKIPPED, reasons, began, List.of(), Figures.NONE, "");
    }
}
