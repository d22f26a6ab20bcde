package org.holdfast.env;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ThreadLoopTest {
    private static final int LIMIT = 4;

    private final World world = World.real();
    private final BlockingQueue<Throwable> faults = new LinkedBlockingQueue<>();
    private final Loop loop = world.loop("loop-under-test", LIMIT, faults::add);

    @AfterEach
    void end() {
        loop.close();
    }

    @Test
    void tasksRunInTheOrderTheyWerePosted() {
        List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            assertThat(loop.postWaiting(() -> seen.add(number))).isTrue();
        }
        loop.close();
        assertThat(seen).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
    }

    @Test
    void aFullQueueRefuses() throws InterruptedException {
        CountDownLatch gate = occupy();
        for (int i = 0; i < LIMIT; i++) {
            assertThat(loop.post(() -> {})).isTrue();
        }
        assertThat(loop.depth()).isEqualTo(LIMIT);
        assertThat(loop.post(() -> {})).isFalse();
        gate.countDown();
        await().until(() -> loop.depth() == 0);
        assertThat(loop.post(() -> {})).isTrue();
    }

    @Test
    void aWaitingProducerGoesOnWhenThereIsRoom() throws InterruptedException {
        CountDownLatch gate = occupy();
        for (int i = 0; i < LIMIT; i++) {
            assertThat(loop.post(() -> {})).isTrue();
        }
        BlockingQueue<Boolean> answer = new ArrayBlockingQueue<>(1);
        Thread producer = world.start("producer", () -> answer.add(loop.postWaiting(() -> {})));
        await().until(() -> producer.getState() == Thread.State.WAITING);
        assertThat(answer).isEmpty();
        gate.countDown();
        assertThat(answer.poll(10, SECONDS)).isTrue();
    }

    @Test
    void aWaitingProducerIsSentAwayByClose() throws InterruptedException {
        CountDownLatch gate = occupy();
        for (int i = 0; i < LIMIT; i++) {
            assertThat(loop.post(() -> {})).isTrue();
        }
        BlockingQueue<Boolean> answer = new ArrayBlockingQueue<>(1);
        Thread producer = world.start("producer", () -> answer.add(loop.postWaiting(() -> {})));
        await().until(() -> producer.getState() == Thread.State.WAITING);
        Thread closer = world.start("closer", loop::close);
        assertThat(answer.poll(10, SECONDS)).isFalse();
        gate.countDown();
        closer.join();
    }

    @Test
    void aLoopDoesNotWaitForItself() throws InterruptedException {
        loop.post(() -> loop.postWaiting(() -> {}));
        assertThat(faults.poll(10, SECONDS)).isInstanceOf(Invariant.class);
    }

    @Test
    void timersFireInTheOrderOfTheirTime() throws InterruptedException {
        BlockingQueue<String> fired = new LinkedBlockingQueue<>();
        loop.after(Duration.ofMillis(60), () -> fired.add("late"));
        loop.after(Duration.ofMillis(20), () -> fired.add("early"));
        loop.after(Duration.ofMillis(20), () -> fired.add("early, armed second"));
        assertThat(List.of(take(fired), take(fired), take(fired)))
                .containsExactly("early", "early, armed second", "late");
    }

    @Test
    void aTimerDoesNotFireBeforeItsTimeAndRunsOnTheLoop() throws InterruptedException {
        BlockingQueue<Long> at = new ArrayBlockingQueue<>(1);
        long start = world.clock().nanos();
        loop.after(
                Duration.ofMillis(30),
                () -> at.add(loop.inLoop() ? world.clock().nanos() : Long.MIN_VALUE));
        Long fired = at.poll(10, SECONDS);
        assertThat(fired).isNotNull();
        assertThat(fired - start).isGreaterThanOrEqualTo(Duration.ofMillis(30).toNanos());
        assertThat(loop.inLoop()).isFalse();
    }

    @Test
    void aCancelledTimerDoesNotFire() throws InterruptedException {
        BlockingQueue<String> fired = new LinkedBlockingQueue<>();
        Loop.Timer cancelled = loop.after(Duration.ofMillis(20), () -> fired.add("cancelled"));
        loop.after(Duration.ofMillis(40), () -> fired.add("kept"));
        cancelled.cancel();
        cancelled.cancel();
        assertThat(take(fired)).isEqualTo("kept");
        assertThat(fired).isEmpty();
    }

    @Test
    void aTimerIsHeardBetweenEndlessTasks() throws InterruptedException {
        BlockingQueue<String> fired = new LinkedBlockingQueue<>();
        AtomicBoolean stop = new AtomicBoolean();
        loop.post(() -> again(stop));
        loop.after(Duration.ofMillis(20), () -> fired.add("heard"));
        assertThat(fired.poll(10, SECONDS)).isEqualTo("heard");
        stop.set(true);
    }

    @Test
    void veryLongTimersDoNotOvertakeShortOnes() throws InterruptedException {
        BlockingQueue<String> fired = new LinkedBlockingQueue<>();
        loop.after(Duration.ofDays(365L * 250), () -> fired.add("in 250 years"));
        loop.after(Duration.ofMillis(10), () -> fired.add("soon"));
        assertThat(take(fired)).isEqualTo("soon");
    }

    @Test
    void faultsReachTheOwnerAndTheLoopGoesOn() throws InterruptedException {
        BlockingQueue<String> ran = new LinkedBlockingQueue<>();
        IllegalStateException planted = new IllegalStateException("planted");
        StackOverflowError error = new StackOverflowError();
        loop.post(() -> {
            throw planted;
        });
        loop.post(() -> {
            throw error;
        });
        loop.after(Duration.ofMillis(1), () -> {
            throw planted;
        });
        assertThat(faults.poll(10, SECONDS)).isNotNull();
        assertThat(faults.poll(10, SECONDS)).isNotNull();
        assertThat(faults.poll(10, SECONDS)).isNotNull();
        loop.post(() -> ran.add("after"));
        assertThat(take(ran)).isEqualTo("after");
    }

    @Test
    void anOwnerThatFailsOnAFaultEndsTheLoopAndWhoPostsIsTold() {
        Loop fragile = world.loop("fragile", LIMIT, fault -> {
            throw new IllegalStateException("owner failed", fault);
        });
        fragile.post(() -> {
            throw new IllegalStateException("planted");
        });
        await().dontCatchUncaughtExceptions().until(() -> !fragile.post(() -> {}));
        fragile.close();
    }

    @Test
    void closeRunsWhatIsQueuedAndDropsTimers() throws InterruptedException {
        CountDownLatch gate = occupy();
        BlockingQueue<String> ran = new LinkedBlockingQueue<>();
        loop.post(() -> ran.add("queued"));
        loop.after(Duration.ofHours(1), () -> ran.add("timer"));
        Thread closer = world.start("closer", loop::close);
        await().until(() -> !loop.post(() -> ran.add("late")));
        gate.countDown();
        closer.join();
        assertThat(ran).containsExactly("queued");
        loop.after(Duration.ZERO, () -> ran.add("after close"));
        loop.close();
        assertThat(ran).containsExactly("queued");
    }

    @Test
    void closeOnTheLoopDoesNotWaitForItself() {
        AtomicBoolean returned = new AtomicBoolean();
        loop.post(() -> {
            loop.close();
            returned.set(true);
        });
        await().untilTrue(returned);
        await().until(() -> !loop.post(() -> {}));
    }

    @Test
    void aLoopNeedsALimit() {
        assertThatThrownBy(() -> world.loop("none", 0, faults::add)).isInstanceOf(Invariant.class);
    }

    private void again(AtomicBoolean stop) {
        if (!stop.get()) {
            loop.post(() -> again(stop));
        }
    }

    private CountDownLatch occupy() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        loop.post(() -> {
            running.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        running.await();
        return gate;
    }

    private static String take(BlockingQueue<String> queue) throws InterruptedException {
        String taken = queue.poll(10, SECONDS);
        assertThat(taken).isNotNull();
        return taken;
    }
}
