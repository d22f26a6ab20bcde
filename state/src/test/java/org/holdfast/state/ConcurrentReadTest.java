package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Readers see the state between two blocks, never inside one, and a close waits for them.
class ConcurrentReadTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final int READERS = 3;
    private static final int BLOCKS = 300;

    @Test
    void readersSeeWholeBlocksUntilTheStateIsClosed(@TempDir Path directory)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
            StateRig rig = StateRig.open(directory.resolve("state"), NOW);
            set(rig, -1);
            CountDownLatch reading = new CountDownLatch(READERS);
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(() -> readUntilClosed(rig.state(), reading)));
            }
            reading.await();
            for (int i = 0; i < BLOCKS; i++) {
                set(rig, i);
            }
            rig.close();
            for (Future<Long> reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
            }
        }
    }

    private static void set(StateRig rig, int value) {
        String text = Integer.toString(value);
        rig.apply(List.of(
                Command.of("SET", "a", text), Command.of("APPEND", "noise", text), Command.of("SET", "b", text)));
    }

    /// How many times both values were read, and were the same. Each reader reads once before blocks are applied.
    private static long readUntilClosed(ShardState state, CountDownLatch reading) {
        Parsed.Ready both = (Parsed.Ready) CommandTable.parse(Command.of("MGET", "a", "b"));
        long count = 0;
        while (true) {
            try {
                Reply.Listing values = (Reply.Listing) state.read(both, NOW);
                assertThat(values.items().get(0)).isEqualTo(values.items().get(1));
                if (count++ == 0) {
                    reading.countDown();
                }
            } catch (Refusal.Refused closed) {
                return count;
            }
        }
    }
}
