package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.hyperledger.fabric.protos.orderer.etcdraft.Consenter;
import org.jspecify.annotations.Nullable;

/// What a Raft channel's consensus metadata must be, and how far its members may change with one update: by one, and
/// never so that those who are heard are no majority any more. Members are told apart by their client certificates.
///
/// Source of the rules and texts: Fabric's etcdraft.
final class ConsenterRules {
    /// Below this many members losing one stops the channel anyhow.
    private static final int SMALL = 2;

    private final ConfigMetadata metadata;
    private final TlsAuthorities authorities;

    private ConsenterRules(ConfigMetadata metadata, ChannelConfig config) {
        this.metadata = metadata;
        this.authorities = new TlsAuthorities(config);
    }

    /// Everything asked of a new config of a channel that Raft orders.
    ///
    /// @param wallMillis when an added member's certificates must be valid
    /// @param active seats heard by the leader; empty: all
    /// @throws UpdateFault telling what is unsound
    static void check(ChannelConfig current, ChannelConfig next, long wallMillis, Optional<Set<String>> active) {
        if (!next.consensusType().equals(RaftMetadata.TYPE)) {
            return;
        }
        ConsenterRules rules = sound(next);
        ConfigMetadata before = metadata(current);
        rules.addedAreValid(before, wallMillis);
        rules.membership(before, active);
    }

    /// Whether a config's metadata names options and members that can order.
    ///
    /// @throws UpdateFault telling why not
    static ConsenterRules sound(ChannelConfig config) {
        ConfigMetadata metadata;
        try {
            metadata =
                    ConfigMetadata.parseFrom(MaintenanceRules.consensus(config).getMetadata());
        } catch (InvalidProtocolBufferException e) {
            throw fault("failed to unmarshal new etcdraft metadata configuration: " + Decode.reason(e));
        }
        ConsenterRules rules = new ConsenterRules(metadata, config);
        try {
            rules.options();
            rules.consenters();
        } catch (UpdateFault e) {
            throw e.within("invalid new config metadata");
        }
        return rules;
    }

    /// Whether two configs carry the same metadata, byte for byte.
    static boolean sameMetadata(ChannelConfig one, ChannelConfig other) {
        return MaintenanceRules.consensus(one)
                .getMetadata()
                .equals(MaintenanceRules.consensus(other).getMetadata());
    }

    /// What a committed config says; nothing when it cannot be read.
    private static ConfigMetadata metadata(ChannelConfig config) {
        try {
            return config.consensusType().equals(RaftMetadata.TYPE)
                    ? ConfigMetadata.parseFrom(
                            MaintenanceRules.consensus(config).getMetadata())
                    : ConfigMetadata.getDefaultInstance();
        } catch (InvalidProtocolBufferException e) {
            return ConfigMetadata.getDefaultInstance();
        }
    }

    private static UpdateFault fault(String text) {
        return new UpdateFault(Code.UPDATE_INVALID, text);
    }

    private void options() {
        if (!metadata.hasOptions()) {
            throw fault("nil Raft config metadata options");
        }
        var options = metadata.getOptions();
        int heartbeat = options.getHeartbeatTick();
        int election = options.getElectionTick();
        int inflight = options.getMaxInflightBlocks();
        if (heartbeat == 0 || election == 0 || inflight == 0) {
            throw fault("none of HeartbeatTick (%s), ElectionTick (%s) and MaxInflightBlocks (%s) can be zero"
                    .formatted(unsigned(heartbeat), unsigned(election), unsigned(inflight)));
        }
        if (Integer.compareUnsigned(election, heartbeat) <= 0) {
            throw fault("ElectionTick (%s) must be greater than HeartbeatTick (%s)"
                    .formatted(unsigned(election), unsigned(heartbeat)));
        }
        Duration tick = GoDuration.parse(options.getTickInterval());
        if (tick == null) {
            throw fault("failed to parse TickInterval (%s) to time duration: time: invalid duration \"%s\""
                    .formatted(options.getTickInterval(), options.getTickInterval()));
        }
        if (tick.isZero() || tick.isNegative()) {
            throw fault("TickInterval (%s) must be longer than zero".formatted(options.getTickInterval()));
        }
    }

    private static String unsigned(int number) {
        return Integer.toUnsignedString(number);
    }

    private void consenters() {
        if (metadata.getConsentersCount() == 0) {
            throw fault("empty consenter set");
        }
        Set<ByteString> clients = new HashSet<>();
        Set<ByteString> servers = new HashSet<>();
        for (Consenter consenter : metadata.getConsentersList()) {
            certificates(consenter, OptionalLong.empty()).ifPresent(why -> {
                throw fault(
                        "consenter %s has invalid certificate: %s".formatted(TlsAuthorities.address(consenter), why));
            });
            // Both are noted, whichever is known already: one certificate may serve a consenter both ways.
            boolean fresh = clients.add(consenter.getClientTlsCert());
            if (!servers.add(consenter.getServerTlsCert()) || !fresh) {
                throw fault("duplicate consenter: server cert: %s, client cert: %s"
                        .formatted(
                                consenter.getServerTlsCert().toStringUtf8(),
                                consenter.getClientTlsCert().toStringUtf8()));
            }
        }
    }

    private Optional<String> certificates(Consenter consenter, OptionalLong wallMillis) {
        return certificate("client", consenter.getClientTlsCert(), wallMillis)
                .or(() -> certificate("server", consenter.getServerTlsCert(), wallMillis));
    }

    private Optional<String> certificate(String kind, ByteString pem, OptionalLong wallMillis) {
        try {
            X509Certificate certificate = Pem.firstCertificate(pem.toByteArray(), "the tls " + kind + " cert");
            return authorities
                    .refuse(certificate, wallMillis)
                    .map(why -> "verifying tls %s cert with serial number %s: %s"
                            .formatted(kind, certificate.getSerialNumber(), why));
        } catch (BadMaterial e) {
            return Optional.of(Decode.reason(e));
        }
    }

    /// What members have had before may run out without their having to leave.
    private void addedAreValid(ConfigMetadata before, long wallMillis) {
        Set<ByteString> known = new HashSet<>();
        before.getConsentersList().forEach(consenter -> known.add(pair(consenter)));
        for (Consenter consenter : metadata.getConsentersList()) {
            if (!known.contains(pair(consenter))) {
                certificates(consenter, OptionalLong.of(wallMillis)).ifPresent(why -> {
                    throw fault("consenter %s has invalid certificates: %s"
                            .formatted(TlsAuthorities.address(consenter), why));
                });
            }
        }
    }

    private static ByteString pair(Consenter consenter) {
        return Consenter.newBuilder()
                .setClientTlsCert(consenter.getClientTlsCert())
                .setServerTlsCert(consenter.getServerTlsCert())
                .build()
                .toByteString();
    }

    private void membership(ConfigMetadata before, Optional<Set<String>> active) {
        Set<ByteString> added = clients(metadata);
        Set<ByteString> removed = clients(before);
        Set<ByteString> stays = new HashSet<>(removed);
        stays.retainAll(added);
        added.removeAll(stays);
        removed.removeAll(stays);
        if (added.size() > 1 || removed.size() > 1) {
            throw fault(("update of more than one consenter at a time is not supported, requested changes: add %d"
                            + " node(s), remove %d node(s)")
                    .formatted(added.size(), removed.size()));
        }
        if ((added.isEmpty() && removed.isEmpty()) || active.isEmpty()) {
            return;
        }
        int alive = alive(before, active.get(), null);
        // A member that gives way or changes its key is lost for the time being.
        ByteString leaving = removed.isEmpty() ? null : removed.iterator().next();
        int remaining = alive(before, active.get(), leaving);
        int members = metadata.getConsentersCount();
        boolean guarded = members > SMALL || added.isEmpty();
        if (guarded && remaining < members / 2 + 1) {
            throw fault("%d out of %d nodes are alive, configuration will result in quorum loss"
                    .formatted(alive, before.getConsentersCount()));
        }
    }

    private static Set<ByteString> clients(ConfigMetadata metadata) {
        Set<ByteString> found = new LinkedHashSet<>();
        metadata.getConsentersList().forEach(consenter -> found.add(consenter.getClientTlsCert()));
        return found;
    }

    private static int alive(ConfigMetadata before, Set<String> active, @Nullable ByteString without) {
        List<String> seats = new ArrayList<>();
        for (Consenter consenter : before.getConsentersList()) {
            if (!consenter.getClientTlsCert().equals(without)) {
                seats.add(seat(consenter));
            }
        }
        seats.retainAll(active);
        return seats.size();
    }

    /// See [org.holdfast.channel.Consenter#seat]; no seat when the certificate cannot be read.
    private static String seat(Consenter consenter) {
        try {
            X509Certificate certificate =
                    Pem.firstCertificate(consenter.getClientTlsCert().toByteArray(), "a client certificate");
            return new org.holdfast.channel.Consenter(
                            consenter.getHost(), consenter.getPort(), certificate, certificate)
                    .seat();
        } catch (BadMaterial unreadable) {
            return "";
        }
    }
}
