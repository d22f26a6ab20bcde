package org.holdfast.node;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.channel.Consenter;
import org.holdfast.transport.Link;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.Target;
import org.holdfast.transport.TlsKeys;

/// This node's links to other members' nodes, one per node, shared by all channels. Thread-safe.
final class Links implements AutoCloseable {
    private final NetThreads threads;
    private final TlsKeys keys;
    private final NodeSettings.ClusterSettings settings;
    private final PeerClocks clocks;
    private final Map<String, Link> links = new ConcurrentHashMap<>();

    /// @param keys shown to the other members
    Links(NetThreads threads, TlsKeys keys, NodeSettings.ClusterSettings settings, PeerClocks clocks) {
        this.clocks = clocks;
        this.threads = threads;
        this.keys = keys;
        this.settings = settings;
    }

    /// Longest wait for a member's answer.
    Duration answer() {
        return settings.answer();
    }

    Link to(Consenter consenter) {
        return links.computeIfAbsent(
                consenter.seat() + "@" + consenter.address(),
                name -> Link.to(
                        threads,
                        new Target(consenter.host(), consenter.port()),
                        keys,
                        consenter.serverTls().getPublicKey(),
                        settings.dial()));
    }

    /// The other nodes' clocks.
    PeerClocks clocks() {
        return clocks;
    }

    /// Members to which there is a connection now.
    long connected() {
        return links.values().stream().filter(Link::isConnected).count();
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
