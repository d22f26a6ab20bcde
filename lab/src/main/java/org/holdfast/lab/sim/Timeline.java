package org.holdfast.lab.sim;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.holdfast.env.Loop;
import org.jspecify.annotations.Nullable;

/// Virtual time: one queue of events, carried out one after the other on the caller's thread. Nothing waits; time is
/// the time of the event under way. Events of one moment come in an order the dice decides.
///
/// Work that blocks on a real node runs as one event here and lets others happen where it would wait ([#interleave]).
final class Timeline {
    static final long MICRO = 1_000;
    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000_000_000;
    /// Steps remembered for the report.
    static final int TRACE = 200;
    /// Blocking work within blocking work, at most.
    private static final int DEPTH_MAX = 2;

    private final Dice dice;
    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private final long[] times = new long[TRACE];
    private final String[] labels = new String[TRACE];
    private final String[] hosts = new String[TRACE];
    private @Nullable Consumer<String> listener;
    private long now;
    private long sequence;
    private long steps;
    private long digest;
    private int depth;
    private Runnable afterStep = () -> {};

    Timeline(Dice dice) {
        this.dice = dice;
    }

    /// One thing to come.
    static final class Event implements Loop.Timer, Comparable<Event> {
        private final long at;
        private final long tie;
        private final long number;
        private final @Nullable Host host;
        private final String what;
        private final boolean blocking;
        private @Nullable Runnable work;

        private Event(long at, long tie, long number, Task task) {
            this.at = at;
            this.tie = tie;
            this.number = number;
            this.host = task.host;
            this.what = task.what;
            this.blocking = task.blocking;
            this.work = task.work;
        }

        @Override
        public void cancel() {
            work = null;
        }

        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(tie, other.tie);
        }
    }

    /// What an event does.
    ///
    /// @param host the process it happens in; nothing happens in a dead one. Null for the world around
    /// @param blocking whether it may wait, and so excludes other blocking work of its process
    record Task(@Nullable Host host, String what, boolean blocking, Runnable work) {}

    /// Nanoseconds since the beginning.
    long now() {
        return now;
    }

    long steps() {
        return steps;
    }

    /// Sum over everything that happened, in its order.
    long digest() {
        return digest;
    }

    /// Something outside of events that belongs to what happened.
    void fold(long value) {
        digest = Dice.mix(digest ^ value);
    }

    /// Called after each step.
    void afterStep(Runnable look) {
        afterStep = look;
    }

    /// Told every step and note as text.
    void listen(Consumer<String> trace) {
        listener = trace;
    }

    /// Whether anybody is told: a note that is dear to make need not be made otherwise.
    boolean isHeard() {
        return listener != null;
    }

    /// Adds a word to the trace of the step under way.
    @FormatMethod
    void note(@FormatString String text, @Nullable Object... values) {
        if (listener != null) {
            listener.accept("            " + String.format(Locale.ROOT, text, values));
        }
    }

    Event after(long nanos, Task task) {
        Event event = new Event(now + Math.max(0, nanos), dice.nextLong(), sequence++, task);
        queue.add(event);
        return event;
    }

    /// Something that happens to the world, not in a process.
    Event after(long nanos, String what, Runnable work) {
        return after(nanos, new Task(null, what, false, work));
    }

    /// Carries out the next event.
    ///
    /// @return false when there is none
    boolean step() {
        while (true) {
            Event event = queue.poll();
            if (event == null) {
                return false;
            }
            Runnable work = event.work;
            Host host = event.host;
            if (work == null || (host != null && host.isDead())) {
                continue;
            }
            now = Math.max(now, event.at);
            if (event.blocking && host != null && host.isBlocking()) {
                after(MILLI, new Task(host, event.what, true, work));
                continue;
            }
            carryOut(event, work);
            return true;
        }
    }

    private void carryOut(Event event, Runnable work) {
        Host host = event.host;
        steps++;
        digest = Dice.mix(digest ^ (now * 31 + event.number) ^ ((long) event.what.hashCode() << 32));
        int slot = (int) (steps % TRACE);
        times[slot] = now;
        labels[slot] = event.what;
        hosts[slot] = host == null ? "" : host.name();
        if (listener != null) {
            listener.accept(line(slot));
        }
        try {
            if (event.blocking && host != null) {
                host.block(work);
            } else {
                work.run();
            }
        } catch (ProcessGone gone) {
            gone.host().gone();
        }
        afterStep.run();
    }

    /// Lets some other things happen while blocking work of a process waits.
    void interleave(Host host, int most) {
        if (depth >= DEPTH_MAX || !host.mayWait()) {
            return;
        }
        depth++;
        try {
            int count = dice.below(most + 1);
            for (int i = 0; i < count && step(); i++) {
                if (host.isDead()) {
                    throw new ProcessGone(host);
                }
            }
        } finally {
            depth--;
        }
    }

    /// The newest steps, oldest first.
    String trace() {
        StringBuilder text = new StringBuilder();
        for (long step = Math.max(1, steps - TRACE + 1); step <= steps; step++) {
            text.append(line((int) (step % TRACE))).append('\n');
        }
        return text.toString();
    }

    private String line(int slot) {
        return String.format(Locale.ROOT, "%12.6f ms  %-6s %s", times[slot] / 1e6, hosts[slot], labels[slot]);
    }
}
