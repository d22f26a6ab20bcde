package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Pool;
import org.holdfast.env.World;
import org.holdfast.identity.Crypto;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.ledger.UnreadableLedger;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.Orderer;
import org.holdfast.order.SeatState;
import org.holdfast.order.raft.OpenChannel.Place;
import org.holdfast.order.raft.RaftEngine;
import org.holdfast.transport.Peer;
import org.holdfast.transport.PeerTrust;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The channels of this node and the engine they share.
///
/// A node lives one life after the other: when it lost what it may have voted in any channel, it comes back as the next
/// incarnation in all of them, with a new engine, on a new port, and takes its seats over.
///
/// One lock serializes starting, joining and stopping; look-ups take no lock.
final class Channels implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);
    private static final long ASK_AGAIN_MILLIS = 1000;
    private static final long FIRST_LOOK_MILLIS = 30;

    /// What the channels of a node share.
    ///
    /// @param epoch number of this start
    record Shared(
            World world,
            NodeSettings settings,
            NodeHome home,
            Crypto crypto,
            LocalIdentity signer,
            Certificates certificates,
            PeerTrust trust,
            Links links,
            Pool pool,
            long epoch) {}

    /// A channel on disk: its ledger, its config and the members' addresses to come.
    private record Opened(Ledger ledger, ChannelConfig config) {}

    private final Shared shared;
    private final ChannelUse use;
    private final ConfigSource configs;
    private final String seat;
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final OtherMembers others;
    private final Departures departures;
    private final Map<ChannelId, Opened> ledgers = new ConcurrentSkipListMap<>();
    private final Map<ChannelId, Orderer> orderers = new ConcurrentSkipListMap<>();
    private final Map<ChannelId, String> problems = new ConcurrentSkipListMap<>();
    private volatile @Nullable RaftEngine engine;

    /// @param use hears of channels that open and close
    Channels(Shared shared, ChannelUse use) {
        this.shared = shared;
        this.use = use;
        this.configs = new ConfigSource(shared.crypto, shared.world.clock());
        this.seat = Peer.seatOf(shared.certificates.dialling().certificate().getPublicKey());
        this.others = new OtherMembers(shared, seat);
        this.departures =
                new Departures(shared.world.disk(), shared.settings.paths().ledger());
    }

    /// Opens the channels on disk. Returns when the engine runs; channels that wait for other members open later.
    void start() {
        lock.lock();
        try {
            Set<ChannelId> leaving = departures.underWay().keySet();
            shared.home.channels().stream().filter(id -> !leaving.contains(id)).forEach(this::openLedger);
            pin();
            startEngine(shared.home.life());
            finishDepartures();
            List<ChannelId> lost = new ArrayList<>();
            for (Map.Entry<ChannelId, Opened> entry : ledgers.entrySet()) {
                if (seatState(entry.getKey()) instanceof SeatState.NeedsTakeover takeover) {
                    LOG.warn("Channel {}: {}", entry.getKey(), takeover.reason());
                    lost.add(entry.getKey());
                }
            }
            if (!lost.isEmpty()) {
                liveAgain(lost);
            }
            ledgers.keySet().forEach(this::openLater);
        } finally {
            lock.unlock();
        }
    }

    /// Joins a channel: keeps its first block and takes this node's seat in it. Joining again with the same block does
    /// nothing.
    ///
    /// @throws Refusal.Refused when the block is no genesis block, names no seat of this node, or another channel has
    /// the name
    ChannelId join(ByteString block) {
        ChannelConfig config = configs.read(block);
        StoredBlock genesis = ConfigSource.genesis(block);
        new OwnSeat(seat, shared.certificates.members().certificate().getPublicKey()).requireIn(config);
        lock.lock();
        try {
            finishDepartures();
            Opened present = ledgers.get(config.id());
            if (present != null) {
                return requireSame(present, genesis, config.id());
            }
            boolean returns = departures.hasLeft(genesis.header().hash());
            if (returns) {
                others.requireOrdering(config, self());
            }
            boolean active = returns || others.active(config, self());
            Opened opened = create(config, genesis);
            if (returns) {
                departures.takeBack(config.id(), genesis.header().hash());
            }
            pin();
            if (active) {
                LOG.warn("Channel {} is at work and not known here: coming back as a new member", config.id());
                if (self().incarnation() > lastKnown(config.id())) {
                    shared.home.seat(config.id()).join(self());
                    opened.ledger.force();
                } else {
                    liveAgain(List.of(config.id()));
                }
                ledgers.keySet().forEach(this::openLater);
            } else {
                if (shared.home.seat(config.id()).member().isEmpty()) {
                    shared.home.seat(config.id()).provision(self());
                }
                opened.ledger.force();
                openLater(config.id());
            }
            return config.id();
        } finally {
            lock.unlock();
        }
    }

    /// Leaves a channel for good: stops it here and deletes its log, its state and its blocks. Leaving twice does
    /// nothing; what a crash interrupts is finished by the next start.
    ///
    /// @param genesisHash in hexadecimal, of the channel meant; empty = whichever has the name
    /// @return whether the node had it
    boolean leave(ChannelId id, String genesisHash) {
        lock.lock();
        try {
            engine();
            finishDepartures();
            Opened opened = ledgers.get(id);
            ByteString hash = opened == null ? ByteString.EMPTY : genesisHash(opened);
            boolean meant = genesisHash.isEmpty()
                    || HexFormat.of().formatHex(hash.toByteArray()).equals(genesisHash);
            if (opened == null || !meant) {
                return false;
            }
            departures.begin(id, hash);
            LOG.warn("Channel {} is left and deleted at this node, blocks 0 to {}", id, opened.ledger.height() - 1);
            ledgers.remove(id);
            Orderer running = orderers.remove(id);
            problems.remove(id);
            if (running != null) {
                use.closing(id);
                running.close();
            }
            opened.ledger.close();
            finishDepartures();
            pin();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void finishDepartures() {
        departures.underWay().forEach((id, hash) -> {
            departures.finish(id, hash, (channel, genesis) -> engine().discard(new Place(channel, genesis)));
            LOG.info("Channel {} is deleted at this node", id);
        });
    }

    Optional<Orderer> find(ChannelId id) {
        return Optional.ofNullable(orderers.get(id));
    }

    /// Whether this node has joined a channel, open or not: with a durable mark that it may vote in it.
    boolean hasJoined(ChannelId id) {
        return orderers.containsKey(id) || shared.home.seat(id).member().isPresent();
    }

    /// Channels that are open.
    List<Orderer> open() {
        return List.copyOf(orderers.values());
    }

    /// Channels that are not open, and why.
    Map<ChannelId, String> problems() {
        return Map.copyOf(problems);
    }

    /// The other members of a channel.
    ChannelPeers peers(ChannelConfig config) {
        return others.of(config, self());
    }

    boolean engineRuns() {
        return engine != null;
    }

    /// This node's member id in its present life.
    MemberId self() {
        return engine().self();
    }

    String engineAddress() {
        return engine().address();
    }

    @Override
    public void close() {
        closing.countDown();
        lock.lock();
        try {
            closeOrderers();
            RaftEngine running = engine;
            if (running != null) {
                running.close();
            }
            ledgers.values().forEach(opened -> opened.ledger.close());
        } finally {
            lock.unlock();
        }
    }

    private RaftEngine engine() {
        RaftEngine running = engine;
        if (running == null) {
            throw Refusal.of(Code.STOPPING, "this node is starting: try again").asException();
        }
        return running;
    }

    private void startEngine(NodeHome.Life life) {
        MemberId self = new MemberId(seat, life.incarnation());
        int wanted = life.incarnation() == 1 && life.enginePort() == 0
                ? shared.settings.engine().port()
                : life.enginePort();
        List<ChannelConfig> configs =
                ledgers.values().stream().map(Opened::config).toList();
        Duration election = Engines.election(shared.settings.engine(), configs);
        RaftEngine started = Engines.start(shared, self, wanted, election);
        String address = started.address();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        if (port != life.enginePort()) {
            shared.home.live(new NodeHome.Life(life.incarnation(), port));
        }
        LOG.info("Member {} of its seat, engine at {}, elections after {} ms", self, address, election.toMillis());
        engine = started;
    }

    private SeatState seatState(ChannelId id) {
        Opened opened = Objects.requireNonNull(ledgers.get(id), "a seat is in a channel that has a ledger");
        return shared.home.seat(id).state(self(), engine().hasLog(place(opened)));
    }

    /// Begins the next life: a later incarnation in every channel.
    private void liveAgain(List<ChannelId> lost) {
        int last = self().incarnation();
        for (ChannelId id : lost) {
            last = Math.max(last, lastKnown(id));
        }
        closeOrderers();
        engine().close();
        engine = null;
        int incarnation = last + 1;
        shared.home.live(new NodeHome.Life(incarnation, 0));
        for (ChannelId id : ledgers.keySet()) {
            shared.home.seat(id).join(new MemberId(seat, incarnation));
        }
        startEngine(new NodeHome.Life(incarnation, 0));
    }

    /// The incarnation that the other members know in this node's seat. Asks until one answers: a guess that is too low
    /// could be a member that has voted.
    private int lastKnown(ChannelId id) {
        Opened opened = ledgers.get(id);
        while (opened != null) {
            Optional<Integer> known = others.incarnation(opened.config);
            if (known.isPresent()) {
                return known.get();
            }
            problems.put(id, "waits for another member to say which incarnation this node was");
            if (pause(ASK_AGAIN_MILLIS)) {
                break;
            }
        }
        throw Refusal.of(Code.STOPPING, "this node is stopping").asException();
    }

    private boolean pause(long millis) {
        try {
            return closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void openLater(ChannelId id) {
        Opened opened = ledgers.get(id);
        RaftEngine running = engine;
        if (opened == null || running == null || orderers.containsKey(id)) {
            return;
        }
        problems.put(id, "opening");
        shared.world.start("open-" + id, () -> openNow(id, opened, running));
    }

    /// Opens a channel, again and again while its disk is at fault; anything else needs an operator.
    private void openNow(ChannelId id, Opened opened, RaftEngine running) {
        for (boolean again = true; again; ) {
            again = false;
            try {
                openOnce(id, opened, running);
            } catch (DiskFault e) {
                LOG.error("Channel {} does not open, trying again: {}", id, Decode.reason(e));
                problems.put(id, Decode.reason(e));
                again = !pause(ASK_AGAIN_MILLIS);
            } catch (RuntimeException e) { // boundary: whatever it is, the operator must see it
                LOG.error("Channel {} does not open", id, e);
                problems.put(id, Decode.reason(e));
            }
        }
        if (orderers.containsKey(id) || !ledgers.containsKey(id)) { // opened by another thread, or left, meanwhile
            problems.remove(id);
        }
    }

    private void openOnce(ChannelId id, Opened opened, RaftEngine running) {
        List<Seated> first = seatState(id) instanceof SeatState.FirstStart ? firstMembers(id, opened) : List.of();
        lock.lock();
        try {
            boolean wanted = running == engine && opened.equals(ledgers.get(id)) && !orderers.containsKey(id);
            if (closing.getCount() == 0 || !wanted) {
                return;
            }
            Orderer orderer = openOrderer(id, opened, first);
            orderers.put(id, orderer);
            use.opened(id, orderer, self());
            problems.remove(id);
        } finally {
            lock.unlock();
        }
    }

    private Orderer openOrderer(ChannelId id, Opened opened, List<Seated> first) {
        Orderer.Self self = new Orderer.Self(
                self(), shared.epoch, shared.signer, message -> Engines.signWithTlsKey(shared, message));
        return Orderer.open(
                new Orderer.Parts(
                        shared.world,
                        configs.inForce(opened.ledger),
                        opened.ledger,
                        shared.pool,
                        shared.crypto,
                        self,
                        others.of(opened.config, self()),
                        shared.settings.ordering(),
                        this::configured),
                Engines.forChannel(engine(), place(opened), shared.home.seat(id), first));
    }

    /// The first members of a new log. All of them must be found: the list must be the same everywhere.
    private List<Seated> firstMembers(ChannelId id, Opened opened) {
        ChannelPeers peers = others.of(opened.config, self());
        int seats = opened.config.consenters().size();
        long pause = FIRST_LOOK_MILLIS;
        while (opened.equals(ledgers.get(id))) {
            List<Seated> members = new ArrayList<>(peers.othersThatJoined());
            members.add(new Seated(self(), engineAddress()));
            if (members.size() == seats || orderers.containsKey(id)) {
                return members;
            }
            String waits = "waits until all %d members have joined, %d have".formatted(seats, members.size());
            if (!waits.equals(problems.put(id, waits))) {
                LOG.info("Channel {} {}", id, waits);
            }
            if (pause(pause)) {
                break;
            }
            pause = Math.min(2 * pause, ASK_AGAIN_MILLIS);
        }
        throw Refusal.of(Code.STOPPING, "this node is stopping, or the channel is left")
                .asException();
    }

    private static Place place(Opened opened) {
        return new Place(opened.config.id(), genesisHash(opened));
    }

    private static ByteString genesisHash(Opened opened) {
        return opened.ledger.block(0).header().hash();
    }

    private void openLedger(ChannelId id) {
        try {
            Ledger ledger = Ledger.open(shared.world, shared.home.chain(id), id, LedgerSettings.DEFAULT);
            if (ledger.height() == 0) {
                ledger.close();
                problems.put(id, "joining was interrupted: join it again");
                return;
            }
            ledgers.put(id, new Opened(ledger, configs.inForce(ledger)));
        } catch (UnreadableLedger | DiskFault | Refusal.Refused e) {
            LOG.error("The ledger of channel {} does not open, other channels go on: {}", id, Decode.reason(e));
            problems.put(id, Decode.reason(e));
        }
    }

    private Opened create(ChannelConfig config, StoredBlock genesis) {
        ChannelId id = config.id();
        Ledger ledger = Ledger.open(shared.world, shared.home.chain(id), id, LedgerSettings.DEFAULT);
        if (ledger.height() == 0) {
            ledger.append(genesis);
        }
        ledger.force();
        Opened opened = new Opened(ledger, config);
        ledgers.put(id, opened);
        return opened;
    }

    private static ChannelId requireSame(Opened present, StoredBlock genesis, ChannelId id) {
        if (genesisHash(present).equals(genesis.header().hash())) {
            return id;
        }
        throw Refusal.of(
                        Code.NOT_A_MEMBER,
                        "this node has another channel named %s (its genesis block differs): remove that one first",
                        id)
                .asException();
    }

    /// A config came into force while the channel runs. The channel's loop must not wait for the lock.
    private void configured(ChannelConfig now) {
        shared.world.start("config-" + now.id(), () -> {
            lock.lock();
            try {
                Opened opened = ledgers.get(now.id());
                if (opened != null && opened.config.sequence() < now.sequence()) {
                    ledgers.put(now.id(), new Opened(opened.ledger, now));
                    configs.warn(now);
                    pin();
                }
            } finally {
                lock.unlock();
            }
        });
    }

    private void pin() {
        Engines.pin(shared, ledgers.values().stream().map(Opened::config).toList());
    }

    private void closeOrderers() {
        orderers.forEach((id, orderer) -> {
            use.closing(id);
            orderer.close();
        });
        orderers.clear();
    }
}
