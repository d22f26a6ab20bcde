package org.holdfast.lab.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.jspecify.annotations.Nullable;

/// A node's disk in memory, with everything a loss of power may do: bytes that were not forced are kept, lost, cut
/// short or kept in some sectors only; names that were not forced (created, renamed, deleted) come to stay up to a
/// random one of them. What was forced stays exactly.
///
/// The disk outlives the processes; each of them sees it through a session that ends with it.
final class SimDisk {
    private static final int SECTOR = 512;
    private static final byte[] EMPTY = {};

    private final Dice dice;
    private final Dir root = new Dir();
    private @Nullable Host locked;
    private boolean full;
    private boolean lying;
    private int callsUntilCrash = -1;
    private long forces;

    SimDisk(Dice dice) {
        this.dice = dice;
    }

    /// What a process sees of it.
    Disk session(Host host) {
        return new DiskSession(this, host);
    }

    /// Takes no more bytes, or takes them again.
    void full(boolean now) {
        full = now;
    }

    boolean isFull() {
        return full;
    }

    /// Forcing does nothing from now on: a broken disk, for tests of the rules.
    void lie() {
        lying = true;
    }

    /// The process dies in its so-many-th call from now.
    void crashIn(int calls) {
        callsUntilCrash = calls;
    }

    /// Times something was forced.
    long forces() {
        return forces;
    }

    Dice dice() {
        return dice;
    }

    /// Whether the process dies in this call.
    boolean strikes() {
        if (callsUntilCrash > 0 && --callsUntilCrash == 0) {
            callsUntilCrash = -1;
            return true;
        }
        return false;
    }

    /// What is left after the power went.
    void crash() {
        callsUntilCrash = -1;
        locked = null;
        root.crash(dice);
    }

    void lock(Host host, Path path) {
        if (locked != null && !locked.isDead()) {
            throw new DiskFault("locking", path, new IOException("held by another running process"));
        }
        locked = host;
    }

    void unlock() {
        locked = null;
    }

    @Nullable
    Node find(Path path) {
        String text = path.toString();
        return find(text, text.length());
    }

    /// Looks up the path that the first characters are. Names are cut out of the text: a path has its parts made anew
    /// each time it is asked, and this is asked at every call.
    private @Nullable Node find(String path, int until) {
        @Nullable Node at = root;
        int from = path.startsWith("/") ? 1 : 0;
        while (from < until) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 || slash > until ? until : slash;
            at = at instanceof Dir dir ? dir.now.get(path.substring(from, end)) : null;
            if (at == null) {
                return null;
            }
            from = end + 1;
        }
        return at;
    }

    Dir dir(Path path, String action) {
        if (find(path) instanceof Dir dir) {
            return dir;
        }
        throw new DiskFault(action, path, new IOException("no such directory"));
    }

    Dir parent(Path path, String action) {
        String text = path.toString();
        if (find(text, Math.max(0, text.lastIndexOf('/'))) instanceof Dir dir) {
            return dir;
        }
        throw new DiskFault(action, path, new IOException("no such directory"));
    }

    static String last(Path path) {
        String text = path.toString();
        return text.substring(text.lastIndexOf('/') + 1);
    }

    void force(Bytes file) {
        forces++;
        if (!lying) {
            file.force();
        }
    }

    void force(Dir dir) {
        forces++;
        if (!lying) {
            dir.force();
        }
    }

    /// A file or a directory.
    sealed interface Node {
        void crash(Dice dice);
    }

    /// Names, as they are now and as they are after a crash at the worst.
    static final class Dir implements Node {
        final TreeMap<String, Node> now = new TreeMap<>();
        private final TreeMap<String, Node> safe = new TreeMap<>();
        private final List<Change> changes = new ArrayList<>();

        /// A change of names.
        ///
        /// @param gone name that goes, or null
        /// @param name name that comes, or null
        private record Change(
                @Nullable String gone,
                @Nullable String name,
                @Nullable Node node) {
            void to(TreeMap<String, Node> names) {
                if (gone != null) {
                    names.remove(gone);
                }
                if (name != null && node != null) {
                    names.put(name, node);
                }
            }
        }

        void change(@Nullable String gone, @Nullable String name, @Nullable Node node) {
            Change change = new Change(gone, name, node);
            change.to(now);
            changes.add(change);
        }

        void force() {
            changes.forEach(change -> change.to(safe));
            changes.clear();
        }

        @Override
        public void crash(Dice dice) {
            int kept = changes.isEmpty() ? 0 : dice.below(changes.size() + 1);
            changes.subList(0, kept).forEach(change -> change.to(safe));
            changes.clear();
            now.clear();
            now.putAll(safe);
            now.values().forEach(node -> node.crash(dice));
        }
    }

    /// A file's bytes, as they are read now and as they are on the device.
    static final class Bytes implements Node {
        private byte[] now = EMPTY;
        private int size;
        private byte[] safe = EMPTY;
        private int safeSize;
        private int dirtyFrom = Integer.MAX_VALUE;

        int size() {
            return size;
        }

        int read(ByteBuffer target, long position) {
            if (position >= size) {
                return 0;
            }
            int count = (int) Math.min(target.remaining(), size - position);
            target.put(now, (int) position, count);
            return count;
        }

        void write(ByteBuffer source, int count, long position) {
            int at = Math.toIntExact(position);
            int end = at + count;
            if (end > now.length) {
                now = grown(now, end);
            }
            source.get(now, at, count);
            dirtyFrom = Math.min(dirtyFrom, Math.min(at, size));
            size = Math.max(size, end);
        }

        void truncate(long length) {
            if (length < size) {
                int end = (int) length;
                Arrays.fill(now, end, size, (byte) 0);
                dirtyFrom = Math.min(dirtyFrom, end);
                size = end;
            }
        }

        void force() {
            if (dirtyFrom == Integer.MAX_VALUE) {
                return;
            }
            if (size > safe.length) {
                safe = grown(safe, size);
            }
            if (dirtyFrom < size) {
                System.arraycopy(now, dirtyFrom, safe, dirtyFrom, size - dirtyFrom);
            }
            if (size < safeSize) {
                Arrays.fill(safe, size, safeSize, (byte) 0);
            }
            safeSize = size;
            dirtyFrom = Integer.MAX_VALUE;
        }

        @Override
        public void crash(Dice dice) {
            if (dirtyFrom == Integer.MAX_VALUE) {
                return;
            }
            switch (dice.below(4)) {
                case 0 -> {}
                case 1 -> force();
                case 2 -> keepUntil(dirtyFrom + dice.below(Math.max(0, size - dirtyFrom) + 1));
                default -> keepSome(dice);
            }
            now = Arrays.copyOf(safe, safeSize);
            size = safeSize;
            dirtyFrom = Integer.MAX_VALUE;
        }

        /// The new bytes arrived in order, up to somewhere.
        private void keepUntil(int end) {
            if (end > safe.length) {
                safe = grown(safe, end);
            }
            if (end > dirtyFrom) {
                System.arraycopy(now, dirtyFrom, safe, dirtyFrom, end - dirtyFrom);
            }
            safeSize = Math.max(safeSize, end);
        }

        /// The new bytes arrived in some sectors; the others hold what they held, or zeros.
        private void keepSome(Dice dice) {
            int end = dice.coin() ? size : (int) dice.between(Math.min(size, safeSize), Math.max(size, safeSize));
            if (end > safe.length) {
                safe = grown(safe, end);
            }
            for (int at = dirtyFrom / SECTOR * SECTOR; at < end; at += SECTOR) {
                int from = Math.max(at, dirtyFrom);
                int until = Math.min(at + SECTOR, Math.min(end, size));
                if (until > from && dice.coin()) {
                    System.arraycopy(now, from, safe, from, until - from);
                }
            }
            if (end < safeSize) {
                Arrays.fill(safe, end, safeSize, (byte) 0);
            }
            safeSize = end;
        }

        private static byte[] grown(byte[] bytes, int least) {
            return Arrays.copyOf(bytes, Math.max(least, Math.max(1024, bytes.length * 2)));
        }
    }
}
