package org.holdfast.node;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.World;
import org.holdfast.identity.Pem;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.keyspace.ShardChannel;
import org.holdfast.keyspace.StatePeers;
import org.holdfast.ledger.Feed;
import org.holdfast.node.NodeSettings.Address;
import org.holdfast.node.NodeSettings.TlsSettings;
import org.holdfast.order.Orderer;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.Backend;
import org.holdfast.state.redis.DoorFault;
import org.holdfast.state.redis.DoorSettings;
import org.holdfast.state.redis.KeyMapping;
import org.holdfast.state.redis.RedisDoor;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.PeerTrust;
import org.holdfast.transport.SocketListener;
import org.holdfast.transport.TlsKeys;
import org.holdfast.transport.TlsMaterialException;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.jspecify.annotations.Nullable;

/// A node's Redis doors: one where clients name keys in full, one where all their keys lie in one table, or none.
final class RedisDoors implements AutoCloseable {
    private final Parts parts = new Parts();
    private int port;
    private int plainPort;
    private final Map<String, RedisDoor> open = new TreeMap<>();

    private RedisDoors() {}

    /// Opens them as the settings say.
    ///
    /// @throws BadSettings when users' lines are wrong or a port cannot be had
    /// @throws TlsMaterialException when certificate or key cannot be used
    static RedisDoors open(World world, NetThreads threads, RedisSettings settings, Keyspaces keyspaces)
            throws BadSettings, TlsMaterialException {
        RedisDoors doors = new RedisDoors();
        boolean whole = false;
        try {
            doors.build(world, threads, settings, keyspaces.backend());
            whole = true;
            return doors;
        } catch (DoorFault e) {
            throw new BadSettings(List.of("%s: %s".formatted(RedisReader.SECTION, e.getMessage())));
        } finally {
            if (!whole) {
                doors.close();
            }
        }
    }

    /// Has shards come and go with the node's channels.
    ///
    /// @param links to the other members, whose states may be fetched
    static ChannelUse feeding(Keyspaces keyspaces, Links links) {
        return new ChannelUse() {
            @Override
            public void opened(ChannelId id, Orderer orderer, MemberId self) {
                MemberStates states = new MemberStates(() -> new ChannelPeers(links, orderer.config(), self));
                keyspaces.opened(new OrderedShard(id, orderer, self, states));
            }

            @Override
            public void closing(ChannelId id) {
                keyspaces.closed(id);
            }
        };
    }

    /// Where clients name keys in full; 0 = no such door.
    int port() {
        return port;
    }

    /// Where all keys lie in one table; 0 = no such door.
    int plainPort() {
        return plainPort;
    }

    /// The newest of the requests that took long, by door: `full` where keys are named in full, and `plain`.
    ///
    /// @param count of each door, at most
    Map<String, List<Reply.Listing>> slowLogs(int count) {
        Map<String, List<Reply.Listing>> logs = new TreeMap<>();
        open.forEach((name, door) -> logs.put(name, door.slowLog(count)));
        return logs;
    }

    @Override
    public void close() {
        parts.close();
    }

    private RedisDoor keep(String name, RedisDoor door) {
        open.put(name, door);
        return parts.keep(door);
    }

    private void build(World world, NetThreads threads, RedisSettings settings, Backend backend)
            throws DoorFault, TlsMaterialException {
        SocketListener.@Nullable Tls tls =
                settings.tls().isPresent() ? tls(world, settings.tls().get()) : null;
        List<String> users = users(world, settings);
        if (settings.listen().isPresent()) {
            DoorSettings at = at(settings.listen().get(), KeyMapping.FULL, users, settings);
            port = keep("full", RedisDoor.open(world, threads, at, tls, backend))
                    .port();
        }
        if (settings.plain().isPresent()) {
            RedisSettings.Plain plain = settings.plain().get();
            KeyMapping keys = KeyMapping.plain(plain.keyspace(), plain.table());
            DoorSettings at = at(plain.listen(), keys, users, settings);
            plainPort = keep("plain", RedisDoor.open(world, threads, at, tls, backend))
                    .port();
        }
    }

    private static DoorSettings at(Address listen, KeyMapping keys, List<String> users, RedisSettings settings) {
        return new DoorSettings(listen.host(), listen.port(), keys, users, settings.allowed(), settings.limits());
    }

    private static SocketListener.Tls tls(World world, TlsSettings settings) throws TlsMaterialException {
        TlsKeys keys = TlsKeys.load(world.disk(), settings.certificate(), settings.key());
        PeerTrust trust = new PeerTrust();
        List<X509Certificate> roots = new ArrayList<>();
        settings.clientRoots()
                .forEach(file -> roots.addAll(Pem.certificates(world.disk().read(file), file.toString())));
        trust.trustRoots(roots);
        return new SocketListener.Tls(keys, trust, settings.clientCertificateRequired());
    }

    private static List<String> users(World world, RedisSettings settings) {
        List<String> lines = new ArrayList<>(settings.users());
        settings.usersFile().map(file -> new String(world.disk().read(file), StandardCharsets.UTF_8)).stream()
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .forEach(lines::add);
        return lines;
    }

    /// A channel as its shard uses it.
    private record OrderedShard(ChannelId id, Orderer orderer, MemberId member, StatePeers peers)
            implements ShardChannel {
        @Override
        public CompletableFuture<Void> offer(EnvelopeView envelope) {
            return orderer.offer(envelope);
        }

        @Override
        public CompletableFuture<ReadPoint> readPoint() {
            return orderer.readPoint().thenApply(point -> new ReadPoint(point.height(), point.timeMillis()));
        }

        @Override
        public Feed feed() {
            return orderer.feed();
        }

        @Override
        public ChannelConfig config() {
            return orderer.config();
        }
    }
}
