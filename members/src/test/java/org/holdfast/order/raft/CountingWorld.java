package org.holdfast.order.raft;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Disk;
import org.holdfast.env.World;

/// The real machine, counting how often a vote is copied.
final class CountingWorld {
    final AtomicLong syncs = new AtomicLong();
    final World world;

    CountingWorld() {
        World real = World.real();
        Disk disk = proxy(Disk.class, real.disk(), (name, args) -> {
            if (name.equals("replace") && args[0].toString().contains("/votes/")) {
                syncs.incrementAndGet();
            }
        });
        this.world = proxy(World.class, real, disk);
    }

    private static World proxy(Class<World> type, World real, Disk disk) {
        return (World) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, args) -> {
            if (method.getName().equals("disk")) {
                return disk;
            }
            try {
                return method.invoke(real, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private static Disk proxy(Class<Disk> type, Disk real, Called called) {
        return (Disk) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, method, args) -> {
            called.call(method.getName(), args);
            try {
                return method.invoke(real, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private interface Called {
        void call(String name, Object[] args);
    }
}
