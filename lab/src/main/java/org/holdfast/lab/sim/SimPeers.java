package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.Peers;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.SubmitReply;
import org.jspecify.annotations.Nullable;

/// Links of one process to the other nodes: requests and answers take time and get lost; what arrives, arrives in
/// order. Blocks come from any node that has them, break off, and are now and then not what they should be.
final class SimPeers implements Peers {
    private static final int BROKEN_OFF_PERMILLE = 100;
    private static final int CORRUPT_PERMILLE = 30;

    private final Scene scene;
    private final SimNode from;
    private final Host host;
    private final Dice dice;
    private final long[] arrivals;

    SimPeers(Scene scene, SimNode from, Host host) {
        this.scene = scene;
        this.from = from;
        this.host = host;
        this.dice = scene.dice().fork();
        this.arrivals = new long[scene.plan().members()];
    }

    private boolean lost() {
        return dice.permille(scene.malice().links());
    }

    @Override
    public CompletableFuture<SubmitReply> submit(MemberId leader, ByteString record) {
        CompletableFuture<SubmitReply> answer = new CompletableFuture<>();
        int node = scene.members().indexOf(leader);
        long delay = dice.between(50 * Timeline.MICRO, dice.permille(50) ? 40 * Timeline.MILLI : 2 * Timeline.MILLI);
        if (node < 0 || lost()) {
            back(answer, SubmitReply.Outcome.AMBIGUOUS, "the request was lost", 20 * Timeline.MILLI);
            return answer;
        }
        arrivals[node] = Math.max(arrivals[node], scene.time().now() + delay);
        Timeline.Event _ =
                scene.time().after(arrivals[node] - scene.time().now(), "arrives", () -> arrive(node, record, answer));
        return answer;
    }

    private void arrive(int node, ByteString record, CompletableFuture<SubmitReply> answer) {
        SimNode to = scene.node(node);
        if (!to.runs()) {
            back(answer, SubmitReply.Outcome.AMBIGUOUS, "no link", Timeline.MILLI);
            return;
        }
        Host there = to.host();
        var _ = to.orderer().submitFrom(from.member(), record).handle((position, failure) -> {
            if (lost() || there == null || there.isDead()) {
                back(answer, SubmitReply.Outcome.AMBIGUOUS, "the answer was lost", 50 * Timeline.MILLI);
            } else if (failure == null) {
                back(answer, SubmitReply.Outcome.COMMITTED, "", Timeline.MILLI);
            } else if (failure instanceof Refusal.Refused refused) {
                back(answer, SubmitReply.Outcome.REFUSED, refused.refusal().text(), Timeline.MILLI);
            } else {
                back(answer, SubmitReply.Outcome.AMBIGUOUS, String.valueOf(failure.getMessage()), Timeline.MILLI);
            }
            return null;
        });
    }

    private void back(CompletableFuture<SubmitReply> answer, SubmitReply.Outcome outcome, String text, long most) {
        SubmitReply reply =
                SubmitReply.newBuilder().setOutcome(outcome).setText(text).build();
        Timeline.Event _ = host.after(dice.between(50 * Timeline.MICRO, most), "reply", () -> answer.complete(reply));
    }

    @Override
    public Optional<Seated> locate(String seat) {
        return scene.members().stream()
                .filter(member -> member.seat().equals(seat))
                .map(SimLog::seated)
                .findFirst();
    }

    @Override
    public Optional<View> view() {
        return Optional.empty();
    }

    @Override
    public BlockSource blocks(long first) {
        List<SimNode> sources = new ArrayList<>();
        for (int i = 0; i < scene.plan().members(); i++) {
            SimNode node = scene.node(i);
            if (!node.equals(from) && node.runs() && node.height() > first) {
                sources.add(node);
            }
        }
        @Nullable SimNode source = sources.isEmpty() ? null : sources.get(dice.below(sources.size()));
        return new Source(source, first);
    }

    private final class Source implements BlockSource {
        private final @Nullable SimNode source;
        private long next;

        private Source(@Nullable SimNode source, long first) {
            this.source = source;
            this.next = first;
        }

        @Override
        public @Nullable ByteString next() {
            host.time().interleave(host, 3);
            if (host.isDead()) {
                throw new ProcessGone(host);
            }
            boolean ends = source == null || !source.runs() || next >= source.height();
            if (source == null || ends || (!scene.isCalm() && dice.permille(BROKEN_OFF_PERMILLE))) {
                return null;
            }
            ByteString bytes = read(source);
            return bytes != null && !scene.isCalm() && dice.permille(CORRUPT_PERMILLE) ? corrupted(bytes) : bytes;
        }

        private @Nullable ByteString read(SimNode node) {
            try {
                return node.ledger().block(next++).bytes();
            } catch (ProcessGone gone) {
                gone.host().gone();
                return null;
            }
        }

        private ByteString corrupted(ByteString bytes) {
            byte[] changed = bytes.toByteArray();
            changed[dice.below(changed.length)] ^= (byte) (1 << dice.below(8));
            return ByteString.copyFrom(changed);
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
