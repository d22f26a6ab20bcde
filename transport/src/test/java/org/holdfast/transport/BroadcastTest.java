package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BroadcastTest {
    @TempDir
    Path directory;

    @Test
    void answersLeaveInOrderAlthoughServiceCompletesBackwards() throws Exception {
        try (Site site = new Site(directory)) {
            List<CompletableFuture<BroadcastAnswer>> held = Collections.synchronizedList(new ArrayList<>());
            site.broadcast = (envelope, peer) -> {
                CompletableFuture<BroadcastAnswer> answer = new CompletableFuture<>();
                held.add(answer);
                return answer;
            };
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            try (OrdererClient client = site.ordererClient();
                    BroadcastStream stream = client.broadcast()) {
                for (int i = 0; i < 10; i++) {
                    int number = i;
                    var _ = stream.send(Site.numbered(i)).thenAccept(answer -> order.add(number));
                }
                await().until(() -> held.size() == 10);
                for (int i = 9; i > 0; i--) {
                    held.get(i).complete(BroadcastAnswer.OK);
                }
                assertThat(order).isEmpty();
                held.get(0).complete(BroadcastAnswer.OK);
                await().untilAsserted(() -> assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
            }
        }
    }

    @Test
    void streamEndsAfterTheFirstRefusal() throws Exception {
        try (Site site = new Site(directory)) {
            site.broadcast = (envelope, peer) -> envelope.equals(Site.numbered(1))
                    ? CompletableFuture.failedFuture(Refusal.of(Code.POLICY_NOT_SATISFIED, "permission denied")
                            .asException())
                    : CompletableFuture.completedFuture(BroadcastAnswer.OK);
            try (OrdererClient client = site.ordererClient();
                    BroadcastStream stream = client.broadcast()) {
                assertThat(stream.send(Site.numbered(0))
                                .get(5, TimeUnit.SECONDS)
                                .status())
                        .isEqualTo(200);
                BroadcastAnswer refused = stream.send(Site.numbered(1)).get(5, TimeUnit.SECONDS);
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.info()).contains("HF-106").contains("permission denied");
                await().untilAsserted(() -> assertThatThrownBy(() -> stream.send(Site.numbered(2)))
                        .isInstanceOf(LinkBroken.class)
                        .hasMessageContaining("open another"));
            }
        }
    }

    @Test
    void thousandPipelinedAreAllAnswered() throws Exception {
        try (Site site = new Site(directory)) {
            Map<ByteString, Boolean> seen = new ConcurrentHashMap<>();
            site.broadcast = (envelope, peer) -> {
                seen.put(envelope, true);
                return CompletableFuture.completedFuture(BroadcastAnswer.OK);
            };
            try (OrdererClient client = site.ordererClient();
                    BroadcastStream stream = client.broadcast()) {
                List<CompletableFuture<BroadcastAnswer>> answers = new ArrayList<>();
                for (int i = 0; i < 1000; i++) {
                    answers.add(stream.send(Site.numbered(i)));
                }
                for (CompletableFuture<BroadcastAnswer> answer : answers) {
                    assertThat(answer.get(10, TimeUnit.SECONDS).isSuccess()).isTrue();
                }
            }
            assertThat(seen).hasSize(1000);
        }
    }

    @Test
    void windowHoldsBackWhatIsNotAnswered() throws Exception {
        var limits = ListenerSettings.Limits.DEFAULT.withWindow(new ListenerSettings.Window(4, 1 << 20));
        try (Site site = new Site(directory, Site.settings(0, true, limits))) {
            AtomicInteger taken = new AtomicInteger();
            CompletableFuture<BroadcastAnswer> answer = new CompletableFuture<>();
            site.broadcast = (envelope, peer) -> {
                taken.incrementAndGet();
                return answer;
            };
            try (OrdererClient client = site.ordererClient();
                    BroadcastStream stream = client.broadcast()) {
                for (int i = 0; i < 20; i++) {
                    var _ = stream.send(Site.numbered(i));
                }
                await().until(() -> taken.get() == 4);
                await().during(Duration.ofMillis(300)).until(() -> taken.get() == 4);
                answer.complete(BroadcastAnswer.OK);
                await().until(() -> taken.get() == 20);
            }
        }
    }

    @Test
    void budgetOfAllStreamsHoldsBackAStreamUntilOthersAreAnswered() throws Exception {
        var limits = new ListenerSettings.Limits(
                100 << 20, 16, new ListenerSettings.Window(100, 1 << 20), 1000, ListenerSettings.Timeouts.DEFAULT);
        try (Site site = new Site(directory, Site.settings(0, true, limits))) {
            AtomicInteger taken = new AtomicInteger();
            CompletableFuture<BroadcastAnswer> answer = new CompletableFuture<>();
            site.broadcast = (envelope, peer) -> {
                taken.incrementAndGet();
                return answer;
            };
            ByteString large = Site.envelope(ByteString.copyFrom(new byte[600]));
            try (OrdererClient client = site.ordererClient();
                    BroadcastStream one = client.broadcast();
                    BroadcastStream other = client.broadcast()) {
                for (int i = 0; i < 5; i++) {
                    var _ = one.send(large);
                    var _ = other.send(large);
                }
                await().until(() -> taken.get() >= 2);
                await().during(Duration.ofMillis(300)).until(() -> taken.get() <= 3);
                answer.complete(BroadcastAnswer.OK);
                await().until(() -> taken.get() == 10);
            }
        }
    }
}
