package org.holdfast.env;

import java.io.OutputStream;
import java.util.function.Consumer;

/// Everything outside the program that a room may touch: time, chance, disk and threads.
public interface World {
    Clock clock();

    Chance chance();

    Disk disk();

    /// A new owner loop.
    ///
    /// @param name thread name, seen in dumps
    /// @param limit tasks that may wait
    /// @param onFault called on the loop with whatever a task threw; the loop goes on afterwards, so the owner decides
    ///     here whether to halt
    Loop loop(String name, int limit, Consumer<Throwable> onFault);

    /// A few threads for computing.
    ///
    /// @param limit tasks that may wait
    Pool pool(String name, int threads, int limit);

    /// Starts a virtual thread for work that may block: doors, links, background copies.
    Thread start(String name, Runnable work);

    /// Has something done when the process is asked to end (SIGTERM, SIGINT) or ends by itself; the process ends
    /// when it returns.
    ///
    /// @return takes it back, if the end has not begun
    Runnable atShutdown(String name, Runnable work);

    /// The process's standard output, unbuffered: a reader that left shows as an exception.
    OutputStream standardOutput();

    /// The figures that rooms count. A world that says nothing else has its rooms count into the void.
    default Metrics metrics() {
        return new Metrics();
    }

    /// How much longer than by itself a force of the disk takes. Whoever forces files by other means than [#disk]
    /// pauses there too.
    default ForceDelay forceDelay() {
        return new ForceDelay(clock());
    }

    /// The machine this process runs on.
    static World real() {
        return new RealWorld();
    }
}
