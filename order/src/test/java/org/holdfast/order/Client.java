package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;

/// A client that remembers what it sent to its node and what it was told.
final class Client {
    private record Sent(String name, CompletableFuture<Void> answer) {}

    private final String name;
    private final Town town;
    private final int node;
    private final List<Sent> sent = new ArrayList<>();

    Client(String name, Town town, int node) {
        this.name = name;
        this.town = town;
        this.node = node;
    }

    void send(int count, int bytes) {
        for (int i = 0; i < count; i++) {
            String envelope = name + "-" + sent.size();
            sent.add(new Sent(
                    envelope, town.nodes.get(node).orderer().offer(town.consortium.envelope(envelope, bytes))));
        }
    }

    int sent() {
        return sent.size();
    }

    long open() {
        return sent.stream().filter(one -> !one.answer.isDone()).count();
    }

    void awaitAnswers() {
        for (Sent one : sent) {
            try {
                one.answer.orTimeout(60, TimeUnit.SECONDS).join();
            } catch (CompletionException e) {
                assertThat(e.getCause()).as(one.name).isInstanceOf(Refusal.Refused.class);
            }
        }
    }

    /// Gives the oldest envelope without an answer a little time to get one.
    void awaitOldest(Duration limit) {
        for (Sent one : sent) {
            if (!one.answer.isDone()) {
                boolean _ = one.answer
                        .handle((done, failure) -> true)
                        .completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
                return;
            }
        }
    }

    /// Envelopes it was told are ordered.
    List<String> ordered() {
        return sent.stream()
                .filter(one -> !one.answer.isCompletedExceptionally())
                .map(Sent::name)
                .toList();
    }

    /// What it was told is what every ledger says: ordered means once and in this client's order, refused means never,
    /// unless the refusal said otherwise.
    void assertTold() {
        for (Town.Node member : town.nodes) {
            List<String> mine = member.names().stream()
                    .filter(envelope -> envelope.startsWith(name + "-"))
                    .toList();
            assertThat(mine).as("%s at %s", name, member).doesNotHaveDuplicates();
            Set<String> ordered = new HashSet<>(ordered());
            assertThat(mine.stream().filter(ordered::contains).toList())
                    .as("acknowledged to %s, in %s", name, member)
                    .isEqualTo(ordered());
            for (Sent one : sent) {
                if (mine.contains(one.name) && !ordered.contains(one.name)) {
                    assertThat(refusal(one)).as(one.name).contains(Code.OUTCOME_UNKNOWN.number());
                }
            }
        }
    }

    private static String refusal(Sent one) {
        return one.answer.handle((done, failure) -> String.valueOf(failure)).join();
    }
}
