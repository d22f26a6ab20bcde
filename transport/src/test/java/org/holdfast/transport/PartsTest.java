package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.CheckpointRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoints between members, over real links: what they are made of is somebody else's.
@Timeout(60)
class PartsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final CheckpointRequest REQUEST =
            CheckpointRequest.newBuilder().setChannel("alpha").setApplied(7).build();
    private static final ByteString PART = ByteString.copyFrom(new byte[256 << 10]);
    private static final int PARTS = 200;

    @TempDir
    Path directory;

    @Test
    void partsComeInOrderAndWaitForTheReader() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            AtomicInteger sent = new AtomicInteger();
            site.parts = (request, sink) -> {
                assertThat(request).isEqualTo(REQUEST);
                for (int i = 0; i < PARTS; i++) {
                    sink.part(PART.concat(ByteString.copyFromUtf8(Integer.toString(i))));
                    sent.incrementAndGet();
                }
            };
            try (PartStream stream = link.checkpoint(REQUEST, LONG, LONG)) {
                assertThat(stream.next()).isPresent();
                // Some 50 MB are to come: the sender is held up long before.
                await().during(Duration.ofMillis(300)).until(() -> sent.get() < PARTS / 2);
                for (int i = 1; i < PARTS; i++) {
                    ByteString part = stream.next().orElseThrow();
                    assertThat(part.substring(PART.size()).toStringUtf8()).isEqualTo(Integer.toString(i));
                }
                assertThat(stream.next()).isEmpty();
            }
        }
    }

    @Test
    void refusalsArriveAsRefusals() throws Exception {
        try (Site site = new Site(directory);
                Link member = site.link(site.member);
                Link client = site.link(site.client)) {
            site.parts = (request, sink) -> {
                sink.part(PART);
                throw Refusal.of(Code.OVERLOADED, "no more").asException();
            };
            try (PartStream stream = member.checkpoint(REQUEST, LONG, LONG)) {
                assertThat(stream.next()).isEqualTo(Optional.of(PART));
                assertRefused(stream, Code.OVERLOADED);
            }
            try (PartStream stream = client.checkpoint(REQUEST, LONG, LONG)) {
                assertRefused(stream, Code.NOT_A_MEMBER);
            }
        }
    }

    @Test
    void aSenderThatFallsSilentIsNotWaitedForLong() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            CountDownLatch end = new CountDownLatch(1);
            site.parts = (request, sink) -> {
                sink.part(PART);
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };
            try (PartStream stream = link.checkpoint(REQUEST, LONG, Duration.ofMillis(500))) {
                assertThat(stream.next()).isPresent();
                assertThatThrownBy(stream::next).isInstanceOf(LinkBroken.class).hasMessageContaining("nothing came");
            }
            try (PartStream stream = link.checkpoint(REQUEST, Duration.ofMillis(500), LONG)) {
                assertThat(stream.next()).isPresent();
                assertThatThrownBy(stream::next).isInstanceOf(LinkBroken.class);
            }
            end.countDown();
        }
    }

    @Test
    void aReaderThatLeavesEndsTheSending() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            CountDownLatch gone = new CountDownLatch(1);
            site.parts = (request, sink) -> {
                try {
                    while (true) {
                        sink.part(PART);
                    }
                } finally {
                    gone.countDown();
                }
            };
            try (PartStream stream = link.checkpoint(REQUEST, LONG, LONG)) {
                assertThat(stream.next()).isPresent();
            }
            gone.await();
        }
    }

    private static void assertRefused(PartStream stream, Code code) {
        assertThatThrownBy(stream::next)
                .isInstanceOfSatisfying(
                        Refusal.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(code));
    }
}
