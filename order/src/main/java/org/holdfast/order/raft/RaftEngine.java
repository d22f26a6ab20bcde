package org.holdfast.order.raft;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.LifeCycle;
import org.apache.ratis.util.TimeDuration;
import org.holdfast.env.DiskFault;
import org.holdfast.env.Invariant;
import org.holdfast.env.Loop;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.SeatState;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Code;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The node's Raft engine: one server, one listener, a log per channel.
///
/// [#open], [#remove], [#cut] and [#close] block and may be called from any thread that may wait, never from a callback
/// of the engine.
public final class RaftEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RaftEngine.class);

    /// Callbacks that may wait for the loop. Each channel has a handful at most; leadership is looked up when the
    /// callback runs, and again with every tick, so one that finds no room is not missed for long.
    private static final int POSTS_MAX = 65_536;

    /// Without its safeguard a server closes after this pause; Ratis' own value is a minute.
    private static final TimeDuration PAUSE_WITHOUT_TOLERANCE = TimeDuration.valueOf(5, TimeUnit.SECONDS);
    private static final Duration TICK = Duration.ofMillis(500);

    private final RaftEngineSettings settings;
    private final World world;
    private final Safeguards safeguards;
    private final RaftPeerId peer;
    private final ClientId client = ClientId.randomId();
    private final AtomicLong calls = new AtomicLong();
    private final Map<RaftGroupId, ChannelLog> channels = new ConcurrentHashMap<>();
    private final Path groups;
    private final PeerGuard guard;
    private final FirstMembers first;
    private final Parameters parameters = new Parameters();
    private final Loop loop;
    private final RaftFigures figures;
    private volatile RaftServer server;
    private volatile boolean closed;
    private boolean rebuilding;

    private RaftEngine(RaftEngineSettings settings, World world, Safeguards safeguards, GrpcTlsConfig tls)
            throws IOException {
        this.settings = settings;
        this.world = world;
        this.safeguards = safeguards;
        this.peer = RaftPeerId.valueOf(settings.self().toString());
        this.groups = settings.storage().resolve("groups");
        VoteBarrier barrier = new VoteBarrier(world.disk(), settings.storage());
        barrier.guardOutgoing(settings.self().toString());
        this.guard = new PeerGuard(settings.self(), barrier);
        GrpcConfigKeys.TLS.setConf(parameters, tls);
        GrpcConfigKeys.Server.setTlsConf(parameters, tls);
        GrpcConfigKeys.Client.setTlsConf(parameters, tls);
        GrpcConfigKeys.Admin.setTlsConf(parameters, tls);
        if (safeguards.peerGuard()) {
            GrpcConfigKeys.Server.setServicesCustomizer(parameters, (builder, _) -> builder.intercept(guard));
        }
        world.disk().createDirectories(groups);
        this.first = new FirstMembers(world.disk(), settings.storage().resolve("first"));
        this.figures = new RaftFigures(world.metrics());
        this.server = start(settings.listener().port());
        this.loop = world.loop("raft-engine", POSTS_MAX, this::loopFault);
        loop.after(TICK, this::tick);
    }

    /// Starts the server; it serves no channel yet.
    ///
    /// The managers are asked for every handshake, so they may change what they pin and show. A pin taken back must be
    /// followed by [#cut].
    ///
    /// Throws [DiskFault] when the server cannot be set up on its storage, [IllegalStateException] when TLS session
    /// resumption was switched on for the process.
    public static RaftEngine start(
            RaftEngineSettings settings, World world, X509ExtendedKeyManager keys, X509ExtendedTrustManager trust) {
        return start(settings, world, keys, trust, Safeguards.ALL);
    }

    static RaftEngine start(
            RaftEngineSettings settings,
            World world,
            X509ExtendedKeyManager keys,
            X509ExtendedTrustManager trust,
            Safeguards safeguards) {
        if (safeguards.noResumption()) {
            SessionResumption.forbid();
        }
        GrpcTlsConfig tls = GrpcTlsConfig.newBuilder()
                .setMutualTls(true)
                .setKeyManager(keys)
                .setTrustManager(trust)
                .build();
        try {
            return new RaftEngine(settings, world, safeguards, tls);
        } catch (IOException fault) {
            throw new DiskFault("starting the Raft server on", settings.storage(), fault);
        }
    }

    /// Where peers reach this node: `host:port`.
    public String address() {
        return settings.listener().advertisedHost() + ":" + port();
    }

    /// This node's member id.
    public MemberId self() {
        return settings.self();
    }

    /// Whether the log of a channel is on disk: what [org.holdfast.order.SeatFile] asks.
    public boolean hasLog(OpenChannel.Place place) {
        return world.disk().exists(current(place).directory().resolve("raft-meta"));
    }

    RatisMeta meta(OpenChannel.Place place) {
        return new RatisMeta(
                world.disk(), settings.storage(), group(place).getUuid().toString());
    }

    LogOnDisk current(OpenChannel.Place place) {
        Path group = groups.resolve(group(place).getUuid().toString());
        return new LogOnDisk(world.disk(), group.resolve("current"));
    }

    /// Opens a channel's log. The reader is called from then on, possibly before this returns.
    ///
    /// @return the log; throws a refusal `MEMBER_SUPERSEDED` when this member id may have cast votes it does not
    ///     remember, so that the seat must come back as its next incarnation; [DiskFault] when the log cannot be opened
    public OrderedLog open(OpenChannel open) {
        RaftGroupId group = group(open.place());
        boolean onDisk = hasLog(open.place());
        SeatState seat = open.seat().enter(settings.self(), onDisk);
        List<Seated> initial = switch (seat) {
            case SeatState.FirstStart _ -> firstMembers(open, group);
            case SeatState.Joining _ -> List.of();
            case SeatState.Restart _ -> first.of(group.getUuid().toString());
            case SeatState.NeedsTakeover takeover ->
                throw Refusal.of(
                                Code.MEMBER_SUPERSEDED,
                                "channel %s: %s must not vote again (%s); take the seat over as its next incarnation",
                                open.place().channel(),
                                takeover.member(),
                                takeover.reason())
                        .asException();
        };
        Division division = new Division(this, group);
        ChannelLog channel = new ChannelLog(this, open, division, initial);
        Invariant.check(channels.putIfAbsent(group, channel) == null, "channel %s is open", channel.channel());
        figures.opening(
                channel, division, RaftGroupMemberId.valueOf(peer, group).toString());
        try {
            channel.start(!onDisk);
            return channel;
        } catch (IOException fault) {
            forget(channel);
            throw new DiskFault("opening the log of channel " + channel.channel() + " in", groups, fault);
        }
    }

    /// Stops a channel's log and deletes it. The seat marker stays.
    public void remove(ChannelId id) {
        for (ChannelLog channel : List.copyOf(channels.values())) {
            if (channel.channel().equals(id)) {
                channel.stop(Refusal.of(Code.UNKNOWN_CHANNEL, "channel %s was removed", id), true);
                forget(channel);
            }
        }
    }

    /// Deletes what is on disk of a log that is not open: a second time there is nothing left. The seat marker stays.
    public void discard(OpenChannel.Place place) {
        RaftGroupId group = group(place);
        Invariant.check(!channels.containsKey(group), "the log of channel %s is open", place.channel());
        String name = group.getUuid().toString();
        world.disk().deleteTree(groups.resolve(name));
        world.disk().forceDirectory(groups);
        first.forget(name);
        meta(place).forget();
        guard.forget(group);
    }

    /// Takes a channel's messages no more from a member, nor from earlier incarnations of its seat, until it is
    /// admitted. Other channels go on with it.
    ///
    /// @return done when the connection to it has ended, too, which may take seconds; it is made anew where it is
    /// needed
    public CompletableFuture<Void> cut(OpenChannel.Place place, MemberId member) {
        guard.cut(group(place), member);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        world.start("cut-" + member, () -> {
            try {
                server.getServerRpc()
                        .handleException(
                                RaftPeerId.valueOf(member.toString()), new IOException(member + " was cut"), true);
            } finally {
                ended.complete(null);
            }
        });
        return ended;
    }

    /// Takes a channel's messages from this member, and from no earlier incarnation of its seat.
    public void admit(OpenChannel.Place place, MemberId member) {
        guard.admit(group(place), member);
    }

    /// Stops all logs and the server. Idempotent.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (ChannelLog channel : channels.values()) {
            channel.end(Refusal.of(Code.STOPPING, "the node is stopping"));
        }
        try {
            server.close();
        } catch (IOException fault) {
            throw new IllegalStateException("the Raft server did not stop", fault);
        } finally {
            channels.values().forEach(ChannelLog::failTickets);
            loop.close();
            figures.close();
        }
    }

    RaftServer server() {
        return server;
    }

    RaftPeerId peer() {
        return peer;
    }

    ClientId client() {
        return client;
    }

    long nextCall() {
        return calls.incrementAndGet();
    }

    RaftEngineSettings settings() {
        return settings;
    }

    PeerGuard guard() {
        return guard;
    }

    Safeguards safeguards() {
        return safeguards;
    }

    World world() {
        return world;
    }

    Loop loop() {
        return loop;
    }

    boolean isClosed() {
        return closed;
    }

    /// Runs something on the loop, unless the loop is full or closed; see the limit for why that is no loss.
    void post(Runnable task) {
        if (!loop.post(task) && !closed) {
            LOG.warn("the Raft engine's loop is full");
        }
    }

    void forget(ChannelLog channel) {
        channels.values().remove(channel);
        figures.closed(channel);
    }

    private List<Seated> firstMembers(OpenChannel open, RaftGroupId group) {
        if (!seats(open.initialMembers())) {
            throw new IllegalArgumentException("channel %s: %s is provisioned as a first member but not among %s"
                    .formatted(open.place().channel(), settings.self(), open.initialMembers()));
        }
        first.keep(group.getUuid().toString(), open.initialMembers());
        return open.initialMembers();
    }

    private boolean seats(List<Seated> members) {
        return members.stream().anyMatch(m -> m.member().equals(settings.self()));
    }

    private int port() {
        return server.getServerRpc().getInetSocketAddress().getPort();
    }

    private static RaftGroupId group(OpenChannel.Place place) {
        byte[] name = (place.channel().name() + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] seed = Arrays.copyOf(name, name.length + place.genesisHash().size());
        place.genesisHash().copyTo(seed, name.length);
        return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(seed));
    }

    /// A server that serves nothing yet. Ratis would bring up every group it finds in its storage at once, before
    /// anyone has said from where each is to be read; so it is built over a directory that does not exist and pointed
    /// at the real one afterwards.
    private RaftServer start(int port) throws IOException {
        RaftProperties properties = RatisOptions.of(settings, settings.storage().resolve("nothing-here"));
        GrpcConfigKeys.Server.setPort(properties, port);
        if (!safeguards.pauseTolerance()) {
            RaftServerConfigKeys.setCloseThreshold(properties, PAUSE_WITHOUT_TOLERANCE);
        }
        RaftServer built = RaftServer.newBuilder()
                .setServerId(peer)
                .setProperties(properties)
                .setParameters(parameters)
                .setStateMachineRegistry(this::machine)
                .build();
        RatisOptions.setStorage(properties, groups);
        built.start();
        return built;
    }

    private RecordMachine machine(RaftGroupId group) {
        ChannelLog channel = channels.get(group);
        if (channel == null) {
            throw Invariant.broken("Ratis starts group %s, which nobody opened", group);
        }
        return new RecordMachine(channel);
    }

    private void tick() {
        if (closed) {
            return;
        }
        loop.after(TICK, this::tick);
        if (server.getLifeCycleState() == LifeCycle.State.CLOSED && !rebuilding) {
            rebuilding = true;
            world.start("raft-rebuild", this::rebuild);
        }
        if (!rebuilding) {
            channels.values().forEach(channel -> loop.post(channel::tick));
        }
    }

    /// Ratis closed its server by itself; a new one in the same process takes its place.
    private void rebuild() {
        int port = port();
        LOG.warn("Ratis closed its server: building it anew on port {}", port);
        try {
            server = start(port);
            for (ChannelLog channel : channels.values()) {
                channel.failTickets();
                channel.reopen();
            }
        } catch (IOException fault) {
            // boundary: the next tick finds the server closed and comes back here
            LOG.error("the Raft server cannot be built anew, trying again", fault);
        } finally {
            post(() -> rebuilding = false);
        }
    }

    private void loopFault(Throwable fault) {
        LOG.error("a callback of the Raft engine failed", fault);
    }
}
