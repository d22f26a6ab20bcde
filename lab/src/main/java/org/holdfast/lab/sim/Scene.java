package org.holdfast.lab.sim;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;

/// Everybody in one schedule, and who is told what: nodes, log, clients' envelopes, rules.
final class Scene {
    private final Plan plan;
    private final Dice dice;
    private final Timeline time;
    private final Planted planted;
    private final Charter.Channel channel;
    private final List<MemberId> members = new ArrayList<>();
    private final Script script = new Script();
    private final SimLog log;
    private final List<SimNode> nodes = new ArrayList<>();
    private final Map<ByteString, Sent> byBytes = new HashMap<>();
    private final Map<Sent, Integer> numbers = new HashMap<>();
    private final List<Sent> sent = new ArrayList<>();
    private final OneChain chain = new OneChain();
    private final List<Rule> rules;
    private int inBlocks;
    private boolean calm;

    Scene(Plan plan, Plant plant) {
        this.plan = plan;
        this.planted = new Planted(plant);
        this.dice = new Dice(plan.seed() ^ 0x5eed);
        this.time = new Timeline(dice.fork());
        this.channel = Charter.one().channel(plan.terms());
        for (int i = 0; i < plan.members(); i++) {
            members.add(new MemberId(Charter.one().seat(i), 1));
        }
        this.log = new SimLog(this, dice.fork());
        for (int i = 0; i < plan.members(); i++) {
            nodes.add(new SimNode(this, i, dice.fork()));
        }
        this.rules = Rule.all(this, chain);
        time.afterStep(this::look);
    }

    Plan plan() {
        return plan;
    }

    Planted planted() {
        return planted;
    }

    Dice dice() {
        return dice;
    }

    Timeline time() {
        return time;
    }

    Charter.Channel channel() {
        return channel;
    }

    List<MemberId> members() {
        return members;
    }

    Script script() {
        return script;
    }

    SimLog log() {
        return log;
    }

    List<SimNode> nodes() {
        return nodes;
    }

    SimNode node(int number) {
        return nodes.get(number);
    }

    /// What goes wrong now.
    Plan.Malice malice() {
        return calm ? Plan.Malice.NONE : plan.malice();
    }

    boolean isCalm() {
        return calm;
    }

    /// From now on nothing goes wrong.
    void calm() {
        calm = true;
    }

    // ---- envelopes

    void made(Sent one) {
        byBytes.put(one.envelope().bytes(), one);
        numbers.put(one, sent.size());
        sent.add(one);
    }

    List<Sent> sent() {
        return sent;
    }

    /// The one with these bytes.
    @Nullable
    Sent sentAs(ByteString envelope) {
        return byBytes.get(envelope);
    }

    /// Which one it is, in the order they were first offered.
    int numberOf(Sent one) {
        Integer number = numbers.get(one);
        return number == null ? -1 : number;
    }

    /// Envelopes in the longest chain.
    int inBlocks() {
        return inBlocks;
    }

    // ---- what happens

    void committed(Entry entry) {
        time.fold(entry.position().index() * 31 + entry.record().size());
        List<Script.Line> lines = script.read(entry);
        for (Rule rule : rules) {
            lines.forEach(rule::committed);
        }
    }

    void appended(SimNode node, StoredBlock block, BlockView view) {
        if (time.isHeard()) {
            time.note(
                    "%s has block %d: %s", node, block.number(), block.number() == 0 ? "" : Charter.names(view.data()));
        }
        time.fold(block.number() * 131 + node.number());
        if (block.number() == chain.height()) {
            inBlocks += block.number() == 0 ? 0 : view.data().size();
            rules.forEach(rule -> rule.first(node, block, view));
        }
        rules.forEach(rule -> rule.appended(node, block, view));
    }

    /// @param failure null when the envelope is ordered
    void answered(SimNode node, Sent one, @Nullable Throwable failure) {
        switch (failure) {
            case null -> one.answered(Sent.Fate.ORDERED, "");
            case Refusal.Refused refused -> {
                boolean unknown = refused.refusal().code() == Code.OUTCOME_UNKNOWN;
                one.answered(
                        unknown ? Sent.Fate.UNKNOWN : Sent.Fate.REFUSED,
                        refused.refusal().text());
            }
            default -> throw new Violation("AnswersAreRefusals", one.toString(), failure);
        }
        time.note("%s answers %s", node, one);
        time.fold(numberOf(one) * 7919L + one.fate().name().hashCode());
        rules.forEach(rule -> rule.answered(node, one));
    }

    void opened(SimNode node, Ledger ledger) {
        rules.forEach(rule -> rule.opened(node, ledger));
    }

    void resumes(int node, Position after) {
        time.note("node %d reads from after %s", node, after);
        rules.forEach(rule -> rule.resumes(node, after));
    }

    void reached(int node, Position position, long firstAvailable) {
        rules.forEach(rule -> rule.reached(node, position, firstAvailable));
    }

    /// A process is over: its clients do not know.
    void ended(SimNode node) {
        node.look();
        for (Sent one : sent) {
            Sent.Gate gate = one.gate();
            boolean lost = one.fate() == Sent.Fate.OPEN
                    && gate != null
                    && gate.node() == node.number()
                    && gate.epoch() == node.epoch();
            if (lost) {
                one.answered(Sent.Fate.UNKNOWN, "the process died");
            }
        }
        rules.forEach(rule -> rule.ended(node));
    }

    private void look() {
        nodes.forEach(SimNode::look);
        rules.forEach(Rule::step);
    }

    void done() {
        rules.forEach(Rule::done);
    }
}
