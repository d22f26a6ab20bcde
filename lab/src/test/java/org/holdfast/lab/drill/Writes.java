package org.holdfast.lab.drill;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.drill.Author;
import org.holdfast.drill.Judge;
import org.holdfast.drill.Sandbox;
import org.holdfast.drill.SandboxNode;
import org.holdfast.env.World;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;

/// Sends envelopes to one node and waits for their answers.
final class Writes {
    private static final long ANSWER_SECONDS = 60;

    private Writes() {}

    /// Sends envelopes of a size, noise that no packing makes smaller; returns the answers, a broken stream as one with
    /// status 0.
    static List<BroadcastAnswer> send(Author author, SandboxNode node, int count, int bytes) {
        List<CompletableFuture<BroadcastAnswer>> waiting = new ArrayList<>();
        List<BroadcastAnswer> answers = new ArrayList<>();
        byte[] noise = new byte[bytes];
        try (OrdererClient client = author.connect(node)) {
            BroadcastStream stream = client.broadcast();
            for (int i = 0; i < count; i++) {
                World.real().chance().nextBytes(noise);
                waiting.add(stream.send(author.message(
                        node.name() + "-"
                                + Long.toHexString(World.real().chance().nextLong()),
                        ByteString.copyFrom(noise))));
            }
            for (CompletableFuture<BroadcastAnswer> answer : waiting) {
                answers.add(answer.get(ANSWER_SECONDS, TimeUnit.SECONDS));
            }
        } catch (LinkBroken | ExecutionException | TimeoutException e) {
            answers.add(new BroadcastAnswer(0, String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return answers;
    }

    /// Whether a node takes an envelope now.
    static boolean accepted(Author author, SandboxNode node) {
        return send(author, node, 1, 100).stream().allMatch(BroadcastAnswer::isSuccess);
    }

    /// Stops all nodes and compares their copies of the ledger.
    static List<String> faultsOfStopped(Sandbox sandbox) {
        sandbox.awaitEqualHeight(Duration.ofSeconds(90));
        sandbox.nodes().forEach(SandboxNode::stop);
        return Judge.compareCopies(sandbox);
    }
}
