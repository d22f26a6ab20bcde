package org.holdfast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.env.World;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeedTest {
    private static final long PATIENCE_SECONDS = 30;
    // every second block or so is in the tail, the rest must come from disk
    private static final LedgerSettings SMALL = new LedgerSettings(8192, 2000);

    private final World world = World.real();

    @TempDir
    Path directory;

    private Ledger open() {
        return Ledger.open(world, directory, Chain.CHANNEL, SMALL);
    }

    private CompletableFuture<List<StoredBlock>> reader(Cursor cursor, int blocks) {
        CompletableFuture<List<StoredBlock>> done = new CompletableFuture<>();
        world.start("reader", () -> {
            try (cursor) {
                List<StoredBlock> read = new ArrayList<>();
                while (read.size() < blocks) {
                    StoredBlock block = cursor.await();
                    if (block == null) {
                        break;
                    }
                    read.add(block);
                }
                done.complete(read);
            } catch (InterruptedException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static <T> T get(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void readersBesideTheWriterSeeEveryBlockOnceInOrder() throws Exception {
        int blocks = 2000;
        List<StoredBlock> chain = Chain.of(blocks, 1, 300);
        List<CompletableFuture<List<StoredBlock>>> readers = new ArrayList<>();
        try (Ledger ledger = open()) {
            for (int i = 0; i < 8; i++) {
                readers.add(reader(ledger.cursor(i * 50L), blocks - i * 50));
            }
            for (StoredBlock block : chain) {
                ledger.append(block);
                if (block.number() % 500 == 0) {
                    assertThat(ledger.force()).isEqualTo(block.number() + 1);
                }
            }
            for (int i = 0; i < readers.size(); i++) {
                assertThat(get(readers.get(i))).isEqualTo(chain.subList(i * 50, blocks));
            }
        }
    }

    @Test
    void aReaderThatStopsDoesNotHoldTheWriterAndGoesOnLater() {
        List<StoredBlock> chain = Chain.of(500, 1, 300);
        try (Ledger ledger = open();
                Cursor slow = ledger.cursor(0)) {
            chain.subList(0, 10).forEach(ledger::append);
            assertThat(slow.poll()).isEqualTo(chain.get(0));
            chain.subList(10, 500).forEach(ledger::append);
            List<StoredBlock> rest = new ArrayList<>();
            for (StoredBlock block = slow.poll(); block != null; block = slow.poll()) {
                rest.add(block);
            }
            assertThat(rest).isEqualTo(chain.subList(1, 500));
            assertThat(slow.position()).isEqualTo(500);
        }
    }

    @Test
    void theNewestBlocksComeFromMemory() {
        List<StoredBlock> chain = Chain.of(3, 1, 300);
        try (Ledger ledger = open();
                Cursor cursor = ledger.cursor(2)) {
            chain.forEach(ledger::append);
            assertThat(cursor.poll()).isSameAs(chain.get(2));
            assertThat(ledger.block(1)).isSameAs(chain.get(1));
        }
    }

    @Test
    void aCursorMayWaitBeyondTheHeight() throws Exception {
        List<StoredBlock> chain = Chain.of(5, 1, 10);
        try (Ledger ledger = open()) {
            CompletableFuture<List<StoredBlock>> last = reader(ledger.cursor(4), 1);
            chain.forEach(ledger::append);
            assertThat(get(last)).containsExactly(chain.get(4));
        }
    }

    @Test
    void waitingEndsWithTheTimeTheCursorOrTheLedger() throws Exception {
        Ledger ledger = open();
        try (Cursor cursor = ledger.cursor(0)) {
            assertThat(cursor.await(Duration.ofMillis(20))).isNull();
            assertThat(cursor.isClosed()).isFalse();
        }
        Cursor own = ledger.cursor(0);
        CompletableFuture<List<StoredBlock>> byCursor = reader(own, 1);
        CompletableFuture<List<StoredBlock>> byLedger = reader(ledger.cursor(0), 1);
        own.close();
        assertThat(get(byCursor)).isEmpty();
        assertThat(byLedger).isNotDone();
        ledger.close();
        assertThat(get(byLedger)).isEmpty();
        Cursor late = ledger.cursor(0);
        assertThat(late.isClosed()).isTrue();
        assertThat(late.await()).isNull();
        assertThatThrownBy(() -> ledger.transaction("x")).isInstanceOf(Refusal.Refused.class);
    }

    @Test
    void anInterruptedReaderLeavesTheLedgerWhole() throws Exception {
        try (Ledger ledger = open()) {
            CompletableFuture<@Nullable StoredBlock> ended = new CompletableFuture<>();
            Thread reader = world.start("reader", () -> {
                try (Cursor cursor = ledger.cursor(0)) {
                    ended.complete(cursor.await());
                } catch (InterruptedException e) {
                    ended.completeExceptionally(e);
                }
            });
            await().until(() ->
                    reader.getState() == Thread.State.WAITING || reader.getState() == Thread.State.TIMED_WAITING);
            reader.interrupt();
            assertThatThrownBy(() -> get(ended)).hasCauseInstanceOf(InterruptedException.class);
            ledger.append(Chain.next(null, 1, 10));
            assertThat(ledger.height()).isEqualTo(1);
        }
    }

    @Test
    void listenersHearEveryHeightUntilTheyLeave() {
        List<StoredBlock> chain = Chain.of(3, 1, 10);
        List<Long> heard = new ArrayList<>();
        try (Ledger ledger = open()) {
            Feed.Subscription subscription = ledger.onHeight(heard::add);
            ledger.append(chain.get(0));
            ledger.append(chain.get(1));
            subscription.close();
            ledger.append(chain.get(2));
            assertThat(heard).containsExactly(1L, 2L);
        }
    }
}
