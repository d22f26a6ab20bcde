package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.env.Invariant;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.jspecify.annotations.Nullable;

/// Sends lines over one Broadcast stream, many at a time, in their order.
///
/// All state belongs to the command's thread, except the published [Tally], which the shutdown thread reads.
///
/// When a stream breaks, the fate of the lines without an answer is looked up in the ledger, by transaction id, at
/// the next node that knows a leader; what does not stand there is sent again, unchanged: none is lost. What the
/// broken node ordered even later than that stands twice, both times with the same transaction id, by which a reader
/// drops the second. Lines that were answered are never sent again. A node that says it cannot take a line now
/// (status 503) has not ordered it unless it says "may"; the line is offered to the next node in any case after the
/// same look-up.
final class Submission implements AutoCloseable {
    /// Bytes of unanswered envelopes held, whatever the window.
    private static final long IN_FLIGHT_BYTES_MAX = 32L << 20;
    /// Nobody has taken a line for so long: give up.
    private static final long PATIENCE_SECONDS = 60;

    private static final long LOOK_AGAIN_MILLIS = 250;
    private static final int SERVICE_UNAVAILABLE = 503;

    private final Session session;
    private final Client client;
    private final int window;
    private final Deque<Sent> waiting = new ArrayDeque<>();
    private final SubmitReport report;
    private @Nullable OrderedAlready ordered;
    private long waitingBytes;
    private long lastProgress;
    private @Nullable OrdererClient link;
    private @Nullable BroadcastStream stream;
    private volatile boolean stopping;
    private volatile Tally tally = new Tally(0, 0, 0, 0, 0);

    /// How far it got.
    ///
    /// @param durable lines acknowledged
    /// @param refused lines refused for good
    /// @param answered every line up to this one is durable or refused
    /// @param again envelopes sent again because their stream broke
    /// @param waiting lines sent and not answered
    record Tally(long durable, long refused, long answered, long again, long waiting) {}

    /// @param answer null until it was sent over the stream in use
    /// @param doubtful whether it was sent before, and no answer came
    private record Sent(
            Lines.Line line,
            ByteString envelope,
            @Nullable CompletableFuture<BroadcastAnswer> answer,
            boolean doubtful) {
        private Sent unanswered(boolean nowDoubtful) {
            return new Sent(line, envelope, null, doubtful || nowDoubtful);
        }

        /// As found in the ledger.
        private Sent ordered() {
            return new Sent(line, envelope, CompletableFuture.completedFuture(BroadcastAnswer.OK), false);
        }
    }

    Submission(Session session, Client client, int window, SubmitReport report) {
        this.session = session;
        this.client = client;
        this.window = window;
        this.report = report;
        this.lastProgress = session.world().clock().nanos();
    }

    Tally tally() {
        return tally;
    }

    /// Makes [#run] read no further lines and return when everything sent is answered. From any thread.
    void stop() {
        stopping = true;
    }

    boolean stopped() {
        return stopping;
    }

    /// Submits every line.
    ///
    /// @throws CommandFault when no node takes lines any more
    void run(Lines lines) throws IOException {
        boolean more = true;
        ordered = OrderedAlready.since(session, client);
        lastProgress = session.world().clock().nanos();
        while (more || !waiting.isEmpty()) {
            more &= !stopping;
            if (more && hasRoom() && (waiting.isEmpty() || lines.ready())) {
                Optional<Lines.Line> line = lines.next();
                more = line.isPresent();
                line.ifPresent(this::submit);
            } else if (!waiting.isEmpty()) {
                takeAnswer();
            }
            report.progress(tally);
        }
    }

    private boolean hasRoom() {
        Sent head = waiting.peekFirst();
        boolean headAnswered =
                head != null && head.answer() != null && head.answer().isDone();
        return !headAnswered && waiting.size() < window && waitingBytes < IN_FLIGHT_BYTES_MAX;
    }

    private void submit(Lines.Line line) {
        if (line.tooLong()) {
            settleAll();
            report.refused(line.number(), "it is longer than %d bytes".formatted(SubmitCommand.LINE_BYTES_MAX));
            tally = new Tally(tally.durable, tally.refused + 1, line.number(), tally.again, waiting.size());
            return;
        }
        ByteString envelope = client.message(line.bytes());
        waitingBytes += envelope.size();
        waiting.addLast(new Sent(line, envelope, send(envelope), false));
        publish(tally.durable, tally.refused, tally.answered);
    }

    /// Waits for the answers to everything sent, so that answered lines stay a prefix of the input.
    private void settleAll() {
        while (!waiting.isEmpty()) {
            takeAnswer();
        }
    }

    private @Nullable CompletableFuture<BroadcastAnswer> send(ByteString envelope) {
        try {
            BroadcastStream open = stream;
            if (open == null) {
                link = client.connect();
                open = link.broadcast();
                stream = open;
            }
            return open.send(envelope);
        } catch (LinkBroken broken) {
            return CompletableFuture.failedFuture(broken);
        }
    }

    private void takeAnswer() {
        Sent head = waiting.getFirst();
        if (head.answer() == null) {
            resend();
            return;
        }
        try {
            settle(head, head.answer().get(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            requirePatience("%s does not answer".formatted(client.node().name()));
        } catch (ExecutionException broken) {
            moveOn("%s: %s".formatted(client.node().name(), reason(broken)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    private static String reason(ExecutionException broken) {
        Throwable cause = broken.getCause() == null ? broken : broken.getCause();
        return String.valueOf(cause.getMessage());
    }

    private void settle(Sent head, BroadcastAnswer answer) {
        if (answer.status() == SERVICE_UNAVAILABLE) {
            moveOn("%s: %s".formatted(client.node().name(), answer.info()));
            return;
        }
        waiting.removeFirst();
        waitingBytes -= head.envelope().size();
        lastProgress = session.world().clock().nanos();
        if (answer.isSuccess()) {
            publish(tally.durable + 1, tally.refused, head.line().number());
        } else {
            report.refused(head.line().number(), "status %d: %s".formatted(answer.status(), answer.info()));
            publish(tally.durable, tally.refused + 1, head.line().number());
            // An orderer ends the stream after a refusal; what waits behind it gets no answer there.
            closeStream();
            // They were not looked at: the stream ended before them.
            forgetAnswers(false);
        }
    }

    /// Leaves the node in turn: everything unanswered goes to the next one.
    private void moveOn(String why) {
        closeStream();
        requirePatience(why);
        report.moved(why);
        client.turn();
        forgetAnswers(true);
        Session.pause(LOOK_AGAIN_MILLIS);
    }

    private void forgetAnswers(boolean doubtful) {
        int count = waiting.size();
        for (int i = 0; i < count; i++) {
            waiting.addLast(waiting.removeFirst().unanswered(doubtful));
        }
    }

    /// Sends what has no answer, except what stands in the ledger already.
    private void resend() {
        OrderedAlready ledger = ordered;
        boolean doubts = waiting.stream().anyMatch(sent -> sent.answer() == null && sent.doubtful());
        Set<String> there = doubts && ledger != null ? ledger.look() : Set.of();
        int count = waiting.size();
        long again = tally.again;
        for (int i = 0; i < count; i++) {
            Sent sent = waiting.removeFirst();
            if (sent.answer() != null) {
                waiting.addLast(sent);
            } else if (sent.doubtful() && there.contains(transactionOf(sent.envelope()))) {
                waiting.addLast(sent.ordered());
            } else {
                again += sent.doubtful() ? 1 : 0;
                waiting.addLast(new Sent(sent.line(), sent.envelope(), send(sent.envelope()), sent.doubtful()));
            }
        }
        tally = new Tally(tally.durable, tally.refused, tally.answered, again, waiting.size());
    }

    private static String transactionOf(ByteString envelope) {
        try {
            return EnvelopeView.of(envelope).channelHeader().getTxId();
        } catch (InvalidProtocolBufferException e) {
            throw Invariant.broken("an envelope of ours does not decode: %s", Decode.reason(e));
        }
    }

    private void publish(long durable, long refused, long answered) {
        tally = new Tally(durable, refused, answered, tally.again, waiting.size());
    }

    private void requirePatience(String why) {
        if (session.secondsSince(lastProgress) > PATIENCE_SECONDS) {
            throw CommandFault.failed(
                    "no node has taken a line for %d s (%s); see: holdfast status. %s",
                    PATIENCE_SECONDS, why, SubmitReport.extent(tally));
        }
    }

    private void closeStream() {
        OrdererClient old = link;
        stream = null;
        link = null;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void close() {
        closeStream();
    }
}
