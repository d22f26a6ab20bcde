package org.holdfast.cli;

import java.util.function.LongSupplier;

/// What a submission tells: progress while it runs, refused lines as they are refused, a summary. Used by the command's
/// thread; [#extent] by any.
final class SubmitReport {
    private static final long LIVE_EVERY_NANOS = 200_000_000L;
    private static final long LINE_EVERY_NANOS = 5_000_000_000L;
    private static final int REFUSALS_SHOWN_MAX = 20;
    private static final int BAR = 30;

    private final Session session;
    private final long total;
    private final LongSupplier position;
    private final long began;
    private long told;
    private long shown;

    /// @param total bytes of the input; 0 when unknown
    /// @param position bytes read so far
    SubmitReport(Session session, long total, LongSupplier position) {
        this.session = session;
        this.total = total;
        this.position = position;
        this.began = session.world().clock().nanos();
        this.told = began;
    }

    void progress(Submission.Tally tally) {
        long now = session.world().clock().nanos();
        long every = session.screen().terminal() ? LIVE_EVERY_NANOS : LINE_EVERY_NANOS;
        if (now - told < every) {
            return;
        }
        told = now;
        String text = "%s%d durable, %d refused, %d waiting, %.0f/s"
                .formatted(bar(), tally.durable(), tally.refused(), tally.waiting(), rate(tally));
        if (session.screen().terminal()) {
            session.screen().live(text);
        } else {
            session.screen().note(text);
        }
    }

    private String bar() {
        if (total <= 0 || !session.screen().terminal()) {
            return "";
        }
        int done = (int) Math.min(BAR, position.getAsLong() * BAR / total);
        return "[" + "#".repeat(done) + ".".repeat(BAR - done) + "] ";
    }

    private double rate(Submission.Tally tally) {
        return tally.durable() / Math.max(0.001, session.secondsSince(began));
    }

    void refused(long line, String why) {
        shown++;
        if (shown <= REFUSALS_SHOWN_MAX) {
            session.screen().note("line %d is refused: %s".formatted(line, why));
        } else if (shown == REFUSALS_SHOWN_MAX + 1) {
            session.screen().note("further refusals are only counted");
        }
    }

    void moved(String why) {
        session.screen().note("going on with the next node (" + why.strip() + ")");
    }

    void summary(Submission.Tally tally) {
        session.screen().endLive();
        session.screen()
                .say("%d durable, %d refused, %.1f s elapsed, %.0f/s%s"
                        .formatted(
                                tally.durable(),
                                tally.refused(),
                                session.secondsSince(began),
                                rate(tally),
                                tally.again() == 0
                                        ? ""
                                        : ("; %d were sent again after a broken stream and may stand twice, "
                                                        + "with one transaction id")
                                                .formatted(tally.again())));
    }

    /// How far an unfinished submission got.
    static String extent(Submission.Tally tally) {
        String answered = "%d lines are durable; every line up to line %d is answered (%d of them refused)"
                .formatted(tally.durable(), tally.answered(), tally.refused());
        return tally.waiting() == 0
                ? answered
                : answered
                        + "; the %d lines after it were sent and have no answer: ".formatted(tally.waiting())
                        + "look for them with 'holdfast feed' before you send them again";
    }
}
