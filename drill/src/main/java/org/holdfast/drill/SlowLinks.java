package org.holdfast.drill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Members reach each other at 127.0.0.2, where proxies listen that carry to the nodes at 127.0.0.1 and may be slow;
/// clients go straight to the nodes. Owned by the thread that drives the sandbox.
final class SlowLinks implements Ground {
    private static final String KNOWN = "127.0.0.2";

    private final Site site;
    private final List<SlowProxy> proxies = new ArrayList<>();

    SlowLinks(Site site) {
        this.site = site;
    }

    @Override
    public String known(int node) {
        return KNOWN;
    }

    @Override
    public void furnished(Sandbox sandbox) {
        for (int port : sandbox.ports()) {
            proxies.add(SlowProxy.start(site.world(), KNOWN, port, "127.0.0.1"));
        }
    }

    /// How long bytes take from now on, each way.
    void delay(Duration oneWay) {
        proxies.forEach(proxy -> proxy.delay(oneWay));
    }

    @Override
    public void close() {
        proxies.forEach(SlowProxy::close);
        proxies.clear();
    }
}
