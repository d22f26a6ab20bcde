package org.holdfast.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.Answer;
import org.holdfast.wire.proto.Question;
import org.holdfast.wire.proto.ReadPointAnswer;
import org.holdfast.wire.proto.ReadPointQuestion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Small questions between members, over real links.
@Timeout(60)
class AskTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final Question QUESTION = Question.newBuilder()
            .setVersion(1)
            .setChannel("alpha")
            .setReadPoint(ReadPointQuestion.getDefaultInstance())
            .build();
    private static final Answer ANSWER = Answer.newBuilder()
            .setReadPoint(ReadPointAnswer.newBuilder().setHeight(7).setTimeMillis(8))
            .build();

    @TempDir
    Path directory;

    @Test
    void anAnswerThatComesLaterReachesTheMemberThatAsked() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            CompletableFuture<Answer> later = new CompletableFuture<>();
            AtomicReference<String> seat = new AtomicReference<>("");
            site.questions = (question, peer) -> {
                assertThat(question).isEqualTo(QUESTION);
                seat.set(String.valueOf(peer.seat()));
                return later;
            };
            CompletableFuture<Answer> asked = link.ask(QUESTION, DEADLINE);
            // The answer of this node waits for nothing of the asker's.
            assertThat(asked).isNotDone();
            later.complete(ANSWER);
            assertThat(asked.join()).isEqualTo(ANSWER);
            assertThat(seat.get()).isEqualTo(Peer.seatOf(site.member.keys().getPublic()));
        }
    }

    @Test
    void refusalsArriveAsRefusals() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            site.questions = (question, peer) -> CompletableFuture.failedFuture(
                    Refusal.of(Code.NOT_LEADER, "not here").asException());
            assertRefused(link.ask(QUESTION, DEADLINE), Code.NOT_LEADER);
            site.questions = (question, peer) -> {
                throw Refusal.of(Code.UNKNOWN_CHANNEL, "no such channel").asException();
            };
            assertRefused(link.ask(QUESTION, DEADLINE), Code.UNKNOWN_CHANNEL);
        }
    }

    @Test
    void whoeverIsNoMemberIsRefused() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.client)) {
            assertRefused(link.ask(QUESTION, DEADLINE), Code.NOT_A_MEMBER);
        }
    }

    @Test
    void withoutAnAnswerTheQuestionEndsAtItsDeadline() throws Exception {
        try (Site site = new Site(directory);
                Link link = site.link(site.member)) {
            site.questions = (question, peer) -> new CompletableFuture<>();
            assertThatThrownBy(() -> link.ask(QUESTION, Duration.ofMillis(200)).join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(LinkBroken.class);
            site.questions = (question, peer) -> CompletableFuture.completedFuture(ANSWER);
            site.listener.close();
            assertThatThrownBy(() -> link.ask(QUESTION, DEADLINE).join()).hasCauseInstanceOf(LinkBroken.class);
        }
    }

    private static void assertRefused(CompletableFuture<Answer> asked, Code code) {
        assertThatThrownBy(asked::join)
                .cause()
                .isInstanceOfSatisfying(
                        Refusal.Refused.class,
                        e -> assertThat(e.refusal().code()).isEqualTo(code));
    }
}
