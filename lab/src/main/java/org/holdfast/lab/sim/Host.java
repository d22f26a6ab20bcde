package org.holdfast.lab.sim;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.holdfast.env.Chance;
import org.holdfast.env.Clock;
import org.holdfast.env.Disk;
import org.holdfast.env.Loop;
import org.holdfast.env.Metrics;
import org.holdfast.env.Pool;
import org.holdfast.env.World;

/// One process of a simulated node, from its start until it is killed: the world its rooms are given. Threads are
/// events; what a dead process had still to do never happens.
final class Host implements World {
    /// Where the virtual calendar begins, ms since the Unix epoch: 2030-01-01.
    static final long CALENDAR = 1_893_456_000_000L;

    private final String name;
    private final Timeline time;
    private final Dice dice;
    private final Disk disk;
    private final Metrics metrics = new Metrics();
    private final List<SimLoop> loops = new ArrayList<>();
    private final long nanosOrigin;
    private Runnable whenGone = () -> {};
    private long skewMillis;
    private boolean dead;
    private int blocking;
    private int looping;

    /// @param disk what this process sees of its node's disk
    Host(String name, Timeline time, Dice dice, SimDisk disk) {
        this.name = name;
        this.time = time;
        this.dice = dice;
        this.disk = disk.session(this);
        this.nanosOrigin = dice.between(-Timeline.SECOND, Timeline.SECOND);
    }

    String name() {
        return name;
    }

    Timeline time() {
        return time;
    }

    boolean isDead() {
        return dead;
    }

    /// Nothing of it happens any more.
    void kill() {
        dead = true;
    }

    /// Called when the process died of itself.
    void whenGone(Runnable told) {
        whenGone = told;
    }

    void gone() {
        if (!dead) {
            dead = true;
            whenGone.run();
        }
    }

    /// Its clock is off by so much from now on.
    void skew(long millis) {
        skewMillis = millis;
    }

    /// Runs work that may wait.
    void block(Runnable work) {
        blocking++;
        try {
            work.run();
        } finally {
            blocking--;
        }
    }

    boolean isBlocking() {
        return blocking > 0;
    }

    /// Runs work within a lock for which others of this process would wait: nothing else happens meanwhile. There is
    /// one real thread, so the lock itself keeps nobody out.
    void locked(Runnable work) {
        looping++;
        try {
            work.run();
        } finally {
            looping--;
        }
    }

    /// Whether what runs now is work that may wait, and no task of a loop within it and no lock around it.
    boolean mayWait() {
        return blocking > 0 && looping == 0;
    }

    void looping(int change) {
        looping += change;
    }

    /// Tasks that wait on all loops.
    int depth() {
        int sum = 0;
        for (SimLoop loop : loops) {
            sum += loop.depth();
        }
        return sum;
    }

    /// An event of this process after some nanoseconds.
    Timeline.Event after(long nanos, String what, Runnable work) {
        return time.after(nanos, new Timeline.Task(this, what, false, work));
    }

    /// Work of this process that may wait.
    void blockingAfter(long nanos, String what, Runnable work) {
        Timeline.Event _ = time.after(nanos, new Timeline.Task(this, what, true, work));
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long wallMillis() {
                return CALENDAR + time.now() / Timeline.MILLI + skewMillis;
            }

            @Override
            public long nanos() {
                return nanosOrigin + time.now();
            }
        };
    }

    @Override
    public Chance chance() {
        return dice;
    }

    @Override
    public Disk disk() {
        return disk;
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public Loop loop(String loopName, int limit, Consumer<Throwable> onFault) {
        SimLoop loop = new SimLoop(this, limit, onFault, dice.fork());
        loops.add(loop);
        return loop;
    }

    @Override
    public Pool pool(String poolName, int threads, int limit) {
        return new SimPool(this, limit, dice.fork());
    }

    @Override
    public Thread start(String threadName, Runnable work) {
        blockingAfter(dice.between(Timeline.MICRO, 200 * Timeline.MICRO), threadName, work);
        return Thread.currentThread(); // there is no other
    }

    @Override
    public Runnable atShutdown(String workName, Runnable work) {
        return () -> {}; // killed processes have no last words, stopped ones are stopped by their node
    }

    @Override
    public OutputStream standardOutput() {
        return OutputStream.nullOutputStream();
    }
}
