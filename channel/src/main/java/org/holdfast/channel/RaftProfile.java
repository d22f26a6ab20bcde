package org.holdfast.channel;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.Set;
import org.holdfast.env.Disk;
import org.holdfast.env.YamlTree;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Pem;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.hyperledger.fabric.protos.orderer.etcdraft.Consenter;

/// The section `EtcdRaft` of a configtx.yaml: certificates are named by path there and stand as PEM in the config.
///
/// @param home what paths are relative to
record RaftProfile(Disk disk, Path home) {
    ConfigMetadata read(YamlTree at) {
        at.onlyKeys(Set.of("Consenters", "Options"));
        ConfigMetadata.Builder metadata = ConfigMetadata.newBuilder();
        for (YamlTree consenter : at.at("Consenters").items()) {
            consenter.onlyKeys(Set.of("Host", "Port", "ClientTLSCert", "ServerTLSCert"));
            consenter.at("Port").required();
            metadata.addConsenters(Consenter.newBuilder()
                    .setHost(consenter.at("Host").required())
                    .setPort(consenter.at("Port").number(0, 1, 65_535))
                    .setClientTlsCert(certificate(consenter.at("ClientTLSCert")))
                    .setServerTlsCert(certificate(consenter.at("ServerTLSCert"))));
        }
        if (metadata.getConsentersCount() == 0) {
            at.at("Consenters").fault("is missing: at least one is needed");
        }
        return metadata.setOptions(options(at.at("Options"))).build();
    }

    private static org.hyperledger.fabric.protos.orderer.etcdraft.Options options(YamlTree at) {
        at.onlyKeys(
                Set.of("TickInterval", "ElectionTick", "HeartbeatTick", "MaxInflightBlocks", "SnapshotIntervalSize"));
        Options sample = Options.SAMPLE;
        String tick = at.at("TickInterval").text().orElse(GoDuration.format(sample.tickInterval()));
        Duration length = GoDuration.parse(tick);
        if (length == null || length.isNegative() || length.isZero()) {
            at.at("TickInterval").fault("is '%s', a duration such as 500ms is wanted".formatted(tick));
        }
        int election = at.at("ElectionTick").number(sample.electionTicks(), 2, Integer.MAX_VALUE);
        int heartbeat = at.at("HeartbeatTick").number(sample.heartbeatTicks(), 1, Integer.MAX_VALUE);
        if (election <= heartbeat) {
            at.at("ElectionTick").fault("is %d, not more than HeartbeatTick (%d)".formatted(election, heartbeat));
        }
        return org.hyperledger.fabric.protos.orderer.etcdraft.Options.newBuilder()
                .setTickInterval(tick)
                .setElectionTick(election)
                .setHeartbeatTick(heartbeat)
                .setMaxInflightBlocks(
                        at.at("MaxInflightBlocks").number(sample.maxInflightBlocks(), 1, Integer.MAX_VALUE))
                .setSnapshotIntervalSize(bytes(at.at("SnapshotIntervalSize"), sample.snapshotIntervalBytes()))
                .build();
    }

    private ByteString certificate(YamlTree at) {
        String name = at.required();
        if (name.isEmpty()) {
            return ByteString.EMPTY;
        }
        Path file = home.resolve(name).normalize();
        if (!disk.exists(file)) {
            at.fault("is %s, which does not exist".formatted(file));
            return ByteString.EMPTY;
        }
        byte[] pem = disk.read(file);
        try {
            Pem.firstCertificate(pem, file.toString());
        } catch (BadMaterial e) {
            at.fault("cannot be used: " + Decode.reason(e));
        }
        return ByteString.copyFrom(pem);
    }

    /// A number of bytes.
    static int bytes(YamlTree at, int fallback) {
        String text = at.text().orElse("");
        OptionalInt bytes = ByteSize.parse(text);
        if (text.isEmpty()) {
            return fallback;
        }
        if (bytes.isEmpty() || bytes.getAsInt() == 0) {
            at.fault("is '%s', a number of bytes such as 512 KB or 10 MB is wanted".formatted(text));
            return fallback;
        }
        return bytes.getAsInt();
    }
}
