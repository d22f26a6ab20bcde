package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.holdfast.channel.BlockSignatures;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.channel.PolicyVerdict;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.BlockView;
import org.holdfast.ledger.Feed;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Orders one channel on this node: envelopes in, blocks in the ledger out.
public final class Orderer implements AutoCloseable {
    /// Records read from the log and not yet cut, at most.
    static final int ENTRIES_MAX = 32;

    private static final int LOOP_TASKS_MAX = 1 << 16;
    private static final Logger LOG = LoggerFactory.getLogger(Orderer.class);

    /// What an orderer is made of.
    ///
    /// @param config in force behind the ledger's newest block, see [ConfigBlocks#newest]
    /// @param ledger holds at least block 0; appended to by this orderer alone
    /// @param pool checks signatures
    /// @param watch hears of every config that comes into force later
    public record Parts(
            World world,
            ChannelConfig config,
            Ledger ledger,
            Pool pool,
            Crypto crypto,
            Self self,
            Peers peers,
            OrdererSettings settings,
            ConfigWatch watch) {}

    /// Hears of the configs that come into force.
    public interface ConfigWatch {
        /// A config is in force at this node. Called on the channel's loop, must not block.
        void configured(ChannelConfig now);
    }

    /// Who this node is in the channel.
    ///
    /// @param epoch counts the starts of this node's process, durably
    /// @param signer signs blocks
    /// @param seatKey signs takeovers
    public record Self(MemberId member, long epoch, LocalIdentity signer, Takeovers.SeatKey seatKey) {}

    /// The node's engine, as a channel uses it.
    public interface Engine {
        /// Takes this channel's messages no more from a member that lost its seat in it. Never blocks.
        void cut(MemberId member);

        /// Takes them from this member, and from no earlier incarnation of its seat. Never blocks.
        void admit(MemberId member);

        /// Opens the channel's log.
        ///
        /// @param resumeFrom records after this one are wanted
        OrderedLog open(Position resumeFrom, OrderedLog.Reader reader, OrderedLog.Stamper stamper);
    }

    private final Parts parts;
    private final Loop loop;
    private final Prompt prompt;
    private final Spine spine;
    private final OrderedLog log;
    private final LeaderRoute route;
    private final Gate gate;
    private final LeaderDuties duties;
    private final ReadPoints reads;
    private final Checkpoints checkpoints;
    private final CatchUp catchUp;
    private final OperatorLines lines;
    private final SeatClaim claim;
    private final ClockWatch clocks;
    private final Engine engine;
    private final HeardMembers heard;
    private final OrderFigures figures;
    /// Written on the loop.
    private volatile ChannelConfig config;
    private List<Seated> members = List.of();
    private final Semaphore entries = new Semaphore(ENTRIES_MAX);
    private final ArrayDeque<Runnable> early = new ArrayDeque<>();
    private boolean begun;
    /// Done when this object is whole: the engine's threads may be faster than its constructor.
    private final CompletableFuture<Void> whole = new CompletableFuture<>();
    private Leadership leadership = new Leadership(Optional.empty(), 0, false);
    private Optional<String> haltProblem = Optional.empty();
    private Optional<String> diskProblem = Optional.empty();
    private Optional<String> logProblem = Optional.empty();
    private volatile OrdererStatus status;
    private volatile boolean halted;

    private Orderer(Parts parts, Engine engine) {
        this.parts = parts;
        this.engine = engine;
        this.heard = new HeardMembers(engine);
        this.config = parts.config;
        List<Consenter> consenters = config.consenters();
        List<String> seats = consenters.stream().map(Consenter::seat).toList();
        this.loop = parts.world.loop("channel-" + config.id(), LOOP_TASKS_MAX, this::fault);
        this.figures = new OrderFigures(parts.world, config.id().name());
        this.prompt = new Prompt(parts.world.clock(), parts.settings);
        BlockWriter writer = new BlockWriter(parts.ledger, parts.self.signer, parts.world.chance());
        Spine.Wiring wiring = new Spine.Wiring(FollowedConfig.of(config, parts.crypto), new RecordEffects(), figures);
        this.spine = new Spine(loop, parts.ledger, writer, seats, wiring);
        this.lines = new OperatorLines(config.id(), parts.self.member, spine);
        this.status = describe();
        Position resumeFrom = spine.resumeAt(parts.ledger.height() - 1).replayAfter();
        // The engine gives up what it has before these blocks, and they may not be on the disk yet.
        parts.ledger.force();
        this.log = openLog(resumeFrom);
        this.route = new LeaderRoute(parts.self.member, log, parts.peers);
        this.gate = new Gate(new Gate.Parts(
                parts.world,
                loop,
                parts.pool,
                new Records(parts.self.member, parts.self.epoch),
                route,
                new ChannelJudge(
                        this::config, parts.ledger, parts.world, parts.self.signer, parts.settings.checkExpiry()),
                config.sequence(),
                parts.settings.patience(),
                figures));
        this.duties = new LeaderDuties(
                new LeaderDuties.Parts(
                        parts.world,
                        loop,
                        parts.self.member,
                        log,
                        route,
                        parts.peers,
                        parts.settings,
                        () -> config.batchTimeout()),
                new LeaderView(() -> leadership, spine, gate, route));
        this.reads = new ReadPoints(
                new ReadPoints.Parts(parts, loop, log, () -> status.leader(), this::readPointHere, figures));
        this.checkpoints = new Checkpoints(new Checkpoints.Parts(
                parts.world,
                parts.ledger,
                log,
                spine::resumeAt,
                () -> config.options().snapshotIntervalBytes(),
                figures));
        this.catchUp = new CatchUp(loop, spine, parts.ledger, parts.peers, this::signatureFault);
        this.clocks = new ClockWatch(
                new ClockWatch.Parts(parts.world, loop, config.id(), parts.self.member, log, parts.peers));
        int seat = seats.indexOf(parts.self.member.seat());
        SeatClaim.Place place = new SeatClaim.Place(config.id(), parts.self.member, seat, parts.self.seatKey);
        this.claim = new SeatClaim(place, parts.peers, record -> submitFrom(parts.self.member, record));
    }

    /// Opens the channel on this node and takes up ordering where its ledger ends.
    public static Orderer open(Parts parts, Engine engine) {
        Orderer orderer = new Orderer(parts, engine);
        orderer.start();
        return orderer;
    }

    /// Offers an envelope; calls of one thread keep their order. Completes when the envelope is ordered: committed by a
    /// quorum and taken by this node's cutter. Completes exceptionally with [Refusal.Refused] otherwise.
    public CompletableFuture<Void> offer(EnvelopeView envelope) {
        return gate.offer(envelope);
    }

    /// Appends a record that another member's gate wrote, if this node leads. See [OrderedLog#append].
    ///
    /// @param from the member whose node sent it, by its certificate
    public CompletableFuture<Position> submitFrom(MemberId from, ByteString record) {
        return new RecordGuard(parts.config.id(), status.members(), duties.settled())
                .refuse(from, record)
                .map(refusal -> CompletableFuture.<Position>failedFuture(refusal.asException()))
                .orElseGet(() -> route.append(record));
    }

    /// From where on a read may be answered that must see everything acknowledged before this call: the leader's word,
    /// wherever it is. Reads that come while one is under way share the next. Completes exceptionally with
    /// [Refusal.Refused] when no leader says so within the patience of the settings.
    public CompletableFuture<ReadPoint> readPoint() {
        return reads.next();
    }

    /// The same for another member, which asks this one because it leads: refused at once if it does not.
    public CompletableFuture<ReadPoint> leaderReadPoint() {
        return reads.ofLeader();
    }

    /// The channel as this node sees it now.
    public OrdererStatus status() {
        return status;
    }

    /// What the engine tells of the channel's log, for operators.
    public Optional<LogFigures> logFigures() {
        return log.figures();
    }

    /// Envelopes that are in no record yet.
    int waiting() {
        return gate.waiting();
    }

    /// The channel's blocks.
    public Feed feed() {
        return parts.ledger;
    }

    /// The config in force.
    public ChannelConfig config() {
        return config;
    }

    /// Hands leadership to another member, if this node leads.
    public CompletableFuture<Void> transferLeadership() {
        return log.transferLeadership(Optional.empty());
    }

    @Override
    public void close() {
        claim.close();
        figures.close();
        Refusal reason = Refusal.of(Code.STOPPING, "this node is stopping: send to another node");
        Refusal afloat = Refusal.of(
                Code.OUTCOME_UNKNOWN,
                "this node is stopping: the envelope may or may not be ordered; look for it before sending again");
        // A spine that waits for the disk holds the engine's thread, and the engine waits for that.
        boolean _ = loop.postWaiting(() -> {
            gate.close(reason, afloat);
            reads.close(reason);
            spine.stop();
        });
        log.close();
        loop.close();
        parts.ledger.force();
    }

    private OrderedLog openLog(Position resumeFrom) {
        try {
            return engine.open(resumeFrom, new EngineEvents(), prompt);
        } catch (RuntimeException e) { // boundary: the loop must not outlive the attempt
            loop.close();
            throw e;
        }
    }

    private void start() {
        whole.complete(null);
        prompt.measure(() -> gate.outstanding() + route.appending());
        figures.watch(this, gate, loop::depth);
        figures.watch(clocks);
        boolean posted = loop.postWaiting(() -> {
            begun = true;
            lines.starting(parts.ledger.height());
            early.forEach(Runnable::run);
            early.clear();
            publish();
            clocks.start();
        });
        if (posted && !seated()) {
            parts.world.start("seat-" + parts.config.id(), () -> claim.run(this::seated));
        }
    }

    private boolean seated() {
        MemberId self = parts.self.member;
        return status.members().contains(self)
                && log.members().stream().anyMatch(member -> member.member().equals(self));
    }

    private ReadPoint readPointHere() {
        if (!begun || spine.stalled()) {
            throw Refusal.of(Code.NO_LEADER, "the leader's disk takes no block, or it is starting")
                    .asException();
        }
        long time = Math.max(parts.world.clock().wallMillis(), spine.cutter().timeMillis());
        return new ReadPoint(parts.ledger.height(), time);
    }

    private Optional<String> signatureFault(BlockView block) {
        PolicyVerdict verdict = BlockSignatures.verify(config, block.header(), block.slot(0));
        return verdict.satisfied() ? Optional.empty() : Optional.of(verdict.reason());
    }

    /// A fault on the loop is a bug or a broken disk: this channel halts, others go on.
    private void fault(Throwable fault) {
        if (halted) {
            return;
        }
        halted = true;
        String reason = Decode.reason(fault);
        LOG.error("Channel {} halts at block {}: {}", parts.config.id(), parts.ledger.height(), reason, fault);
        Halt halt = new Halt(parts.config.id(), fault);
        haltProblem = Optional.of(halt.problem());
        spine.stop();
        gate.close(halt.refusal(), halt.afloat());
        reads.close(halt.refusal());
        publish();
        parts.world.start("halt-" + parts.config.id(), () -> log.halt(reason));
    }

    private void onLoop(Runnable task) {
        boolean posted = loop.postWaiting(() -> {
            if (begun) {
                task.run();
            } else {
                early.add(task);
            }
        });
        if (!posted) {
            LOG.debug("channel={} is closing, an event of its log is dropped", parts.config.id());
        }
    }

    /// A member whose seat has gone to a later incarnation takes nothing more: nobody would order it.
    private void lookAtSeat() {
        MemberId self = parts.self.member;
        boolean taken = spine.members().stream()
                .anyMatch(member -> member.seat().equals(self.seat()) && member.incarnation() > self.incarnation());
        if (taken) {
            gate.superseded();
        }
    }

    private void publish() {
        status = describe();
    }

    /// The worst one: each has its own end, and a halt has none.
    private Optional<String> problem() {
        return haltProblem.or(() -> diskProblem).or(() -> logProblem);
    }

    private OrdererStatus describe() {
        MemberId self = parts.self.member;
        boolean seated = spine.members().contains(self);
        boolean leads = leadership.leader().filter(self::equals).isPresent();
        OrdererStatus.Role role =
                !seated ? OrdererStatus.Role.OBSERVER : leads ? OrdererStatus.Role.LEADER : OrdererStatus.Role.FOLLOWER;
        return new OrdererStatus(
                role,
                leadership.leader(),
                leadership.term(),
                parts.ledger.height(),
                config.sequence(),
                spine.members(),
                problem());
    }

    /// Events of the engine, on its threads; each becomes a task of the loop.
    private final class EngineEvents implements OrderedLog.Reader {
        @Override
        public void entry(Entry entry) {
            entries.acquireUninterruptibly();
            boolean posted = loop.postWaiting(() -> {
                if (halted) {
                    entries.release();
                } else if (begun) {
                    spine.take(entry, entries::release);
                } else {
                    early.add(() -> spine.take(entry, entries::release));
                }
            });
            if (!posted) {
                entries.release();
            }
        }

        @Override
        public void leadership(Leadership now) {
            onLoop(() -> {
                lines.leader(leadership, now);
                leadership = now;
                figures.leads(now);
                publish();
                gate.leadership(now);
                clocks.leads(route.local(now));
                duties.look();
            });
        }

        @Override
        public void members(List<Seated> now, Position position) {
            onLoop(() -> {
                if (now.equals(members)) {
                    return;
                }
                LOG.info("Members of the log of channel={} at record {}: {}", parts.config.id(), position.index(), now);
                heard.members(now, position);
                members = now;
                publish();
                duties.look();
            });
        }

        @Override
        public Position catchUp(long firstAvailable) {
            try {
                whole.join();
                Position position = catchUp.reach(firstAvailable);
                onLoop(() -> {
                    long applied = spine.appliedOf(parts.self.member, parts.self.epoch);
                    gate.caughtUp(applied);
                    lookAtSeat();
                    publish();
                });
                return position;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Refusal.of(Code.STOPPING, "interrupted while catching up").asException();
            }
        }

        @Override
        public void logFailed(String reason) {
            onLoop(() -> {
                logProblem = Optional.of("the log cannot be written: " + reason);
                publish();
            });
        }

        @Override
        public void logRecovered() {
            onLoop(() -> {
                logProblem = Optional.empty();
                publish();
            });
        }
    }

    /// Effects of the records, on the loop.
    private final class RecordEffects implements Spine.Listener {
        @Override
        public void settled(Cutter.Effect.Settled settled) {
            gate.settled(settled);
        }

        @Override
        public void seated(Cutter.Effect.Seated seated) {
            LOG.info(
                    "Seat {} of channel={}: {} takes over from {}",
                    seated.seat() + 1,
                    parts.config.id(),
                    seated.now(),
                    seated.before());
            duties.refresh();
            lookAtSeat();
            publish();
        }

        @Override
        public void configured(ChannelConfig now) {
            lines.configured(config, now);
            config = now;
            gate.configured(now.sequence());
            parts.watch.configured(now);
        }

        @Override
        public void wrote(StoredBlock block) {
            lines.wrote(block);
            checkpoints.wrote(block.size());
            publish();
        }

        @Override
        public void disk(Optional<String> fault) {
            diskProblem = fault;
            publish();
        }

        @Override
        public void read() {
            duties.look();
        }
    }
}
