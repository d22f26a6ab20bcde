package org.holdfast.state.redis;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.World;
import org.holdfast.state.Reply;
import org.holdfast.transport.ListenFault;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.SocketListener;
import org.jspecify.annotations.Nullable;

/// A port that speaks the Redis protocol (RESP2 and RESP3).
public final class RedisDoor implements AutoCloseable {
    private final SocketListener listener;
    private final Doorway doorway;

    private RedisDoor(SocketListener listener, Doorway doorway) {
        this.listener = listener;
        this.doorway = doorway;
    }

    /// Opens the port and serves until closed.
    ///
    /// @param tls null for a plain port
    /// @throws DoorFault when settings are wrong or the port cannot be had
    public static RedisDoor open(
            World world, NetThreads threads, DoorSettings settings, SocketListener.@Nullable Tls tls, Backend backend)
            throws DoorFault {
        Tuning tuning = new Tuning(settings.limits());
        DoorFigures figures = new DoorFigures(world);
        AtomicInteger port = new AtomicInteger(settings.port());
        Map<String, DoorCommand> commands = new HashMap<>();
        SessionCommands.register(commands);
        ClientCommands.register(commands);
        AclCommands.register(commands);
        CommandCommands.register(commands);
        CommandFigures calls = new CommandFigures();
        new ConfigCommands(tuning, settings).register(commands);
        new ServerCommands(world.clock().nanos(), port::get, calls).register(commands);
        Waits waits = new Waits(settings.limits().waiting(), figures);
        Doorway doorway = new Doorway(
                world,
                settings,
                tuning,
                Acl.of(settings.users(), Directory.categories()),
                new Directory(commands),
                backend,
                new Sessions(),
                waits,
                new SlowLog(tuning),
                figures,
                calls,
                new AtomicLong());
        backend.onWritten(waits::written);
        SocketListener.Place place = new SocketListener.Place(
                settings.host(), settings.port(), settings.limits().times().handshake());
        try {
            SocketListener listener = SocketListener.start(
                    threads, place, tls, channel -> channel.pipeline().addLast(new Session(doorway, channel)));
            port.set(listener.port());
            return new RedisDoor(listener, doorway);
        } catch (ListenFault e) {
            throw new DoorFault("the Redis door: " + e.getMessage(), e);
        }
    }

    /// The port it listens on.
    public int port() {
        return listener.port();
    }

    /// What the door has counted; the metrics of [DoorFigures] show the same.
    public DoorFigures.Reading reading() {
        return doorway.figures().reading(doorway.unanswered().get());
    }

    /// The requests that took long, the newest first, each as SLOWLOG GET shows it: a list of its number, when it ended
    /// (seconds since the Unix epoch), how long it took (microseconds), its words, the client's address and name.
    ///
    /// @param count at most
    public List<Reply.Listing> slowLog(int count) {
        return doorway.slowLog().newest(count).items().stream()
                .filter(Reply.Listing.class::isInstance)
                .map(Reply.Listing.class::cast)
                .toList();
    }

    /// Connections open now.
    public int clients() {
        return doorway.sessions().count();
    }

    /// Closes the port, takes no further request, and waits a while for the answers that are under way; then closes
    /// every connection.
    @Override
    public void close() {
        listener.close();
        doorway.sessions().close();
        List<Future<?>> ends = new ArrayList<>();
        for (Session session : doorway.sessions().all()) {
            session.loop().execute(session::stop);
            ends.add(session.end());
        }
        long deadline =
                doorway.nanos() + doorway.settings().limits().times().grace().toNanos();
        for (Future<?> end : ends) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - doorway.nanos()));
            end.awaitUninterruptibly(left.toMillis(), TimeUnit.MILLISECONDS);
        }
        for (Session session : doorway.sessions().all()) {
            session.loop().execute(() -> session.cut("the door closes"));
        }
    }
}
