package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Recorder;
import org.holdfast.ledger.BlockView;
import org.holdfast.transport.DeliverStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.jspecify.annotations.Nullable;

/// Reads the channel while it is measured, and notes when each envelope is seen in a block.
///
/// One virtual thread reads; its figures are read after [#awaitAll] or [#close] only.
final class BenchReader implements AutoCloseable {
    private final Session session;
    private final long run;
    private final BenchLoad load;
    private final Recorder deliveries;
    private final OrdererClient link;
    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger seen = new AtomicInteger();
    private final AtomicInteger measured = new AtomicInteger();
    private final AtomicInteger blocks = new AtomicInteger();
    private volatile @Nullable String fault;

    /// @param deliveries gets the time from due to seen in a block, in microseconds
    BenchReader(Session session, long run, BenchLoad load, Recorder deliveries, OrdererClient link) {
        this.session = session;
        this.run = run;
        this.load = load;
        this.deliveries = deliveries;
        this.link = link;
    }

    /// Begins to read, and returns when the first block came: only then does it miss none of what is sent.
    ///
    /// @param seek a request of Deliver that begins with the newest block and follows the channel
    void start(ByteString seek) {
        session.world().start("bench-reader", () -> {
            try (DeliverStream stream = link.deliver(seek)) {
                for (Optional<ByteString> block = stream.next(); block.isPresent(); block = stream.next()) {
                    take(block.get(), session.world().clock().nanos());
                    began.countDown();
                }
                fault = "the node ended it with status " + stream.status();
            } catch (LinkBroken | InvalidProtocolBufferException e) {
                fault = e.getMessage();
            } finally {
                began.countDown();
                ended.countDown();
            }
        });
        try {
            began.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (fault != null) {
            throw CommandFault.failed("the channel cannot be read: %s", fault);
        }
    }

    private void take(ByteString block, long now) throws InvalidProtocolBufferException {
        int inMeasuredTime = 0;
        int ours = 0;
        for (ByteString envelope : BlockView.of(block).data()) {
            OptionalInt number = BenchMark.number(run, envelope);
            if (number.isEmpty()) {
                continue;
            }
            ours++;
            if (load.isMeasured(now)) {
                inMeasuredTime++;
            }
            long due = load.dueNanos(number.getAsInt());
            if (load.isMeasured(due)) {
                deliveries.recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(now - due)));
            }
        }
        if (inMeasuredTime > 0) {
            blocks.incrementAndGet();
        }
        measured.addAndGet(inMeasuredTime);
        seen.addAndGet(ours);
    }

    /// Waits until so many envelopes were seen.
    ///
    /// @return false when they were not within the time, or reading failed
    boolean awaitAll(int count, long patienceSeconds) {
        long began = session.world().clock().nanos();
        while (seen.get() < count && session.secondsSince(began) < patienceSeconds) {
            if (ended.getCount() == 0 || !Session.pause(10)) {
                break;
            }
        }
        return seen.get() >= count;
    }

    /// Seen in blocks that came within the measured time.
    int measured() {
        return measured.get();
    }

    int blocks() {
        return blocks.get();
    }

    int seen() {
        return seen.get();
    }

    @Nullable
    String fault() {
        return fault;
    }

    @Override
    public void close() {
        link.close();
    }
}
