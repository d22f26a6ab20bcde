package org.holdfast.order.raft;

/// Keeps TLS sessions from being resumed. A resumed session skips the trust manager, so a peer whose pin was taken
/// back would come in again. Netty reads the two switches once, when its OpenSSL context class is loaded.
final class SessionResumption {
    private static final String PREFIX = "org.apache.ratis.thirdparty.io.netty.handler.ssl.openssl.";
    static final String CLIENT = PREFIX + "sessionCacheClient";
    static final String SERVER = PREFIX + "sessionCacheServer";

    private SessionResumption() {}

    /// Must run before any class of Ratis' TLS is loaded.
    ///
    /// @throws IllegalStateException when someone has set them otherwise
    static void forbid() {
        forbid(CLIENT);
        forbid(SERVER);
    }

    private static void forbid(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            System.setProperty(property, "false");
        } else if (!value.equals("false")) {
            throw new IllegalStateException(
                    "-D" + property + "=" + value + " lets removed peers connect again; it must be false or absent");
        }
    }
}
