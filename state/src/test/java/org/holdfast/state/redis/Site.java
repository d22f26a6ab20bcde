package org.holdfast.state.redis;

import java.nio.file.Path;
import org.holdfast.env.World;
import org.holdfast.transport.NetThreads;
import org.holdfast.transport.SocketListener;
import org.jspecify.annotations.Nullable;

/// A door with a shard behind it.
final class Site implements AutoCloseable {
    static final KeyMapping PLAIN = KeyMapping.plain("default", "main");

    final LocalBackend backend;
    final RedisDoor door;
    private final NetThreads threads;

    Site(Path directory) throws Exception {
        this(directory, new DoorSettings("127.0.0.1", 0, PLAIN), null);
    }

    Site(Path directory, DoorSettings settings, SocketListener.@Nullable Tls tls) throws Exception {
        backend = new LocalBackend(directory.resolve("state"));
        threads = NetThreads.start(World.real());
        door = RedisDoor.open(World.real(), threads, settings, tls, backend);
    }

    RawClient client() throws Exception {
        return new RawClient(door.port());
    }

    @Override
    public void close() {
        door.close();
        backend.close();
        threads.close();
    }
}
