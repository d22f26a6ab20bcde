package org.holdfast.node;

import java.time.Duration;
import org.holdfast.node.NodeSettings.Address;
import org.holdfast.node.NodeSettings.ClusterListener;
import org.holdfast.node.NodeSettings.GeneralSettings;
import org.holdfast.transport.ListenFault;
import org.holdfast.transport.Listener;
import org.holdfast.transport.ListenerSettings;
import org.holdfast.transport.ListenerSettings.Limits;
import org.holdfast.transport.ListenerSettings.Serves;
import org.holdfast.transport.ListenerSettings.Timeouts;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.PeerTrust;
import org.holdfast.transport.Services;
import org.jspecify.annotations.Nullable;

/// The node's gRPC ports: one for everybody, or one for clients and one for members.
final class Listeners implements AutoCloseable {
    private final Listener general;
    private final @Nullable Listener members;

    private Listeners(Listener general, @Nullable Listener members) {
        this.general = general;
        this.members = members;
    }

    /// Opens them as the settings say.
    ///
    /// @throws ListenFault when a port cannot be had
    static Listeners start(
            NetThreads threads, NodeSettings settings, Certificates certificates, PeerTrust trust, Services services)
            throws ListenFault {
        ListenerSettings at = listening(settings.general());
        if (settings.cluster().listener().isEmpty()) {
            return new Listeners(Listener.start(threads, at, certificates.members(), trust, services), null);
        }
        ClusterListener own = settings.cluster().listener().get();
        Listener general = certificates.clients().isEmpty()
                ? Listener.plain(threads, at.serving(Serves.CLIENTS), services)
                : Listener.start(
                        threads,
                        at.serving(Serves.CLIENTS),
                        certificates.clients().get(),
                        trust,
                        services);
        boolean whole = false;
        try {
            ListenerSettings forMembers =
                    at(own.listen(), true, settings.general()).serving(Serves.MEMBERS);
            Listener members = Listener.start(threads, forMembers, certificates.members(), trust, services);
            whole = true;
            return new Listeners(general, members);
        } finally {
            if (!whole) {
                general.close();
            }
        }
    }

    /// The general listener's port.
    int port() {
        return general.port();
    }

    @Override
    public void close() {
        general.close();
        if (members != null) {
            members.close();
        }
    }

    private static ListenerSettings listening(GeneralSettings general) {
        return at(general.listen(), general.mutual(), general);
    }

    private static ListenerSettings at(Address address, boolean mutual, GeneralSettings general) {
        Duration stall = Timeouts.DEFAULT.readerStall();
        Limits limits = Limits.DEFAULT
                .withMessageBytes(general.sizes().received())
                .withTimeouts(new Timeouts(general.handshake(), stall));
        return new ListenerSettings(
                address.host(),
                address.port(),
                mutual,
                limits,
                Serves.EVERYBODY,
                general.keepalive(),
                general.sizes().sent());
    }
}
