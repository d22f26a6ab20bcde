package org.holdfast.node;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.identity.Pem;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.Orderer;
import org.holdfast.order.SeatFile;
import org.holdfast.order.raft.OpenChannel;
import org.holdfast.order.raft.OpenChannel.Place;
import org.holdfast.order.raft.RaftEngine;
import org.holdfast.order.raft.RaftEngineSettings;
import org.holdfast.wire.MemberId;

/// Makes the Raft engine fit the orderer's seam.
final class Engines {
    private Engines() {}

    /// A node without channels, or with settings that say so, waits this long.
    private static final Duration ELECTION_MIN = Duration.ofSeconds(1);
    /// What the engine bears.
    private static final Duration ELECTION_LEAST = Duration.ofMillis(100);

    private static final Duration ELECTION_MOST = Duration.ofMinutes(1);

    /// The election time-out of the node's engine, which serves all of its channels: the setting, or that of the
    /// slowest channel there is at the start (TickInterval, or what overrides it, × ElectionTick).
    static Duration election(NodeSettings.Engine settings, List<ChannelConfig> configs) {
        Duration slowest = configs.stream()
                .map(config -> settings.tick()
                        .orElse(config.options().tickInterval())
                        .multipliedBy(config.options().electionTicks()))
                .max(Duration::compareTo)
                .orElse(ELECTION_MIN);
        Duration wanted = settings.election().orElse(slowest);
        if (wanted.compareTo(ELECTION_LEAST) < 0) {
            return ELECTION_LEAST;
        }
        return wanted.compareTo(ELECTION_MOST) > 0 ? ELECTION_MOST : wanted;
    }

    /// @param port 0 lets the system choose
    static RaftEngine start(Channels.Shared shared, MemberId self, int port, Duration election) {
        NodeSettings.Engine engine = shared.settings().engine();
        RaftEngineSettings settings = new RaftEngineSettings(
                shared.home().engineStorage(self.incarnation()),
                self,
                new RaftEngineSettings.Listener(engine.bindHost(), engine.advertisedHost(), port),
                election,
                RaftEngineSettings.Sizes.FEW_CHANNELS,
                RaftEngineSettings.MEMBERSHIP_DEADLINE);
        shared.world().disk().createDirectories(settings.storage());
        return RaftEngine.start(
                settings,
                shared.world(),
                shared.certificates().dialling().keyManager(),
                shared.trust().membersOnly());
    }

    static Orderer.Engine forChannel(RaftEngine engine, Place place, SeatFile seat, List<Seated> first) {
        return new Orderer.Engine() {
            @Override
            public void cut(MemberId member) {
                var _ = engine.cut(place, member);
            }

            @Override
            public void admit(MemberId member) {
                engine.admit(place, member);
            }

            @Override
            public OrderedLog open(Position resumeFrom, OrderedLog.Reader reader, OrderedLog.Stamper stamper) {
                return engine.open(new OpenChannel(place, seat, first, resumeFrom, reader, stamper));
            }
        };
    }

    /// Signs as the seat: with the key of the certificate this node shows to other members.
    static ByteString signWithTlsKey(Channels.Shared shared, ByteString message) {
        Path file = shared.settings().cluster().dialling().key();
        PrivateKey key = Pem.privateKey(shared.world().disk().read(file), file.toString());
        return shared.crypto().sign(shared.crypto().adopt(key), message);
    }

    /// The client CA certificates of the settings.
    static List<X509Certificate> clientRoots(Channels.Shared shared) {
        List<X509Certificate> roots = new ArrayList<>();
        List<Path> files = shared.settings()
                .general()
                .tls()
                .map(NodeSettings.TlsSettings::clientRoots)
                .orElse(List.of());
        for (Path file : files) {
            roots.addAll(Pem.certificates(shared.world().disk().read(file), file.toString()));
        }
        return roots;
    }

    /// Lets in the members and clients of all channels.
    static void pin(Channels.Shared shared, List<ChannelConfig> configs) {
        Set<PublicKey> keys = new LinkedHashSet<>();
        List<X509Certificate> roots = new ArrayList<>(clientRoots(shared));
        for (ChannelConfig config : configs) {
            for (Consenter consenter : config.consenters()) {
                keys.add(consenter.clientTls().getPublicKey());
                keys.add(consenter.serverTls().getPublicKey());
            }
            roots.addAll(config.tlsRoots());
        }
        shared.trust().pin(keys);
        shared.trust().trustRoots(roots);
    }
}
