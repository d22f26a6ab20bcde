package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// A replicated log that does to the rooms above it everything [org.holdfast.order.OrderedLog] allows an engine to do.
/// One sequence of committed records; each member hears of it and of the leaders in its own time ([LogDoor]).
///
/// An append is proposed to the leader of the term and committed later, if a quorum hears. When the leader changes,
/// some of what was proposed survives and is committed with its old term, before anything of the new one; the rest
/// is lost. Neither is told to who appended.
final class SimLog {
    private static final int NOBODY = -1;

    private final Scene scene;
    private final Dice dice;
    private final List<Item> items = new ArrayList<>();
    private final List<Proposal> proposals = new ArrayList<>();
    private final @Nullable LogDoor[] doors;
    private final long[] forgotten;
    private final long[] heard;
    private final List<Seated> members;
    private int leader = NOBODY;
    private long term;
    private long electedAt;
    private long purged;
    private boolean commitComes;

    /// One entry of the log.
    ///
    /// @param entry null for an entry of the engine's own
    record Item(Position position, @Nullable Entry entry, boolean membership) {}

    private static final class Proposal {
        private final long term;
        private final long timeMillis;
        private final boolean cutAfter;
        private final ByteString record;
        private final Host host;
        private final CompletableFuture<Position> answer;

        private Proposal(long term, Entry stamped, Host host, CompletableFuture<Position> answer) {
            this.term = term;
            this.timeMillis = stamped.timeMillis();
            this.cutAfter = stamped.cutAfter();
            this.record = stamped.record();
            this.host = host;
            this.answer = answer;
        }
    }

    SimLog(Scene scene, Dice dice) {
        this.scene = scene;
        this.dice = dice;
        int count = scene.plan().members();
        this.doors = new LogDoor[count];
        this.forgotten = new long[count];
        this.heard = new long[count];
        this.members = scene.members().stream().map(SimLog::seated).toList();
        items.add(new Item(new Position(1, 1), null, true));
        term = 1;
    }

    static Seated seated(MemberId member) {
        return new Seated(member, member.seat() + ":1");
    }

    Scene scene() {
        return scene;
    }

    Dice dice() {
        return dice;
    }

    List<Seated> members() {
        return members;
    }

    List<Item> items() {
        return items;
    }

    int leader() {
        return leader;
    }

    long term() {
        return term;
    }

    long electedAt() {
        return electedAt;
    }

    long purged() {
        return purged;
    }

    /// How far a member's engine was told that it may forget.
    long forgotten(int node) {
        return forgotten[node];
    }

    /// How far a member's engine has handed the log on, in all its starts.
    long heard(int node) {
        return heard[node];
    }

    void heard(int node, long index) {
        heard[node] = Math.max(heard[node], index);
    }

    @Nullable
    LogDoor door(int node) {
        return doors[node];
    }

    Optional<MemberId> leaderMember() {
        return leader == NOBODY ? Optional.empty() : Optional.of(scene.members().get(leader));
    }

    // ---- members come and go

    void attach(int node, LogDoor door) {
        doors[node] = door;
        nudge();
        door.hearSoon();
    }

    /// The member's process is gone, or its engine was closed.
    void detach(int node, @Nullable LogDoor door) {
        if (door == null || doors[node] != door) {
            return;
        }
        doors[node] = null;
        if (leader == node) {
            leader = NOBODY;
            tellAll();
        }
    }

    boolean hears(int node) {
        LogDoor door = doors[node];
        return door != null && door.takesPart();
    }

    boolean quorum() {
        int count = 0;
        for (int i = 0; i < doors.length; i++) {
            count += hears(i) ? 1 : 0;
        }
        return count * 2 > doors.length;
    }

    // ---- leaders

    /// Somebody who hears the others is elected, if they are a quorum.
    void electSomebody() {
        int first = dice.below(doors.length);
        for (int i = 0; i < doors.length; i++) {
            int node = (first + i) % doors.length;
            if (hears(node) && quorum()) {
                elect(node);
                return;
            }
        }
    }

    /// A term without a leader.
    void electNobody() {
        endTerm();
        leader = NOBODY;
        tellAll();
    }

    private void elect(int node) {
        endTerm();
        leader = node;
        items.add(new Item(new Position(term, items.size() + 1L), null, false));
        electedAt = items.size();
        scene.time().note("node %d leads in term %d from %d", node, term, electedAt);
        tellAll();
        nudge();
    }

    private void endTerm() {
        int kept = proposals.isEmpty() ? 0 : dice.below(proposals.size() + 1);
        for (int i = 0; i < proposals.size(); i++) {
            Proposal proposal = proposals.get(i);
            if (i < kept) {
                Position position = commit(proposal);
                if (dice.permille(300)) {
                    answer(proposal, position);
                    continue;
                }
            }
            unknown(proposal.host, proposal.answer, 50 * Timeline.MILLI);
        }
        proposals.clear();
        term++;
    }

    private void tellAll() {
        for (LogDoor door : doors) {
            if (door != null) {
                door.hearSoon();
            }
        }
    }

    // ---- records

    /// Proposes a record to the term's leader, who is the caller.
    void propose(Host host, Entry stamped, CompletableFuture<Position> answer) {
        Plan.Malice malice = scene.malice();
        if (dice.permille(malice.lost())) {
            unknown(host, answer, 20 * Timeline.MILLI);
            return;
        }
        Proposal proposal = new Proposal(term, stamped, host, answer);
        int place = proposals.size();
        if (place > 0 && dice.permille(malice.swapped())) {
            place--;
        }
        proposals.add(place, proposal);
        if (dice.permille(malice.late())) {
            unknown(host, answer, Timeline.MILLI);
        }
        commitSoon(dice.permille(malice.late()) ? 60 * Timeline.MILLI : 3 * Timeline.MILLI);
    }

    private void commitSoon(long most) {
        if (!commitComes && !proposals.isEmpty()) {
            commitComes = true;
            Timeline.Event _ = scene.time().after(dice.between(50 * Timeline.MICRO, most), "commit", this::commitSome);
        }
    }

    private void commitSome() {
        commitComes = false;
        if (leader == NOBODY || !hears(leader) || !quorum()) {
            commitSoon(10 * Timeline.MILLI);
            return;
        }
        int count = Math.min(proposals.size(), 1 + dice.below(4));
        for (int i = 0; i < count; i++) {
            Proposal proposal = proposals.removeFirst();
            Position position = commit(proposal);
            if (dice.permille(scene.malice().unknown())) {
                unknown(proposal.host, proposal.answer, 20 * Timeline.MILLI);
            } else {
                answer(proposal, position);
            }
        }
        commitSoon(3 * Timeline.MILLI);
        nudge();
    }

    private Position commit(Proposal proposal) {
        Position position = new Position(proposal.term, items.size() + 1L);
        Entry entry = new Entry(position, proposal.timeMillis, proposal.cutAfter, proposal.record);
        items.add(new Item(position, entry, false));
        scene.committed(entry);
        return position;
    }

    private void answer(Proposal proposal, Position position) {
        long most = dice.permille(scene.malice().slow()) ? 4 * Timeline.SECOND : 2 * Timeline.MILLI;
        Timeline.Event _ =
                proposal.host.after(dice.between(0, most), "appended", () -> proposal.answer.complete(position));
    }

    /// Says that a record's fate is not known.
    void unknown(Host host, CompletableFuture<Position> answer, long most) {
        Timeline.Event _ = host.after(
                dice.between(0, most),
                "append unknown",
                () -> answer.completeExceptionally(new Ambiguous("the link broke")));
    }

    /// Says that a record was not appended.
    void refuse(Host host, CompletableFuture<Position> answer, String reason) {
        Timeline.Event _ = host.after(
                dice.between(0, Timeline.MILLI),
                "append refused",
                () -> answer.completeExceptionally(
                        Refusal.of(Code.NOT_LEADER, "%s", reason).asException()));
    }

    private void nudge() {
        for (LogDoor door : doors) {
            if (door != null) {
                door.deliverSoon();
            }
        }
    }

    // ---- forgetting

    /// A member needs nothing up to here any more. Hostile: often it is gone for all then.
    void forget(int node, long durable, long read) {
        forgotten[node] = Math.max(forgotten[node], durable);
        if (dice.coin()) {
            purge(Math.min(durable, read));
        }
    }

    /// Forgets what somebody's durable blocks hold.
    void purgeAll() {
        long most = 0;
        for (int i = 0; i < doors.length; i++) {
            LogDoor door = doors[i];
            if (door != null) {
                most = Math.max(most, Math.min(forgotten[i], door.read()));
            }
        }
        purge(most);
    }

    private void purge(long index) {
        if (index > purged) {
            purged = index;
            scene.time().note("the log begins at %d", purged + 1);
            nudge();
        }
    }
}
