package org.holdfast.node;

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
    private final Map<String, Link> links = new ConcurrentHashMap<>();

    Links(NetThreads threads, TlsKeys keys) {
        this.threads = threads;
        this.keys = keys;
    }

    Link to(Consenter consenter) {
        return links.computeIfAbsent(
                consenter.seat() + "@" + consenter.address(),
                name -> Link.to(
                        threads,
                        new Target(consenter.host(), consenter.port()),
                        keys,
                        consenter.serverTls().getPublicKey()));
    }

    @Override
    public void close() {
        links.values().forEach(Link::close);
    }
}
