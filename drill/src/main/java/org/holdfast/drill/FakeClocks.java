package org.holdfast.drill;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/// Every node is shown the wall clock by libfaketime, which reads from a file how far it is off; monotonic time stays
/// as it is. Owned by the thread that drives the sandbox.
final class FakeClocks implements Ground {
    private static final long ISSUED_MILLIS_AGO = 3L * 24 * 3600 * 1000;
    /// A node looks at its file so often.
    private static final int LOOK_SECONDS = 1;

    private final Site site;

    FakeClocks(Site site) {
        this.site = site;
    }

    @Override
    public Map<String, String> environment(int node) {
        String library = Need.fakeTime(site.world())
                .orElseThrow(() -> new DrillFault("libfaketime has gone"))
                .toString();
        return Map.of(
                "LD_PRELOAD",
                library,
                "FAKETIME_TIMESTAMP_FILE",
                file(node).toString(),
                "FAKETIME_CACHE_DURATION",
                Integer.toString(LOOK_SECONDS),
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                // Its other way makes a JVM's timed waits return at once.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0");
    }

    @Override
    public long issuedMillisAgo() {
        return ISSUED_MILLIS_AGO;
    }

    @Override
    public void furnished(Sandbox sandbox) {
        for (int node = 1; node <= site.nodes(); node++) {
            set(node, "+0");
        }
    }

    /// Sets a node's clock, in effect within a second.
    ///
    /// @param offset such as `+1d`
    void set(int node, String offset) {
        site.world().disk().replace(file(node), (offset + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private Path file(int node) {
        return site.directory().resolve("clock" + node);
    }
}
