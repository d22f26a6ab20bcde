package org.holdfast.lab.sim;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Pool;
import org.holdfast.env.World;

/// Runs schedules: `SimMain --seeds FROM..TO [--threads N]`, or one of them again: `SimMain --replay SEED [--trace]`.
/// `--plant NAME` puts a bug in.
///
/// Ends with 0 when every rule held in every schedule, 1 when one did not, 2 on wrong usage.
public final class SimMain {
    private static final String USAGE = "usage: SimMain --seeds FROM..TO [--threads N] [--plant NAME] | --replay SEED"
            + " [--trace] [--plant NAME]";
    private static final int VIOLATIONS_MAX = 20;
    private static final long PROGRESS = 50_000;

    private SimMain() {}

    private record Words(long from, long until, int threads, Plant plant, boolean replay, boolean trace) {}

    /// Runs.
    public static void main(String[] args) {
        Words words;
        try {
            words = words(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + System.lineSeparator() + USAGE);
            System.exit(2);
            return;
        }
        System.exit(words.replay ? replay(words) : all(words));
    }

    private static int replay(Words words) {
        System.out.println("seed " + words.from);
        Schedule.Outcome outcome = Schedule.run(words.from, words.plant, words.trace ? System.out::println : null);
        System.out.println(outcome.kept() ? outcome : outcome.story());
        System.out.println("seed " + words.from);
        return outcome.kept() ? 0 : 1;
    }

    private static int all(Words words) {
        World world = World.real();
        System.out.printf(Locale.ROOT, "first seed %d, last seed %d%n", words.from, words.until - 1);
        long began = world.clock().nanos();
        Totals totals = new Totals(words, world, began);
        CountDownLatch ended = new CountDownLatch(words.threads);
        try (Pool pool = world.pool("sim", words.threads, words.threads)) {
            for (int i = 0; i < words.threads; i++) {
                boolean taken = pool.submit(() -> {
                    totals.work();
                    ended.countDown();
                });
                if (!taken) {
                    throw new IllegalStateException("no thread");
                }
            }
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 2;
        }
        totals.print("done");
        System.out.printf(Locale.ROOT, "first seed %d, last seed %d%n", words.from, words.until - 1);
        return totals.violations.get() == 0 ? 0 : 1;
    }

    /// What all schedules came to.
    private static final class Totals {
        private final Words words;
        private final World world;
        private final long began;
        private final AtomicLong next;
        private final AtomicLong schedules = new AtomicLong();
        private final AtomicLong steps = new AtomicLong();
        private final AtomicLong envelopes = new AtomicLong();
        private final AtomicLong ordered = new AtomicLong();
        private final AtomicLong blocks = new AtomicLong();
        private final AtomicLong digest = new AtomicLong();
        private final AtomicInteger violations = new AtomicInteger();

        private Totals(Words words, World world, long began) {
            this.words = words;
            this.world = world;
            this.began = began;
            this.next = new AtomicLong(words.from);
        }

        private void work() {
            for (long seed = next.getAndIncrement();
                    seed < words.until && violations.get() < VIOLATIONS_MAX;
                    seed = next.getAndIncrement()) {
                add(Schedule.run(seed, words.plant, null));
            }
        }

        private void add(Schedule.Outcome outcome) {
            steps.addAndGet(outcome.steps());
            envelopes.addAndGet(outcome.envelopes());
            ordered.addAndGet(outcome.ordered());
            blocks.addAndGet(outcome.blocks());
            digest.addAndGet(outcome.digest());
            if (!outcome.kept()) {
                violations.incrementAndGet();
                System.out.println("VIOLATION " + outcome.story());
            }
            if (schedules.incrementAndGet() % PROGRESS == 0) {
                print("so far");
            }
        }

        private void print(String word) {
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d schedules, %d violations, %d steps, %d envelopes offered, %d ordered, %d blocks, digest %x,"
                            + " %d s%n",
                    word,
                    schedules.get(),
                    violations.get(),
                    steps.get(),
                    envelopes.get(),
                    ordered.get(),
                    blocks.get(),
                    digest.get(),
                    Duration.ofNanos(world.clock().nanos() - began).toSeconds());
        }
    }

    private static Words words(String[] args) {
        long from = -1;
        long until = -1;
        int threads = 1;
        Plant plant = Plant.NONE;
        boolean replay = false;
        boolean trace = false;
        Iterator<String> rest = List.of(args).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (option.equals("--trace")) {
                trace = true;
                continue;
            }
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(option + " wants a value");
            }
            String value = rest.next();
            switch (option) {
                case "--seeds" -> {
                    String[] ends = value.split("\\.\\.", 2);
                    from = Long.parseLong(ends[0]);
                    until = Long.parseLong(ends[1]) + 1;
                }
                case "--threads" -> threads = Integer.parseInt(value);
                case "--plant" -> plant = Plant.valueOf(value);
                case "--replay" -> {
                    from = Long.parseLong(value);
                    replay = true;
                }
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        if (from < 0 || (!replay && until <= from) || threads < 1) {
            throw new IllegalArgumentException("seeds to run are wanted");
        }
        return new Words(from, until, threads, plant, replay, trace);
    }
}
