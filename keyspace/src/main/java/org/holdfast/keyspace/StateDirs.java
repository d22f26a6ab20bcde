package org.holdfast.keyspace;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.env.Disk;

/// Where a shard's state lies, and what lies beside it for a while:
///
/// ```
/// <channel>              the state
/// <channel>.incoming-<n> a checkpoint that comes from another node
/// <channel>.outgoing-<n> a checkpoint that goes to one
/// <channel>.replaced-<n> the state that makes room for one that has come
/// <channel>.broken-<ms>  a state that could not be used, kept for the operator
/// ```
///
/// Putting a checkpoint into place is two renames. A process that dies between them finds the old state under its
/// other name and puts it back.
final class StateDirs {
    private static final String INCOMING = ".incoming-";
    private static final String OUTGOING = ".outgoing-";
    private static final String REPLACED = ".replaced-";
    private static final String BROKEN = ".broken-";

    private final Disk disk;
    private final Path state;
    private final AtomicLong numbers;

    /// @param numbers of the process, never given twice: who still writes under an old name disturbs nobody
    StateDirs(Disk disk, Path state, AtomicLong numbers) {
        this.disk = disk;
        this.state = state;
        this.numbers = numbers;
    }

    Path state() {
        return state;
    }

    /// A name for a checkpoint that comes.
    Path incoming() {
        return beside(INCOMING);
    }

    /// A name for a checkpoint that goes.
    Path outgoing() {
        return beside(OUTGOING);
    }

    /// A name for a state that cannot be used.
    Path broken(long millis) {
        return state.resolveSibling(state.getFileName() + BROKEN + millis);
    }

    private Path beside(String kind) {
        return state.resolveSibling(state.getFileName() + kind + numbers.incrementAndGet());
    }

    /// Puts a checkpoint that has come, and is on the device, in the place of the state, which nobody has open.
    void replace(Path incoming) {
        Path old = beside(REPLACED);
        disk.move(state, old);
        disk.move(incoming, state);
        disk.forceDirectory(parent());
        disk.deleteTree(old);
    }

    /// After a replacement that did not come to its end: the old state is the state again.
    void settle() {
        for (Path old : named(REPLACED)) {
            if (disk.exists(state)) {
                disk.deleteTree(old);
            } else {
                disk.move(old, state);
                disk.forceDirectory(parent());
            }
        }
    }

    /// Removes what a process left that died.
    void sweep() {
        settle();
        named(INCOMING).forEach(disk::deleteTree);
        named(OUTGOING).forEach(disk::deleteTree);
    }

    /// Deletes the state with everything beside it; nobody has any of it open.
    void forget() {
        disk.deleteTree(state);
        for (String kind : List.of(INCOMING, OUTGOING, REPLACED, BROKEN)) {
            named(kind).forEach(disk::deleteTree);
        }
    }

    private List<Path> named(String kind) {
        String start = state.getFileName() + kind;
        return disk.list(parent()).stream()
                .filter(path -> String.valueOf(path.getFileName()).startsWith(start))
                .toList();
    }

    private Path parent() {
        Path parent = state.getParent();
        return parent == null ? Path.of(".") : parent;
    }
}
