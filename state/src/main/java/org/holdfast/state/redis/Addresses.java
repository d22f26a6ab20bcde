package org.holdfast.state.redis;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Addresses as Redis shows them.
final class Addresses {
    static final InetSocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

    private Addresses() {}

    static InetSocketAddress of(SocketAddress address) {
        return address instanceof InetSocketAddress known ? known : UNKNOWN;
    }

    /// `10.0.0.1:6379`, `[::1]:6379`.
    static String text(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
