package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.BlocksRequest;
import org.holdfast.wire.proto.SubmitReply;
import org.holdfast.wire.proto.SubmitRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Slow readers, broken streams, members that are down.
@Timeout(60)
class FlowTest {
    private static final int BLOCK_BYTES = 1 << 20;

    @TempDir
    Path directory;

    @Test
    void readerThatNeverReadsIsCutAndCostsFewBlocks() throws Exception {
        var limits = ListenerSettings.Limits.DEFAULT.withTimeouts(
                new ListenerSettings.Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(1)));
        try (Site site = new Site(directory, Site.settings(0, true, limits))) {
            AtomicInteger sent = new AtomicInteger();
            CompletableFuture<String> end = new CompletableFuture<>();
            AtomicInteger woken = new AtomicInteger();
            ByteString block = ByteString.copyFrom(new byte[BLOCK_BYTES]);
            site.deliver = (request, peer, sink) -> {
                sink.onGone(woken::incrementAndGet);
                try {
                    while (true) {
                        sink.block(block);
                        sent.incrementAndGet();
                    }
                } catch (ReaderGone e) {
                    end.complete(e.getMessage());
                    throw e;
                }
            };
            try (OrdererClient client = site.ordererClient();
                    DeliverStream stream = client.deliver(ByteString.EMPTY)) {
                assertThat(stream.next()).isPresent();
                assertThat(end.get(20, TimeUnit.SECONDS)).contains("was cut");
                // Four are asked for ahead, the window and the socket hold a few more; the rest is never made.
                assertThat(sent.get()).isBetween(2, 24);
                assertThat(woken.get()).isEqualTo(1);
            }
        }
    }

    @Test
    void serviceHearsThatTheReaderLeft() throws Exception {
        try (Site site = new Site(directory)) {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            site.deliver = (request, peer, sink) -> {
                sink.block(ByteString.EMPTY);
                sink.onGone(() -> gone.complete(null));
                gone.join();
                sink.status(200);
            };
            try (OrdererClient client = site.ordererClient()) {
                DeliverStream stream = client.deliver(ByteString.EMPTY);
                assertThat(stream.next()).isPresent();
                stream.close();
                gone.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void blocksComeWholeToAMemberAndRefusalsStayRefusals() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            site.blocks = (request, sink) -> {
                for (int i = 0; i < request.getUntil(); i++) {
                    sink.block(Site.numbered(i));
                }
                if (request.getUntil() == 0) {
                    throw Refusal.of(Code.BLOCK_NOT_HERE, "block 9 is archived").asException();
                }
            };
            List<ByteString> blocks = new ArrayList<>();
            try (BlockStream stream =
                    link.blocks(BlocksRequest.newBuilder().setUntil(50).build())) {
                for (var block = stream.next(); block.isPresent(); block = stream.next()) {
                    blocks.add(block.get());
                }
            }
            assertThat(blocks).hasSize(50);
            assertThat(blocks.get(49)).isEqualTo(Site.numbered(49));
            try (BlockStream stream = link.blocks(BlocksRequest.getDefaultInstance())) {
                org.assertj.core.api.Assertions.assertThatThrownBy(stream::next)
                        .isInstanceOfSatisfying(
                                Refusal.Refused.class,
                                e -> assertThat(e.refusal().code()).isEqualTo(Code.BLOCK_NOT_HERE));
            }
        }
    }

    @Test
    void repliesFindTheirRequestsInAnyOrder() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            List<CompletableFuture<SubmitReply>> held = new java.util.concurrent.CopyOnWriteArrayList<>();
            site.submits = (request, peer) -> {
                CompletableFuture<SubmitReply> reply = new CompletableFuture<>();
                held.add(reply.thenApply(made -> made.toBuilder()
                        .setText(request.getRecord().toStringUtf8())
                        .build()));
                CompletableFuture<SubmitReply> answer = held.getLast();
                reply.completeOnTimeout(
                        SubmitReply.newBuilder()
                                .setOutcome(SubmitReply.Outcome.COMMITTED)
                                .build(),
                        100 - request.getId() % 10 * 10,
                        TimeUnit.MILLISECONDS);
                return answer;
            };
            List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                replies.add(link.submit(SubmitRequest.newBuilder()
                        .setRecord(ByteString.copyFromUtf8("envelope " + i))
                        .build()));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(replies.get(i).get(10, TimeUnit.SECONDS).getText()).isEqualTo("envelope " + i);
            }
        }
    }

    @Test
    void brokenStreamMakesWhatWaitsAmbiguousAndTheLinkComesBack() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            AtomicInteger taken = new AtomicInteger();
            site.submits = (request, peer) -> {
                taken.incrementAndGet();
                return new CompletableFuture<>();
            };
            List<CompletableFuture<SubmitReply>> replies = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                replies.add(link.submit(SubmitRequest.getDefaultInstance()));
            }
            await().until(() -> taken.get() == 5);
            int port = site.listener.port();
            site.listener.close();
            for (CompletableFuture<SubmitReply> reply : replies) {
                assertThat(reply.get(10, TimeUnit.SECONDS).getOutcome()).isEqualTo(SubmitReply.Outcome.AMBIGUOUS);
            }
            // Down: nothing is sent, and that is said, soon.
            await().untilAsserted(() -> assertThat(link.submit(SubmitRequest.getDefaultInstance())
                            .get(3, TimeUnit.SECONDS)
                            .getOutcome())
                    .isEqualTo(SubmitReply.Outcome.NOT_LEADER));
            site.submits = (request, peer) -> CompletableFuture.completedFuture(SubmitReply.newBuilder()
                    .setOutcome(SubmitReply.Outcome.COMMITTED)
                    .build());
            site.listener = site.listen(Site.settings(port, true, ListenerSettings.Limits.DEFAULT));
            await().untilAsserted(() -> assertThat(link.submit(SubmitRequest.getDefaultInstance())
                            .get(3, TimeUnit.SECONDS)
                            .getOutcome())
                    .isEqualTo(SubmitReply.Outcome.COMMITTED));
        }
    }

    @Test
    void streamOfAStrangerIsRefused() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.client)) {
            SubmitReply reply = link.submit(SubmitRequest.getDefaultInstance()).get(10, TimeUnit.SECONDS);
            assertThat(reply.getOutcome()).isEqualTo(SubmitReply.Outcome.REFUSED);
            assertThat(reply.getCode()).isEqualTo(Code.NOT_A_MEMBER.number());
        }
    }

    @Test
    void moreThanTheLinkBearsIsRefused() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            site.submits = (request, peer) -> new CompletableFuture<>();
            for (int i = 0; i < SubmitCall.UNANSWERED_MAX; i++) {
                assertThat(link.submit(SubmitRequest.getDefaultInstance())).isNotDone();
            }
            SubmitReply refused =
                    link.submit(SubmitRequest.getDefaultInstance()).get(5, TimeUnit.SECONDS);
            assertThat(refused.getCode()).isEqualTo(Code.OVERLOADED.number());
        }
    }
}
