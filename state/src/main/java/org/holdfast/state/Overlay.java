package org.holdfast.state;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What one batch changes, over what was there: later commands see the earlier ones' effects before anything is
/// written. It remembers what it read as well, so that each record is fetched once. One thread.
final class Overlay implements Store {
    private final Store below;
    private final NavigableMap<byte[], Cell> cells = new TreeMap<>(Arrays::compareUnsigned);
    private final Map<Long, Long> dropped = new LinkedHashMap<>();
    private boolean cleared;

    Overlay(Store below) {
        this.below = below;
    }

    /// A record as it was and as it will be; null where there is none.
    private static final class Cell {
        private byte @Nullable [] before;
        private byte @Nullable [] after;
        private boolean changed;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return cell(key).after;
    }

    void put(byte[] key, byte[] value) {
        Cell cell = cell(key);
        cell.after = value;
        cell.changed = true;
    }

    void delete(byte[] key) {
        Cell cell = cell(key);
        cell.after = null;
        cell.changed = true;
    }

    /// Forgets a generation's members, however many; nobody may ask for them again.
    ///
    /// @param size how many there are, which decides how they are deleted
    void dropGeneration(long generation, long size) {
        dropped.put(generation, size);
        cells.subMap(Layout.members(generation), Layout.members(generation + 1)).clear();
    }

    /// Forgets everything that a client can see, below and here.
    void clear() {
        cleared = true;
        cells.clear();
        dropped.clear();
    }

    /// Whether [#clear] was called: what lies below goes first then.
    boolean isCleared() {
        return cleared;
    }

    /// Generations to delete, with how many members each has.
    Map<Long, Long> dropped() {
        return dropped;
    }

    /// Changed records in order: key → before and after.
    void changes(byte[] from, byte[] to, BiConsumer<byte[], Change> visitor) {
        cells.subMap(from, to).forEach((key, cell) -> {
            if (cell.changed) {
                visitor.accept(key, new Change(cell.before, cell.after));
            }
        });
    }

    /// A record before and after the batch; null where there is none.
    record Change(byte @Nullable [] before, byte @Nullable [] after) {}

    /// What lay below before the batch, unless [#clear] took it away.
    byte @Nullable [] below(byte[] key) {
        return cleared ? null : below.get(key);
    }

    private Cell cell(byte[] key) {
        Cell cell = cells.get(key);
        if (cell == null) {
            cell = new Cell();
            cell.before = cleared ? null : isIndex(key) ? Layout.NOTHING : below.get(key);
            cell.after = cell.before;
            cells.put(key, cell);
        }
        return cell;
    }

    /// Indexes are written and gone through, never asked for one record: none is fetched before it is changed. Derived
    /// parts of collections are indexes.
    private static boolean isIndex(byte[] key) {
        return key[0] == Layout.SLOT
                || key[0] == Layout.EXPIRY
                || (key[0] == Layout.MEMBER && Layout.partOf(key) >= Layout.DERIVED_PART);
    }

    @Override
    public void up(byte[] from, byte[] to, Visitor visitor) {
        Iterator<Map.Entry<byte[], Cell>> mine =
                cells.subMap(from, to).entrySet().iterator();
        new Merge(mine, 1, visitor).run(merge -> below.up(from, to, merge));
    }

    @Override
    public void down(byte[] from, byte[] to, Visitor visitor) {
        Iterator<Map.Entry<byte[], Cell>> mine =
                cells.subMap(from, true, to, false).descendingMap().entrySet().iterator();
        new Merge(mine, -1, visitor).run(merge -> below.down(from, to, merge));
    }

    /// Two sorted sequences as one: a changed cell hides the record below it.
    private final class Merge implements Visitor {
        private final Iterator<Map.Entry<byte[], Cell>> mine;
        private final int direction;
        private final Visitor target;
        private Map.@Nullable Entry<byte[], Cell> next;
        private boolean on = true;

        private Merge(Iterator<Map.Entry<byte[], Cell>> mine, int direction, Visitor target) {
            this.mine = mine;
            this.direction = direction;
            this.target = target;
            step();
        }

        private void run(java.util.function.Consumer<Visitor> lower) {
            if (!cleared) {
                lower.accept(this);
            }
            while (on && next != null) {
                show();
            }
        }

        @Override
        public boolean visit(byte[] key, byte[] value) {
            while (on && next != null && order(next.getKey(), key) < 0) {
                show();
            }
            if (on && next != null && order(next.getKey(), key) == 0) {
                show();
            } else if (on) {
                on = target.visit(key, value);
            }
            return on;
        }

        private int order(byte[] a, byte[] b) {
            return direction * Arrays.compareUnsigned(a, b);
        }

        private void show() {
            Map.Entry<byte[], Cell> shown = next;
            step();
            byte @Nullable [] value = shown == null ? null : shown.getValue().after;
            if (shown != null && value != null) {
                on = target.visit(shown.getKey(), value);
            }
        }

        /// Skips what was only read: it is below as well.
        private void step() {
            next = null;
            while (mine.hasNext() && next == null) {
                Map.Entry<byte[], Cell> candidate = mine.next();
                next = candidate.getValue().changed ? candidate : null;
            }
        }
    }
}
