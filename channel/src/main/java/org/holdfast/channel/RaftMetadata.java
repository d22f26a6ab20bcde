package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.channel.ChannelConfig.Consensus;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.hyperledger.fabric.protos.common.Orderers;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;

/// Consenters and options from `ConsensusType.metadata`, as etcdraft writes them. Unsound metadata is a hazard, not
/// a fault: real orderers have committed such blocks, and a reader of the chain must get past them.
final class RaftMetadata {
    static final String TYPE = "etcdraft";
    private static final int LARGEST_PORT = 65_535;

    private final List<String> hazards = new ArrayList<>();

    private RaftMetadata() {}

    /// @param mapping `/Channel/Orderer/Orderers`; empty in configs before Fabric 3
    static Consensus read(String type, ConsensusState state, ByteString metadata, Orderers mapping) {
        RaftMetadata reader = new RaftMetadata();
        List<MappedConsenter> mapped = MappingReader.read(mapping, reader.hazards);
        if (!TYPE.equals(type)) {
            reader.hazards.add("its consensus type is '%s', and this version orders channels of type etcdraft only"
                    .formatted(type));
            return new Consensus(type, state, List.of(), mapped, Options.SAMPLE, reader.hazards);
        }
        List<Consenter> consenters = List.of();
        Options options = Options.SAMPLE;
        try {
            ConfigMetadata wire = ConfigMetadata.parseFrom(metadata);
            consenters = reader.consenters(wire);
            options = reader.options(wire);
        } catch (InvalidProtocolBufferException e) {
            reader.hazards.add("the consensus metadata cannot be decoded: " + e.getMessage());
        }
        return new Consensus(type, state, consenters, mapped, options, reader.hazards);
    }

    private List<Consenter> consenters(ConfigMetadata wire) {
        List<Consenter> found = new ArrayList<>();
        Set<String> seats = new HashSet<>();
        for (var consenter : wire.getConsentersList()) {
            String address = consenter.getHost() + ":" + consenter.getPort();
            if (consenter.getHost().isEmpty() || consenter.getPort() < 1 || consenter.getPort() > LARGEST_PORT) {
                hazards.add("consenter '%s' has no usable address".formatted(address));
                continue;
            }
            try {
                Consenter read = new Consenter(
                        consenter.getHost(),
                        consenter.getPort(),
                        certificate(consenter.getClientTlsCert(), "the client certificate of consenter " + address),
                        certificate(consenter.getServerTlsCert(), "the server certificate of consenter " + address));
                if (!seats.add(read.seat())) {
                    hazards.add("consenter %s has the client key of another one".formatted(address));
                }
                found.add(read);
            } catch (BadMaterial e) {
                hazards.add(String.valueOf(e.getMessage()));
            }
        }
        if (wire.getConsentersCount() == 0) {
            hazards.add("there is no consenter");
        }
        // Part of a membership would be worse than none: its majority is another one.
        return found.size() == wire.getConsentersCount() ? found : List.of();
    }

    private static X509Certificate certificate(ByteString pem, String source) {
        return Pem.firstCertificate(pem.toByteArray(), source);
    }

    private Options options(ConfigMetadata wire) {
        var raw = wire.getOptions();
        Duration tick = GoDuration.parse(raw.getTickInterval());
        boolean usable = wire.hasOptions()
                && tick != null
                && !tick.isZero()
                && !tick.isNegative()
                && raw.getHeartbeatTick() > 0
                && raw.getElectionTick() > raw.getHeartbeatTick()
                && raw.getMaxInflightBlocks() > 0;
        if (tick == null || !usable) {
            hazards.add(("the Raft options are unusable (tick_interval '%s', election_tick %d, heartbeat_tick %d,"
                            + " max_inflight_blocks %d)")
                    .formatted(
                            raw.getTickInterval(),
                            raw.getElectionTick(),
                            raw.getHeartbeatTick(),
                            raw.getMaxInflightBlocks()));
            return Options.SAMPLE;
        }
        return new Options(
                tick,
                raw.getElectionTick(),
                raw.getHeartbeatTick(),
                raw.getMaxInflightBlocks(),
                snapshotInterval(raw.getSnapshotIntervalSize()));
    }

    /// 0 stands for Fabric's default; the number has no sign.
    private static int snapshotInterval(int bytes) {
        if (bytes == 0) {
            return Options.SAMPLE.snapshotIntervalBytes();
        }
        return bytes < 0 ? Integer.MAX_VALUE : bytes;
    }
}
