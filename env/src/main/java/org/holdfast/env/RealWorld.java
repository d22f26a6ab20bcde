package org.holdfast.env;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.function.Consumer;

/// The machine this process runs on.
final class RealWorld implements World {
    private final Clock clock = new SystemClock();
    private final Chance chance = new SecureChance();
    private final ForceDelay forceDelay = new ForceDelay(clock);
    private final Disk disk = new FileDisk(forceDelay);
    private final Metrics metrics = new Metrics();

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public Chance chance() {
        return chance;
    }

    @Override
    public Disk disk() {
        return disk;
    }

    @Override
    public ForceDelay forceDelay() {
        return forceDelay;
    }

    @Override
    public Metrics metrics() {
        return metrics;
    }

    @Override
    public Loop loop(String name, int limit, Consumer<Throwable> onFault) {
        return new ThreadLoop(name, limit, onFault);
    }

    @Override
    public Pool pool(String name, int threads, int limit) {
        return new ThreadPool(name, threads, limit);
    }

    @Override
    public Runnable atShutdown(String name, Runnable work) {
        Thread hook = Thread.ofPlatform().name(name).unstarted(work);
        Runtime.getRuntime().addShutdownHook(hook);
        return () -> {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException endHasBegun) {
                // then it runs
            }
        };
    }

    @Override
    public OutputStream standardOutput() {
        return new FileOutputStream(FileDescriptor.out);
    }

    @Override
    public Thread start(String name, Runnable work) {
        return Thread.ofVirtual().name(name).start(work);
    }

    private static final class SystemClock implements Clock {
        @Override
        public long wallMillis() {
            return System.currentTimeMillis();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    }

    private static final class SecureChance implements Chance {
        private final SecureRandom random = new SecureRandom();

        @Override
        public long nextLong() {
            return random.nextLong();
        }

        @Override
        public void nextBytes(byte[] target) {
            random.nextBytes(target);
        }
    }
}
