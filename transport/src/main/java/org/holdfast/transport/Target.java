package org.holdfast.transport;

/// A server to connect to.
public record Target(String host, int port) {
    /// Reads `host:port`, also `[v6]:port`.
    ///
    /// @throws IllegalArgumentException when it is neither
    public static Target parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("'" + text + "' is not host:port");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("'" + text + "': the port must be 1 to 65535");
            }
            return new Target(host, port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "': the port is not a number", e);
        }
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
