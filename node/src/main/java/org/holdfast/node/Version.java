package org.holdfast.node;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.holdfast.env.Invariant;

/// The version of this program, as the build wrote it down.
public final class Version {
    private static final Properties WRITTEN = read();

    private Version() {}

    /// The version, e.g. `0.1.0-SNAPSHOT`.
    public static String text() {
        return WRITTEN.getProperty("version", "");
    }

    /// Hash of the commit it was built from; empty when the build knew none.
    public static String commit() {
        return WRITTEN.getProperty("commit", "");
    }

    private static Properties read() {
        Properties written = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw Invariant.broken("version.properties is not on the class path");
            }
            written.load(in);
        } catch (IOException e) {
            throw Invariant.broken("version.properties cannot be read: %s", e);
        }
        return written;
    }
}
