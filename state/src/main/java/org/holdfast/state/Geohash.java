package org.holdfast.state;

import java.util.ArrayList;
import java.util.List;

/// Places on earth as scores of a sorted set, as Redis keeps them: longitude and latitude are cut into 2^26 steps each
/// and interleaved to 52 bits, latitude (from -85.05112878 to 85.05112878) at the even ones. A shorter hash, of fewer
/// steps, is a cell: all scores that begin with it. The base32 form and the idea are G. Niemeyer's geohash (2008); the
/// cells that cover a circle or a box are chosen as Redis 7.0 chooses them, so that what is found without being sorted
/// comes in its order.
///
/// Arithmetic is IEEE 754 double with the functions of fdlibm (`StrictMath`): every node comes to the same bits. Redis
/// asks its C library, which may differ in the last one.
final class Geohash {
    static final double LONGITUDE_MAX = 180;
    static final double LATITUDE_MAX = 85.05112878;

    private static final int STEP_MAX = 26;
    private static final int BITS = 2 * STEP_MAX;
    private static final double EARTH_RADIUS = 6_372_797.560856;
    private static final double MERCATOR_MAX = 20_037_726.37;
    private static final double RADIANS = Math.PI / 180.0;
    private static final double WIDE_FROM = 66;
    private static final double WIDER_FROM = 80;
    private static final long ODD = 0xaaaa_aaaa_aaaa_aaaaL;
    private static final long EVEN = 0x5555_5555_5555_5555L;
    private static final String ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
    private static final int TEXT_CHARACTERS = 10;
    private static final int CHARACTER_BITS = 5;

    private Geohash() {}

    /// A place, in degrees.
    record Spot(double longitude, double latitude) {}

    /// What is to be covered, in degrees.
    record Bounds(double west, double south, double east, double north) {}

    /// A cell: some bits of a hash, two for each step.
    record Cell(long bits, int step) {
        /// The lowest score inside.
        double first() {
            return bits << (BITS - 2 * step);
        }

        /// The lowest score behind.
        double behind() {
            return (bits + 1) << (BITS - 2 * step);
        }

        private Bounds bounds() {
            double latitudes = LATITUDE_MAX - -LATITUDE_MAX;
            double longitudes = LONGITUDE_MAX - -LONGITUDE_MAX;
            double steps = 1L << step;
            long y = gathered(bits);
            long x = gathered(bits >>> 1);
            return new Bounds(
                    -LONGITUDE_MAX + (x / steps) * longitudes,
                    -LATITUDE_MAX + (y / steps) * latitudes,
                    -LONGITUDE_MAX + ((x + 1) / steps) * longitudes,
                    -LATITUDE_MAX + ((y + 1) / steps) * latitudes);
        }

        /// The cell so many to the east and to the north; around the world in both directions.
        private Cell moved(int east, int north) {
            return new Cell(moved(bits & ODD, EVEN, ODD, east) | moved(bits & EVEN, ODD, EVEN, north), step);
        }

        private long moved(long mine, long others, long own, int by) {
            if (by == 0) {
                return mine;
            }
            int shift = Long.SIZE - 2 * step;
            long filling = others >>> shift;
            long moved = by > 0 ? mine + (filling + 1) : (mine | filling) - (filling + 1);
            return moved & (own >>> shift);
        }
    }

    /// The score of a place.
    static double score(Spot spot) {
        return cell(spot, STEP_MAX).bits();
    }

    /// The middle of a score's cell.
    static Spot spot(double score) {
        Bounds bounds = new Cell((long) score, STEP_MAX).bounds();
        double longitude = (bounds.west() + bounds.east()) / 2;
        double latitude = (bounds.south() + bounds.north()) / 2;
        return new Spot(
                Math.clamp(longitude, -LONGITUDE_MAX, LONGITUDE_MAX),
                Math.clamp(latitude, -LATITUDE_MAX, LATITUDE_MAX));
    }

    /// Eleven characters as geohash.org has them, there with latitudes up to 90; the last one is always 0.
    static String text(double score) {
        Spot spot = spot(score);
        long bits = interleaved(
                (spot.latitude() + 90) / 180 * (1L << STEP_MAX), (spot.longitude() + 180) / 360 * (1L << STEP_MAX));
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= TEXT_CHARACTERS; i++) {
            text.append(ALPHABET.charAt((int) (bits >>> (BITS - i * CHARACTER_BITS)) & 0x1f));
        }
        return text.append('0').toString();
    }

    private static Cell cell(Spot spot, int step) {
        double y = (spot.latitude() - -LATITUDE_MAX) / (LATITUDE_MAX - -LATITUDE_MAX);
        double x = (spot.longitude() - -LONGITUDE_MAX) / (LONGITUDE_MAX - -LONGITUDE_MAX);
        return new Cell(interleaved(y * (1L << step), x * (1L << step)), step);
    }

    private static long interleaved(double even, double odd) {
        return spread((long) even) | spread((long) odd) << 1;
    }

    /// The low 32 bits with a zero before each.
    private static long spread(long bits) {
        long spread = bits & 0xffff_ffffL;
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffffL;
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ffL;
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0fL;
        spread = (spread | spread << 2) & 0x3333_3333_3333_3333L;
        return (spread | spread << 1) & EVEN;
    }

    /// The even bits side by side.
    private static long gathered(long bits) {
        long gathered = bits & EVEN;
        gathered = (gathered | gathered >>> 1) & 0x3333_3333_3333_3333L;
        gathered = (gathered | gathered >>> 2) & 0x0f0f_0f0f_0f0f_0f0fL;
        gathered = (gathered | gathered >>> 4) & 0x00ff_00ff_00ff_00ffL;
        gathered = (gathered | gathered >>> 8) & 0x0000_ffff_0000_ffffL;
        return (gathered | gathered >>> 16) & 0xffff_ffffL;
    }

    /// Metres between two places, along a great circle (haversine).
    static double distance(Spot a, Spot b) {
        double v = StrictMath.sin((b.longitude() * RADIANS - a.longitude() * RADIANS) / 2);
        if (v == 0) {
            return latitudeDistance(a.latitude(), b.latitude());
        }
        double from = a.latitude() * RADIANS;
        double to = b.latitude() * RADIANS;
        double u = StrictMath.sin((to - from) / 2);
        double sum = u * u + StrictMath.cos(from) * StrictMath.cos(to) * v * v;
        // Of places opposite each other rounding may make it more than 1, which has no arc sine.
        return 2.0 * EARTH_RADIUS * StrictMath.asin(Math.min(1.0, StrictMath.sqrt(sum)));
    }

    /// Metres between two latitudes.
    static double latitudeDistance(double a, double b) {
        return EARTH_RADIUS * Math.abs(b * RADIANS - a * RADIANS);
    }

    /// The cells in which what lies around a place has to be looked for, in order, none twice.
    ///
    /// @param width metres to the east and to the west
    /// @param height metres to the north and to the south
    /// @param radius metres to the farthest point
    static List<Cell> around(Spot centre, double width, double height, double radius) {
        Bounds wanted = bounds(centre, width, height);
        int step = step(radius, centre.latitude());
        Cell middle = cell(centre, step);
        boolean narrow = middle.moved(0, 1).bounds().north() < wanted.north()
                || middle.moved(0, -1).bounds().south() > wanted.south()
                || middle.moved(1, 0).bounds().east() < wanted.east()
                || middle.moved(-1, 0).bounds().west() > wanted.west();
        if (step > 1 && narrow) {
            step--;
            middle = cell(centre, step);
        }
        Bounds inner = middle.bounds();
        boolean all = step < 2;
        boolean south = all || inner.south() >= wanted.south();
        boolean north = all || inner.north() <= wanted.north();
        boolean west = all || inner.west() >= wanted.west();
        boolean east = all || inner.east() <= wanted.east();
        List<Cell> cells = new ArrayList<>();
        cells.add(middle);
        add(cells, north, middle.moved(0, 1));
        add(cells, south, middle.moved(0, -1));
        add(cells, east, middle.moved(1, 0));
        add(cells, west, middle.moved(-1, 0));
        add(cells, north && east, middle.moved(1, 1));
        add(cells, north && west, middle.moved(-1, 1));
        add(cells, south && east, middle.moved(1, -1));
        add(cells, south && west, middle.moved(-1, -1));
        return cells;
    }

    /// Cells wider than a quarter of the earth meet themselves: one that was just added is not added again.
    private static void add(List<Cell> cells, boolean useful, Cell cell) {
        if (useful && (cells.size() == 1 || !cells.getLast().equals(cell))) {
            cells.add(cell);
        }
    }

    private static Bounds bounds(Spot centre, double width, double height) {
        double up = height / EARTH_RADIUS / RADIANS;
        double nearPole = centre.latitude() < 0 ? centre.latitude() - up : centre.latitude() + up;
        double aside = width / EARTH_RADIUS / StrictMath.cos(nearPole * RADIANS) / RADIANS;
        return new Bounds(
                centre.longitude() - aside, centre.latitude() - up, centre.longitude() + aside, centre.latitude() + up);
    }

    /// How many steps make cells that are about as large as a radius.
    private static int step(double radius, double latitude) {
        if (radius == 0) {
            return STEP_MAX;
        }
        int step = 1;
        for (double metres = radius; metres < MERCATOR_MAX; metres *= 2) {
            step++;
        }
        step -= 2;
        if (Math.abs(latitude) > WIDE_FROM) {
            step -= Math.abs(latitude) > WIDER_FROM ? 2 : 1;
        }
        return Math.clamp(step, 1, STEP_MAX);
    }
}
