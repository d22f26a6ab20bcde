package org.holdfast.order;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The envelopes that are in no record: those that came, in the order in which they came, and before them those whose
/// record was judged by a config no longer in force.
///
/// Threads: [#add], [#withdraw] and [#size] from any thread, everything else on the channel's loop.
final class Intake {
    private final ConcurrentLinkedQueue<Offer> came = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Offer> recalled = new ArrayDeque<>();
    /// Of records that were recalled one after the other; older than everything in `recalled`.
    private final List<Offer> returning = new ArrayList<>();
    private final AtomicInteger size = new AtomicInteger();

    void add(Offer offer) {
        size.incrementAndGet();
        came.add(offer);
    }

    /// Takes an envelope back that just came.
    ///
    /// @return false when the loop has taken it
    boolean withdraw(Offer offer) {
        boolean here = came.remove(offer);
        if (here) {
            size.decrementAndGet();
        }
        return here;
    }

    int size() {
        return size.get();
    }

    boolean isEmpty() {
        return recalled.isEmpty() && returning.isEmpty() && came.isEmpty();
    }

    /// The envelopes of the next recalled record.
    void giveBack(List<Offer> offers) {
        returning.addAll(offers);
        size.addAndGet(offers.size());
    }

    /// No further record will be recalled: what came back is first in line.
    void lineUp() {
        for (int i = returning.size() - 1; i >= 0; i--) {
            recalled.addFirst(returning.get(i));
        }
        returning.clear();
    }

    /// Takes out what is first in line and has waited too long.
    List<Offer> overdue(long now) {
        List<Offer> overdue = new ArrayList<>();
        while (!returning.isEmpty() && now > returning.getFirst().deadlineNanos) {
            overdue.add(returning.removeFirst());
            size.decrementAndGet();
        }
        for (Offer offer = peek(); offer != null && now > offer.deadlineNanos; offer = peek()) {
            overdue.add(offer);
            poll();
        }
        return overdue;
    }

    /// Takes everything out.
    List<Offer> clear() {
        lineUp();
        List<Offer> all = new ArrayList<>();
        for (Offer offer = poll(); offer != null; offer = poll()) {
            all.add(offer);
        }
        return all;
    }

    @Nullable
    Offer peek() {
        return recalled.isEmpty() ? came.peek() : recalled.peek();
    }

    /// Takes the envelope that was seen with [#peek], or, when there is no such any more, the next.
    @Nullable
    Offer poll() {
        Offer offer = recalled.isEmpty() ? came.poll() : recalled.poll();
        if (offer != null) {
            size.decrementAndGet();
        }
        return offer;
    }

    /// Everything that is here now, in order.
    void forEach(Consumer<Offer> action) {
        returning.forEach(action);
        recalled.forEach(action);
        Iterator<Offer> all = came.iterator();
        while (all.hasNext()) {
            action.accept(all.next());
        }
    }
}
