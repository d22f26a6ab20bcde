package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.holdfast.channel.BatchSize;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A gate on a real loop, with a route whose answers the test gives, in the orders in which engines give them.
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GateTest {
    private static final MemberId SELF = new MemberId("00000000000000aa", 1);
    private static final Leadership REMOTE = new Leadership(Optional.of(new MemberId("00000000000000bb", 1)), 1, false);

    @TempDir
    static Path shared;

    private static Consortium consortium;

    private record Sent(Record record, CompletableFuture<Void> answer) {
        long sequence() {
            return record.getOrigin().getSequence();
        }
    }

    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final List<Sent> sent = new CopyOnWriteArrayList<>();
    private final AtomicLong configSequence = new AtomicLong();
    private final Loop loop = Consortium.WORLD.loop("gate", 1000, faults::add);
    private final Pool pool = Consortium.WORLD.pool("judges", 1, 1000);

    @BeforeAll
    static void found() {
        consortium = new Consortium(shared, new BatchSize(5, 1 << 20, 200_000), Duration.ofMillis(400));
    }

    @AfterEach
    void end() {
        loop.close();
        pool.close();
        assertThat(faults).isEmpty();
    }

    private Gate gate(Function<EnvelopeView, Optional<Refusal>> admission) {
        Gate.Route route = new Gate.Route() {
            @Override
            public CompletableFuture<Void> submit(Leadership leadership, ByteString record) {
                Sent one = new Sent(Parts.parse(record), new CompletableFuture<>());
                sent.add(one);
                return one.answer;
            }

            @Override
            public boolean local(Leadership leadership) {
                return false;
            }
        };
        Gate.Judge judge = new Gate.Judge() {
            @Override
            public Gate.Judgement judge(EnvelopeView envelope) {
                return new Gate.Judgement(admission.apply(envelope), configSequence.get(), Optional.empty());
            }

            @Override
            public boolean inLedger(EnvelopeView envelope, long since) {
                return false;
            }
        };
        Gate gate = new Gate(new Gate.Parts(
                Consortium.WORLD,
                loop,
                pool,
                new Records(SELF, 1),
                route,
                judge,
                0,
                Duration.ofSeconds(30),
                new OrderFigures(Consortium.WORLD, "gate")));
        onLoop(() -> gate.leadership(REMOTE));
        return gate;
    }

    private void onLoop(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.postWaiting(() -> {
            work.run();
            done.complete(null);
        });
        done.join();
    }

    private void fate(Gate gate, Sent one, Fate fate) {
        onLoop(() -> gate.settled(new Cutter.Effect.Settled(one.record.getOrigin(), fate, Optional.empty())));
    }

    private Sent last(long sequence) {
        await().until(() -> sent.stream().anyMatch(one -> one.sequence() == sequence));
        return sent.stream()
                .filter(one -> one.sequence() == sequence)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private long times(long sequence) {
        return sent.stream().filter(one -> one.sequence() == sequence).count();
    }

    @Test
    void envelopesAreJudgedOffTheChannelsLoopAndWhileItIsBusy() {
        List<String> judges = new CopyOnWriteArrayList<>();
        Gate gate = gate(view -> {
            judges.add(Thread.currentThread().getName() + (loop.inLoop() ? " on the loop" : ""));
            return Optional.empty();
        });
        CountDownLatch busy = new CountDownLatch(1);
        boolean posted = loop.post(() -> {
            try {
                boolean _ = busy.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(posted).isTrue();
        CompletableFuture<Void> answer = gate.offer(consortium.envelope("first", 10));
        await().until(() -> !judges.isEmpty());
        assertThat(judges).containsExactly("judges-0");
        assertThat(sent).isEmpty();
        busy.countDown();
        fate(gate, last(1), Fate.APPLIED);
        last(1).answer.complete(null);
        answer.join();
    }

    @Test
    void aGapToldBeforeTheEnginesAnswerIsSentAgain() {
        Gate gate = gate(view -> Optional.empty());
        CompletableFuture<Void> first = gate.offer(consortium.envelope("first", 10));
        Sent one = last(1);
        CompletableFuture<Void> second = gate.offer(consortium.envelope("second", 10));
        Sent two = last(2);
        // The second record overtook the first one; this node reads it before it hears that it is committed.
        fate(gate, two, Fate.GAP);
        two.answer.complete(null);
        one.answer.complete(null);
        fate(gate, one, Fate.APPLIED);
        first.orTimeout(10, TimeUnit.SECONDS).join();
        await().until(() -> times(2) > 1);
        fate(gate, last(2), Fate.APPLIED);
        second.orTimeout(10, TimeUnit.SECONDS).join();
        // The answer is given before the gate's books are closed.
        await().until(() -> gate.outstanding() == 0);
    }

    @Test
    void anAnswerIsNotGivenBeforeTheCutterHasTakenTheRecord() {
        Gate gate = gate(view -> Optional.empty());
        CompletableFuture<Void> answer = gate.offer(consortium.envelope("one", 10));
        Sent one = last(1);
        one.answer.complete(null);
        onLoop(() -> {});
        onLoop(() -> {});
        assertThat(answer).isNotDone();
        fate(gate, one, Fate.DROPPED);
        assertThat(OrdererTest.refusal(answer).code()).isEqualTo(Code.LARGE_ENVELOPE_DROPPED);
    }

    @Test
    void recordsJudgedByAFormerConfigComeBackInOrderBeforeAnythingNew() {
        Gate gate = gate(view -> view.channelHeader().getTxId().equals("e2") && configSequence.get() == 1
                ? Optional.of(Refusal.of(Code.POLICY_NOT_SATISFIED, "not any more"))
                : Optional.empty());
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (int i = 1; i <= Gate.FLIGHTS_MAX; i++) {
            answers.add(gate.offer(consortium.envelope("e" + i, 10)));
            last(i);
        }
        // Judged by the config before, and in no record yet.
        answers.add(gate.offer(consortium.envelope("e5", 10)));
        fate(gate, last(1), Fate.APPLIED);
        await().until(() -> times(5) == 1);
        answers.add(gate.offer(consortium.envelope("e6", 10)));
        configSequence.set(1);
        onLoop(() -> gate.configured(1));
        CompletableFuture<Void> later = gate.offer(consortium.envelope("new", 10));
        for (int i = 2; i <= 5; i++) {
            assertThat(sent).as("nothing goes out before all are back").hasSize(5);
            fate(gate, last(i), Fate.STALE_CONFIG);
        }
        Sent again = last(6);
        assertThat(again.record.getConfigSequence()).isEqualTo(1);
        List<String> names = new ArrayList<>();
        await().until(() -> {
            names.clear();
            sent.stream()
                    .filter(one -> one.record.getConfigSequence() == 1)
                    .forEach(one -> names.addAll(
                            Consortium.namesOf(one.record.getBatch().getEnvelopeList())));
            return names.contains("new");
        });
        assertThat(names).containsExactly("e3", "e4", "e5", "e6", "new");
        sent.stream().filter(one -> one.record.getConfigSequence() == 1).forEach(one -> fate(gate, one, Fate.APPLIED));
        later.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(OrdererTest.refusal(answers.get(1)).code()).isEqualTo(Code.POLICY_NOT_SATISFIED);
        answers.remove(1);
        answers.forEach(answer -> answer.orTimeout(10, TimeUnit.SECONDS).join());
        await().until(() -> gate.outstanding() == 0 && gate.waiting() == 0);
    }

    @Test
    void anEnvelopeWhoseConfigMovesAllTheTimeIsRefusedAtLast() {
        Gate gate = gate(view -> Optional.empty());
        CompletableFuture<Void> answer = gate.offer(consortium.envelope("unlucky", 10));
        for (int i = 1; i <= Gate.RECALLS_MAX + 1; i++) {
            Sent one = last(i);
            configSequence.set(i);
            long now = i;
            onLoop(() -> gate.configured(now));
            fate(gate, one, Fate.STALE_CONFIG);
        }
        assertThat(OrdererTest.refusal(answer).code()).isEqualTo(Code.STALE_CONFIG);
    }

    @Test
    void whatFollowsALostRecordIsSentAgainInOrder() {
        Gate gate = gate(view -> Optional.empty());
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (int i = 1; i <= Gate.FLIGHTS_MAX; i++) {
            answers.add(gate.offer(consortium.envelope("e" + i, 10)));
            last(i);
        }
        answers.add(gate.offer(consortium.envelope("waits", 10)));
        List<Sent> round = List.copyOf(sent);
        round.get(1).answer.completeExceptionally(new Ambiguous("lost"));
        await().until(() -> sent.size() >= 2 * Gate.FLIGHTS_MAX);
        assertThat(sent.subList(Gate.FLIGHTS_MAX, 2 * Gate.FLIGHTS_MAX))
                .extracting(Sent::sequence)
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(sent.subList(Gate.FLIGHTS_MAX, 2 * Gate.FLIGHTS_MAX))
                .extracting(Sent::record)
                .isEqualTo(round.stream().map(Sent::record).toList());
        for (int i = 1; i <= Gate.FLIGHTS_MAX + 1; i++) {
            fate(gate, last(i), Fate.APPLIED);
        }
        answers.forEach(answer -> answer.orTimeout(10, TimeUnit.SECONDS).join());
    }

    @Test
    void anEnvelopeThatCannotBeJudgedHoldsNobody() {
        Gate gate = gate(view -> {
            if (view.channelHeader().getTxId().equals("poison")) {
                throw new IllegalStateException("a bug in some parser");
            }
            return Optional.empty();
        });
        CompletableFuture<Void> poison = gate.offer(consortium.envelope("poison", 10));
        CompletableFuture<Void> good = gate.offer(consortium.envelope("good", 10));
        assertThat(OrdererTest.refusal(poison).code()).isEqualTo(Code.MALFORMED_ENVELOPE);
        fate(gate, last(1), Fate.APPLIED);
        good.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void aClosedGateTellsWhatIsAfloatThatItMayStillBeOrdered() {
        Gate gate = gate(view -> Optional.empty());
        CompletableFuture<Void> afloat = gate.offer(consortium.envelope("afloat", 10));
        last(1);
        Refusal never = Refusal.of(Code.STOPPING, "never");
        onLoop(() -> gate.close(never, Refusal.of(Code.STOPPING, "perhaps")));
        assertThat(OrdererTest.refusal(afloat).text()).isEqualTo("perhaps");
        assertThat(OrdererTest.refusal(gate.offer(consortium.envelope("later", 10)))
                        .text())
                .isEqualTo("never");
        assertThat(gate.outstanding()).isZero();
    }
}
