package org.holdfast.order;

import java.io.OutputStream;
import java.util.function.Consumer;
import org.holdfast.env.Chance;
import org.holdfast.env.Clock;
import org.holdfast.env.Disk;
import org.holdfast.env.Loop;
import org.holdfast.env.Pool;
import org.holdfast.env.World;

/// This machine, with another disk or another clock.
record FaultyWorld(Disk disk, Clock clock) implements World {
    FaultyWorld(Disk disk) {
        this(disk, Consortium.WORLD.clock());
    }

    @Override
    public Chance chance() {
        return Consortium.WORLD.chance();
    }

    @Override
    public Loop loop(String name, int limit, Consumer<Throwable> onFault) {
        return Consortium.WORLD.loop(name, limit, onFault);
    }

    @Override
    public Pool pool(String name, int threads, int limit) {
        return Consortium.WORLD.pool(name, threads, limit);
    }

    @Override
    public Thread start(String name, Runnable work) {
        return Consortium.WORLD.start(name, work);
    }

    @Override
    public Runnable atShutdown(String name, Runnable work) {
        return Consortium.WORLD.atShutdown(name, work);
    }

    @Override
    public OutputStream standardOutput() {
        return Consortium.WORLD.standardOutput();
    }
}
