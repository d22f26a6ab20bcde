package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where a list's elements lie: each is a member `part, place`, in the order of the list, with the element under it.
///
/// An element that is pushed lies a step beyond the one at that end, so both ends are cheap, and as long as a list
/// changes at its ends only, an index leads to a place without looking. An element between two others lies half-way
/// between them; where nothing is left between them, the ones around are laid out anew, as few as it takes. A list that
/// was changed in its middle is uneven: an index is found by counting from the nearer end.
///
/// The list's body holds its first and its last place. Which places elements have follows from the commands alone, so
/// it is the same on every node; it counts in the digest.
final class Places {
    /// The form of a list whose elements are not a step apart each.
    static final int UNEVEN = 1;

    /// From one element to the next.
    static final long STEP = 1L << 20;

    /// No element lies beyond this on either side: the list is laid out anew first.
    static final long PLACE_MAX = 1L << 62;

    /// Bytes of elements that are moved when what is left of a list, or a part around an insertion, is laid out anew.
    static final long MOVED_BYTES_MAX = 32L << 20;

    /// The same of an insertion: the fewest elements around it, all as long as one may be.
    static final long AROUND_BYTES_MAX = 160L << 20;

    private static final byte PART = 1;
    private static final int AROUND_FIRST = 8;
    private static final long ROOM_MIN = 256;

    private Places() {}

    /// The side of a list.
    enum End {
        LEFT,
        RIGHT
    }

    /// Looks at elements.
    @FunctionalInterface
    interface Visitor {
        /// @return whether to go on
        boolean visit(long place, byte[] element);
    }

    static byte[] member(long place) {
        return ByteBuffer.allocate(1 + Long.BYTES)
                .put(PART)
                .putLong(place ^ Long.MIN_VALUE)
                .array();
    }

    private static long place(byte[] member) {
        return ByteBuffer.wrap(member).getLong(1) ^ Long.MIN_VALUE;
    }

    static long first(Entry list) {
        return ByteBuffer.wrap(list.body()).getLong();
    }

    static long last(Entry list) {
        return ByteBuffer.wrap(list.body()).getLong(Long.BYTES);
    }

    private static Entry with(Entry list, long first, long last, long size) {
        byte[] ends =
                ByteBuffer.allocate(2 * Long.BYTES).putLong(first).putLong(last).array();
        return list.withBody(ends).withSize(size).withForm(size > 1 ? list.form() : 0);
    }

    /// The place of an element.
    ///
    /// @param index from 0 on, below the size
    static long of(Entries entries, Entry list, long index) {
        if (list.form() != UNEVEN) {
            return first(list) + index * STEP;
        }
        long[] found = {0, 0};
        boolean near = index < list.size() / 2;
        found[1] = near ? index : list.size() - 1 - index;
        Visitor visitor = (place, element) -> {
            found[0] = place;
            return found[1]-- > 0;
        };
        if (near) {
            up(entries, list, first(list), visitor);
        } else {
            down(entries, list, last(list), visitor);
        }
        return found[0];
    }

    /// Visits elements from a place on, to the right.
    static void up(Entries entries, Entry list, long from, Visitor visitor) {
        entries.members(
                list, member(from), new byte[] {PART + 1}, (member, element) -> visitor.visit(place(member), element));
    }

    /// Visits elements from a place on, to the left.
    static void down(Entries entries, Entry list, long from, Visitor visitor) {
        entries.membersDown(
                list, new byte[] {PART}, member(from + 1), (member, element) -> visitor.visit(place(member), element));
    }

    /// Visits all elements, from one end to the other.
    static void each(Entries entries, Entry list, End from, Visitor visitor) {
        if (from == End.LEFT) {
            up(entries, list, first(list), visitor);
        } else {
            down(entries, list, last(list), visitor);
        }
    }

    /// Elements in the order of the list.
    ///
    /// @param index of the first one
    /// @param count how many; the list has them
    static List<byte[]> range(Entries entries, Entry list, long index, long count) {
        List<byte[]> found = new ArrayList<>();
        up(entries, list, of(entries, list, index), (place, element) -> {
            found.add(element);
            return found.size() < count;
        });
        return found;
    }

    /// The same, to be laid out anew; null when they are more than are held in memory at once.
    static @Nullable List<byte[]> few(Entries entries, Entry list, long index, long count) {
        if (count > Allowance.ELEMENTS_MAX) {
            return null;
        }
        Moved moved = new Moved();
        up(
                entries,
                list,
                of(entries, list, index),
                (place, element) -> moved.add(element) && moved.elements.size() < count);
        return moved.fits() ? moved.elements : null;
    }

    /// Elements that are held in memory while they are laid out anew, up to a bound. What a bound decides is part of
    /// what a command means: it follows from the list alone, and is the same on all nodes.
    private static final class Moved {
        final List<byte[]> elements = new ArrayList<>();
        private long bytes;

        /// @return whether there may be more
        boolean add(byte[] element) {
            elements.add(element);
            bytes += element.length;
            return fits();
        }

        boolean fits() {
            return elements.size() <= Allowance.ELEMENTS_MAX && bytes <= MOVED_BYTES_MAX;
        }
    }

    /// The same for an answer.
    static List<byte[]> taken(Entries entries, Entry list, long index, long count) {
        List<byte[]> found = new ArrayList<>();
        up(entries, list, of(entries, list, index), (place, element) -> {
            entries.taken(element.length);
            found.add(element);
            return found.size() < count;
        });
        return found;
    }

    /// Adds an element at an end of a list that is put afterwards.
    static Entry push(Editor editor, Entry list, byte[] element, End end) {
        if (list.size() == 0) {
            editor.putMember(list, member(0), element);
            return with(list, 0, 0, 1);
        }
        Entry roomy = list;
        long place = beyond(list, end);
        if (Math.abs(place) > PLACE_MAX) {
            roomy = anew(editor, list, range(editor, list, 0, list.size()));
            place = beyond(roomy, end);
        }
        editor.putMember(roomy, member(place), element);
        return end == End.LEFT
                ? with(roomy, place, last(roomy), roomy.size() + 1)
                : with(roomy, first(roomy), place, roomy.size() + 1);
    }

    private static long beyond(Entry list, End end) {
        return end == End.LEFT ? first(list) - STEP : last(list) + STEP;
    }

    /// The same list with these elements only, a step apart; what it was made of goes when it is put.
    static Entry anew(Editor editor, Entry list, List<byte[]> elements) {
        Entry fresh = list.withGeneration(editor.newGeneration()).withForm(0);
        long place = 0;
        for (byte[] element : elements) {
            editor.putMember(fresh, member(place), element);
            place += STEP;
        }
        return with(fresh, 0, place - STEP, elements.size());
    }

    /// Adds an element between two others of a list that is put afterwards.
    ///
    /// @param left the place of one
    /// @param right the place of the next one
    static Entry insert(Editor editor, Entry list, long left, long right, byte[] element) {
        long place = left + (right - left) / 2;
        if (place != left) {
            editor.putMember(list, member(place), element);
            return with(list.withForm(UNEVEN), first(list), last(list), list.size() + 1);
        }
        return new Around(editor, list, left, right).insert(element);
    }

    /// Removes elements of a list that is put afterwards, or removed when nothing is left in it.
    static Entry remove(Editor editor, Entry list, List<Long> places) {
        long size = list.size() - places.size();
        List<byte[]> others = places.size() > size ? others(editor, list, new HashSet<>(places)) : null;
        if (others != null) {
            return anew(editor, list, others);
        }
        places.forEach(place -> editor.removeMember(list, member(place)));
        if (places.isEmpty()) {
            return list;
        }
        long[] ends = new long[2];
        up(editor, list, first(list), (place, element) -> {
            ends[0] = place;
            return false;
        });
        down(editor, list, last(list), (place, element) -> {
            ends[1] = place;
            return false;
        });
        boolean even = list.form() != UNEVEN && ends[1] - ends[0] == (size - 1) * STEP;
        return with(list.withForm(even ? 0 : UNEVEN), ends[0], ends[1], size);
    }

    private static @Nullable List<byte[]> others(Editor editor, Entry list, Set<Long> places) {
        Moved others = new Moved();
        up(editor, list, first(list), (place, element) -> places.contains(place) || others.add(element));
        return others.fits() ? others.elements : null;
    }

    /// Removes the element at an end of a list that is put afterwards, or removed when nothing is left in it.
    static Entry pop(Editor editor, Entry list, End end) {
        long place = at(list, end);
        editor.removeMember(list, member(place));
        long size = list.size() - 1;
        long[] next = {end == End.LEFT ? place + STEP : place - STEP};
        if (list.form() == UNEVEN) {
            Visitor visitor = (found, element) -> {
                next[0] = found;
                return false;
            };
            if (end == End.LEFT) {
                up(editor, list, place + 1, visitor);
            } else {
                down(editor, list, place - 1, visitor);
            }
        }
        return end == End.LEFT ? with(list, next[0], last(list), size) : with(list, first(list), next[0], size);
    }

    /// The place of the element at an end.
    static long at(Entry list, End end) {
        return end == End.LEFT ? first(list) : last(list);
    }

    /// The elements around a gap in which there is no place left, and how they are laid out with one more.
    private static final class Around {
        private final Editor editor;
        private final Entry list;
        private final long left;
        private final long right;
        private int held;
        private long heldBytes;

        Around(Editor editor, Entry list, long left, long right) {
            this.editor = editor;
            this.list = list;
            this.left = left;
            this.right = right;
        }

        /// Tries with more and more of them, until there is room between the two that stay. Beyond an end of the list
        /// there always is.
        Entry insert(byte[] element) {
            for (int each = AROUND_FIRST; each < list.size(); each *= 2) {
                if (each > Allowance.ELEMENTS_MAX) {
                    throw new Allowance.Exceeded(); // more than that would have to be held, here or for the whole list
                }
                List<Long> leftward = places(left, each + 1, End.LEFT);
                List<Long> rightward = places(right, each + 1, End.RIGHT);
                boolean atStart = leftward.size() <= each;
                boolean atEnd = rightward.size() <= each;
                if (atStart && atEnd) {
                    break;
                }
                long moved = Math.min(each, leftward.size()) + Math.min(each, rightward.size()) + 1L;
                long room = atStart || atEnd ? STEP : (rightward.getLast() - leftward.getLast()) / (moved + 1);
                long behind = atStart ? rightward.getLast() - (moved + 1) * STEP : leftward.getLast();
                long first = atStart ? behind + STEP : first(list);
                long last = atEnd ? behind + moved * STEP : last(list);
                if (Math.max(Math.abs(first), Math.abs(last)) > PLACE_MAX) {
                    break;
                }
                if (room >= ROOM_MIN) {
                    long begin = atStart ? first(list) : leftward.get(each - 1);
                    long end = atEnd ? last(list) : rightward.get(each - 1);
                    move(new Move(begin, end, behind, room), element);
                    return with(list.withForm(UNEVEN), first, last, list.size() + 1);
                }
            }
            List<byte[]> all = new ArrayList<>();
            up(editor, list, first(list), (place, value) -> {
                hold(value);
                all.add(value);
                if (place == left) {
                    all.add(element);
                }
                return true;
            });
            return anew(editor, list, all);
        }

        // Nothing has changed before all are held.
        private void hold(byte[] value) {
            held++;
            heldBytes += value.length;
            if (held > Allowance.ELEMENTS_MAX || heldBytes > AROUND_BYTES_MAX) {
                throw new Allowance.Exceeded();
            }
        }

        private List<Long> places(long from, int count, End towards) {
            List<Long> found = new ArrayList<>();
            Visitor visitor = (place, element) -> {
                found.add(place);
                return found.size() < count;
            };
            if (towards == End.LEFT) {
                down(editor, list, from, visitor);
            } else {
                up(editor, list, from, visitor);
            }
            return found;
        }

        /// Lays out elements evenly behind one that stays, the new one among them.
        private void move(Move move, byte[] element) {
            List<Long> old = new ArrayList<>();
            List<byte[]> moved = new ArrayList<>();
            up(editor, list, move.begin, (place, value) -> {
                hold(value);
                old.add(place);
                moved.add(value);
                if (place == left) {
                    moved.add(element);
                }
                return place < move.end;
            });
            old.forEach(place -> editor.removeMember(list, member(place)));
            long place = move.behind;
            for (byte[] value : moved) {
                place += move.room;
                editor.putMember(list, member(place), value);
            }
        }

        /// What is moved.
        ///
        /// @param begin the first place of an element that is moved
        /// @param end the last one
        /// @param behind the place that the first of them is laid out behind
        /// @param room from one to the next
        private record Move(long begin, long end, long behind, long room) {}
    }
}
