package org.holdfast.drill;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.MalformedConfig;
import org.holdfast.drill.Sent.Outcome;
import org.jspecify.annotations.Nullable;

/// Compares the ledgers of nodes that have stopped with each other, and with what was sent and answered. Used once, by
/// one thread.
public final class Judge {
    private static final int FAULTS_MAX = 40;

    private final List<Sent> sent;
    private final Map<String, Sent> byId = new HashMap<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int more;
    private boolean equal = true;
    private long lost;
    private long duplicated;

    private Judge(List<Sent> sent) {
        this.sent = sent;
        sent.forEach(one -> byId.put(one.id, one));
    }

    /// What is wrong with the copies of a sandbox whose nodes do not run, whoever sent what is in them.
    public static List<String> compareCopies(Sandbox sandbox) {
        Judge judge = new Judge(List.of());
        judge.compare(copies(sandbox));
        return List.copyOf(judge.faults);
    }

    /// Judges the ledgers of a sandbox whose nodes do not run.
    static Verdict judge(Sandbox sandbox, List<Sent> sent) {
        return new Judge(sent).judge(copies(sandbox));
    }

    /// What is wrong with the configs in the copies: an update that was acknowledged must have led to one config, a
    /// refused one to none.
    ///
    /// @param acknowledged fingerprints of updates
    /// @param refused fingerprints of updates
    static List<String> judgeUpdates(Sandbox sandbox, Set<Long> acknowledged, Set<Long> refused) {
        List<String> faults = new ArrayList<>();
        for (Copy copy : copies(sandbox)) {
            Map<Long, Integer> found = new HashMap<>();
            copy.blocks().stream()
                    .skip(1)
                    .flatMapToLong(block -> block.update().stream())
                    .forEach(update -> found.merge(update, 1, Integer::sum));
            acknowledged.stream()
                    .filter(update -> found.getOrDefault(update, 0) != 1)
                    .forEach(update -> faults.add("an update was acknowledged and led to %d configs at %s"
                            .formatted(found.getOrDefault(update, 0), copy.node())));
            refused.stream()
                    .filter(found::containsKey)
                    .forEach(update -> faults.add("an update was refused and is in force at " + copy.node()));
        }
        return faults;
    }

    private static List<Copy> copies(Sandbox sandbox) {
        ChannelConfig config = config(sandbox);
        List<Copy> copies = new ArrayList<>();
        for (SandboxNode node : sandbox.nodes()) {
            copies.add(Copy.read(sandbox.world(), node, config));
        }
        return copies;
    }

    private static ChannelConfig config(Sandbox sandbox) {
        try {
            ByteString genesis = ByteString.copyFrom(sandbox.world().disk().read(sandbox.genesis()));
            return ChannelConfig.fromBlock(genesis, sandbox.crypto());
        } catch (MalformedConfig e) {
            throw new IllegalStateException("the sandbox's own genesis block is malformed", e);
        }
    }

    private Verdict judge(List<Copy> copies) {
        compare(copies);
        // Where one is behind, what it lacks is not lost.
        Copy first = copies.stream()
                .max(Comparator.comparingInt(copy -> copy.blocks().size()))
                .orElseThrow();
        List<Copy.Envelope> ordered = new ArrayList<>();
        first.blocks().stream().skip(1).forEach(block -> ordered.addAll(block.envelopes()));
        place(ordered);
        sent.forEach(this::judgePromise);
        judgeStreams();
        judgeTime(ordered);
        if (more > 0) {
            faults.add("... and " + more + " more");
        }
        Verdict.Counts counts = new Verdict.Counts(
                sent.size(),
                count(Outcome.ACKNOWLEDGED),
                count(Outcome.REFUSED),
                count(Outcome.UNKNOWN),
                lost,
                duplicated,
                ordered.size(),
                first.blocks().size());
        return new Verdict(counts, equal, faults);
    }

    private long count(Outcome outcome) {
        return sent.stream().filter(one -> one.answer().outcome() == outcome).count();
    }

    private void compare(List<Copy> copies) {
        copies.forEach(copy -> copy.fault().ifPresent(this::fault));
        copies.forEach(copy -> compare(copies.getFirst(), copy));
    }

    private void compare(Copy first, Copy other) {
        if (first.blocks().size() != other.blocks().size()) {
            equal = false;
            fault("%s has %d blocks, %s has %d"
                    .formatted(
                            first.node(),
                            first.blocks().size(),
                            other.node(),
                            other.blocks().size()));
        }
        int both = Math.min(first.blocks().size(), other.blocks().size());
        for (int number = 0; number < both; number++) {
            Copy.Block one = first.blocks().get(number);
            Copy.Block two = other.blocks().get(number);
            String differs = !one.header().equals(two.header())
                    ? "header"
                    : !one.data().equals(two.data()) ? "data" : one.metadata().equals(two.metadata()) ? "" : "metadata";
            if (!differs.isEmpty()) {
                equal = false;
                fault("block %d differs between %s and %s in its %s"
                        .formatted(number, first.node(), other.node(), differs));
                return;
            }
        }
    }

    private void place(List<Copy.Envelope> ordered) {
        for (int i = 0; i < ordered.size(); i++) {
            Copy.Envelope envelope = ordered.get(i);
            Sent one = byId.get(envelope.id());
            if (one == null || one.fingerprint != envelope.fingerprint()) {
                fault("envelope %s is ordered and was never sent so".formatted(envelope.id()));
            } else if (places.putIfAbsent(envelope.id(), i) != null) {
                duplicated++;
                fault("envelope %s is ordered twice".formatted(envelope.id()));
            }
        }
    }

    private void judgePromise(Sent one) {
        boolean ordered = places.containsKey(one.id);
        switch (one.answer().outcome()) {
            case ACKNOWLEDGED -> {
                if (!ordered) {
                    lost++;
                    fault("envelope %s was acknowledged and is in no block".formatted(one.id));
                }
            }
            case REFUSED -> {
                if (ordered) {
                    fault("envelope %s was refused and is ordered: %s"
                            .formatted(one.id, one.answer().text()));
                }
            }
            case UNKNOWN -> {}
        }
    }

    /// Envelopes of one stream stand in the order of sending.
    private void judgeStreams() {
        Map<String, Integer> last = new HashMap<>();
        for (Sent one : sent) {
            Integer at = places.get(one.id);
            if (at != null) {
                Integer before = last.put(one.client + "/" + one.session, at);
                if (before != null && before > at) {
                    fault("envelope %s stands before one its client sent earlier".formatted(one.id));
                }
            }
        }
    }

    /// What was acknowledged before something else was sent stands before it, whoever sent either.
    private void judgeTime(List<Copy.Envelope> ordered) {
        @Nullable Sent youngest = null;
        for (Copy.Envelope envelope : ordered) {
            Sent one = byId.get(envelope.id());
            if (one == null) {
                continue;
            }
            boolean acknowledged = one.answer().outcome() == Outcome.ACKNOWLEDGED;
            if (youngest != null && acknowledged && one.answer().nanos() - youngest.sentNanos < 0) {
                fault("envelope %s was acknowledged before %s was sent, and stands behind it"
                        .formatted(one.id, youngest.id));
            }
            if (youngest == null || one.sentNanos - youngest.sentNanos > 0) {
                youngest = one;
            }
        }
    }

    private void fault(String text) {
        if (faults.size() < FAULTS_MAX) {
            faults.add(text);
        } else {
            more++;
        }
    }
}
