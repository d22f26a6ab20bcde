package org.holdfast.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What lies around a place: GEOSEARCH and its older forms.
final class GeoSearches {
    private GeoSearches() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("geosearch", words -> new Search(words.next(), Asked.search(words, "GEOSEARCH", false)));
        all.put("geosearchstore", words -> {
            byte[] target = words.next();
            byte[] source = words.next();
            Asked asked = Asked.search(words, "GEOSEARCHSTORE", true);
            return new SearchInto(target, source, asked);
        });
        all.put("georadius", words -> radius(words, false, true));
        all.put("georadius_ro", words -> radius(words, false, false));
        all.put("georadiusbymember", words -> radius(words, true, true));
        all.put("georadiusbymember_ro", words -> radius(words, true, false));
    }

    private static Operation radius(Words words, boolean byMember, boolean mayStore) {
        byte[] key = words.next();
        Asked.Reader reader = new Asked.Reader(words, "STORE option in GEORADIUS");
        reader.centre = byMember ? new Member(words.next()) : new Fixed(Geo.spot(words));
        reader.shape = circle(words);
        byte[] target = null;
        while (words.hasNext()) {
            String option = words.option();
            if (mayStore && (option.equals("STORE") || option.equals("STOREDIST")) && words.hasNext()) {
                target = words.next();
                reader.distances = option.equals("STOREDIST");
            } else {
                reader.option(option);
            }
        }
        Asked asked = reader.asked(target != null);
        return target == null ? new Search(key, asked) : new SearchInto(target, key, asked);
    }

    /// Around what.
    sealed interface Centre {
        /// Where that is; null when it is nowhere.
        Geohash.@Nullable Spot of(Entries entries, Entry set);
    }

    private record Fixed(Geohash.Spot spot) implements Centre {
        @Override
        public Geohash.Spot of(Entries entries, Entry set) {
            return spot;
        }
    }

    private record Member(byte[] name) implements Centre {
        @Override
        public Geohash.@Nullable Spot of(Entries entries, Entry set) {
            Double score = Scores.of(entries, set, name);
            return score == null ? null : Geohash.spot(score);
        }
    }

    /// How far, in units.
    ///
    /// @param width half of a box's; a circle's radius
    /// @param height half of a box's; a circle's radius
    record Shape(boolean round, double width, double height, Geo.Unit unit) {
        private double metres(double units) {
            return unit.metres() * units;
        }

        List<Geohash.Cell> cells(Geohash.Spot centre) {
            double farthest = round ? width : StrictMath.sqrt(width * width + height * height);
            return Geohash.around(centre, metres(width), metres(height), farthest * unit.metres());
        }

        /// Metres from the centre to a place inside; negative for one outside.
        double distance(Geohash.Spot centre, Geohash.Spot spot) {
            if (round) {
                double distance = Geohash.distance(centre, spot);
                return distance > width * unit.metres() ? -1 : distance;
            }
            boolean outside =
                    Geohash.latitudeDistance(spot.latitude(), centre.latitude()) > height * 2 * unit.metres() / 2
                            || Geohash.distance(spot, new Geohash.Spot(centre.longitude(), spot.latitude()))
                                    > width * 2 * unit.metres() / 2;
            return outside ? -1 : Geohash.distance(centre, spot);
        }
    }

    private static Shape circle(Words words) {
        double radius = words.real("need numeric radius");
        if (radius < 0) {
            throw BadWords.of("radius cannot be negative");
        }
        return new Shape(true, radius, radius, Geo.Unit.of(words));
    }

    private static Shape box(Words words) {
        double width = words.real("need numeric width");
        double height = words.real("need numeric height");
        if (width < 0 || height < 0) {
            throw BadWords.of("height or width cannot be negative");
        }
        return new Shape(false, width / 2, height / 2, Geo.Unit.of(words));
    }

    /// In which order.
    enum Order {
        ANY,
        NEAREST,
        FARTHEST
    }

    /// What replies tell beside the names.
    record Told(boolean distance, boolean hash, boolean spot) {
        boolean something() {
            return distance || hash || spot;
        }
    }

    /// Something found.
    ///
    /// @param metres from the centre
    record Found(Scores.Scored member, Geohash.Spot spot, double metres) {}

    /// What a search asks for.
    ///
    /// @param distances whether what is stored are distances
    record Asked(Centre centre, Shape shape, Order order, Limit limit, Told told, boolean distances) {
        /// How many.
        ///
        /// @param count at most so many; 0 for all
        /// @param enough whether the first ones that are met will do
        record Limit(long count, boolean enough) {}

        private static Asked search(Words words, String name, boolean storing) {
            Reader reader = new Reader(words, name);
            while (words.hasNext()) {
                String option = words.option();
                if (storing && option.equals("STOREDIST")) {
                    reader.distances = true;
                } else if (!reader.where(option)) {
                    reader.option(option);
                }
            }
            return reader.asked(storing);
        }

        /// Collects options.
        private static final class Reader {
            private final Words words;
            private final String name;
            private @Nullable Centre centre;
            private @Nullable Shape shape;
            private Order order = Order.ANY;
            private long count;
            private boolean enough;
            private boolean distance;
            private boolean hash;
            private boolean spot;
            private boolean distances;

            private Reader(Words words, String name) {
                this.words = words;
                this.name = name;
            }

            /// FROMMEMBER, FROMLONLAT, BYRADIUS, BYBOX.
            private boolean where(String option) {
                int left = words.left();
                if (option.equals("FROMMEMBER") && left >= 1 && !(centre instanceof Fixed)) {
                    centre = new Member(words.next());
                } else if (option.equals("FROMLONLAT") && left >= 2 && !(centre instanceof Member)) {
                    centre = new Fixed(Geo.spot(words));
                } else if (option.equals("BYRADIUS") && left >= 2 && (shape == null || shape.round())) {
                    shape = circle(words);
                } else if (option.equals("BYBOX") && left >= 3 && (shape == null || !shape.round())) {
                    shape = box(words);
                } else {
                    return false;
                }
                return true;
            }

            private void option(String option) {
                switch (option) {
                    case "WITHDIST" -> distance = true;
                    case "WITHHASH" -> hash = true;
                    case "WITHCOORD" -> spot = true;
                    case "ANY" -> enough = true;
                    case "ASC" -> order = Order.NEAREST;
                    case "DESC" -> order = Order.FARTHEST;
                    case "COUNT" -> {
                        count = words.whole();
                        if (count <= 0) {
                            throw BadWords.of("COUNT must be > 0");
                        }
                    }
                    default -> throw BadWords.syntax();
                }
            }

            private Asked asked(boolean storing) {
                Told told = new Told(distance, hash, spot);
                if (storing && told.something()) {
                    throw BadWords.of(name + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
                }
                String typed = CommandTable.shown(words.get(0));
                Centre from = centre;
                Shape by = shape;
                if (from == null) {
                    throw BadWords.of("exactly one of FROMMEMBER or FROMLONLAT can be specified for " + typed);
                }
                if (by == null) {
                    throw BadWords.of("exactly one of BYRADIUS and BYBOX can be specified for " + typed);
                }
                if (enough && count == 0) {
                    throw BadWords.of("the ANY argument requires COUNT argument");
                }
                // Of some, the nearest are meant.
                boolean nearest = order == Order.ANY && count > 0 && !enough;
                return new Asked(from, by, nearest ? Order.NEAREST : order, new Limit(count, enough), told, distances);
            }
        }

        /// Looks for it.
        List<Found> found(Entries entries, @Nullable Entry set) {
            if (set == null) {
                return List.of();
            }
            Geohash.Spot from = centre.of(entries, set);
            if (from == null) {
                throw Refused.of("could not decode requested zset member");
            }
            List<Found> found = new ArrayList<>();
            for (Geohash.Cell cell : shape.cells(from)) {
                if (!isEnough(found)) {
                    look(entries, set, from, cell, found);
                }
            }
            if (order != Order.ANY) {
                Comparator<Found> nearest = Comparator.comparingDouble(Found::metres);
                found.sort(order == Order.NEAREST ? nearest : nearest.reversed());
            }
            return limit.count() == 0 || found.size() <= limit.count() ? found : found.subList(0, (int) limit.count());
        }

        private boolean isEnough(List<Found> found) {
            return limit.enough() && found.size() >= limit.count();
        }

        private void look(Entries entries, Entry set, Geohash.Spot from, Geohash.Cell cell, List<Found> found) {
            Scores.Stretch stretch =
                    new Scores.Stretch(Scores.bound(cell.first(), false), Scores.bound(cell.behind(), false));
            Scores.walk(entries, set, stretch, false, member -> {
                Geohash.Spot spot = Geohash.spot(member.score());
                double metres = shape.distance(from, spot);
                if (metres >= 0) {
                    entries.taken(member.name().length + Double.BYTES);
                    found.add(new Found(member, spot, metres));
                }
                return !isEnough(found);
            });
        }

        private double inUnits(Found one) {
            return one.metres() / shape.unit().metres();
        }

        private Reply shown(Found one) {
            Reply name = Reply.of(one.member().name());
            if (!told.something()) {
                return name;
            }
            List<Reply> items = new ArrayList<>(List.of(name));
            if (told.distance()) {
                items.add(Geo.distance(inUnits(one)));
            }
            if (told.hash()) {
                items.add(Reply.of((long) one.member().score()));
            }
            if (told.spot()) {
                items.add(Geo.shown(one.spot()));
            }
            return new Reply.Listing(items);
        }
    }

    /// GEOSEARCH, GEORADIUS, GEORADIUSBYMEMBER.
    record Search(byte[] key, Asked asked) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            return new Reply.Listing(asked.found(entries, Scores.find(entries, key)).stream()
                    .map(asked::shown)
                    .toList());
        }
    }

    /// The same into another key, hashes or distances as scores.
    record SearchInto(byte[] target, byte[] source, Asked asked) implements Operation.Writing {
        @Override
        public Reply run(Editor editor) {
            List<Scores.Scored> members = asked.found(editor, Scores.find(editor, source)).stream()
                    .map(one -> asked.distances()
                            ? new Scores.Scored(one.member().name(), asked.inUnits(one))
                            : one.member())
                    .toList();
            Scores.replace(editor, target, members);
            return Reply.of(members.size());
        }
    }
}
