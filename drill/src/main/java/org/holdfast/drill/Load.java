package org.holdfast.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.holdfast.env.World;

/// Clients that send envelopes as long as they are let, each over one stream at a time, to one node after the other.
///
/// Owned by the thread that drives the drill; each client has a virtual thread, and one more looks after streams whose
/// node has fallen silent.
final class Load {
    private static final long LOOK_MILLIS = 100;

    private final World world;
    private final List<LoadClient> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /// @param clients how many
    /// @param ratePerSecond envelopes of all clients together
    /// @param payloadBytes of an envelope's data
    record Plan(int clients, int ratePerSecond, int payloadBytes) {}

    private Load(World world) {
        this.world = world;
    }

    static Load start(Sandbox sandbox, Author author, Plan plan) {
        Load load = new Load(sandbox.world());
        for (int i = 0; i < plan.clients; i++) {
            LoadClient client = new LoadClient(
                    new LoadClient.Wiring(load.world, sandbox.nodes(), author, load.ending),
                    i,
                    TimeUnit.SECONDS.toNanos(1) * plan.clients / plan.ratePerSecond,
                    plan.payloadBytes);
            load.clients.add(client);
            load.threads.add(load.world.start("client-" + i, client::run));
        }
        load.world.start("client-watch", load::watch);
        return load;
    }

    /// Ends the load; returns when every stream has been answered or given up.
    void stop() {
        ending.countDown();
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the load ends", e);
        } finally {
            ended.countDown();
        }
    }

    /// Everything sent, client by client in the order of sending. After [#stop].
    List<Sent> sent() {
        List<Sent> all = new ArrayList<>();
        clients.forEach(client -> all.addAll(client.sent()));
        return all;
    }

    /// Whether an envelope that was sent after a moment has been acknowledged.
    boolean servedSince(long nanos) {
        return clients.stream().anyMatch(client -> client.lastServedSend() - nanos > 0);
    }

    private void watch() {
        try {
            while (!ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                clients.forEach(LoadClient::leaveSilentNode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
