package org.holdfast.state;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Places by name: sorted sets whose scores are hashes of places ([Geohash]). Searches are in [GeoSearches].
final class Geo {
    private static final String NO_FLOAT = "value is not a valid float";
    private static final int DISTANCE_DIGITS = 4;

    private Geo() {}

    static void register(Map<String, CommandTable.Parser> all) {
        all.put("geoadd", Geo::geoadd);
        all.put("geopos", words -> new Geopos(words.next(), List.copyOf(words.rest())));
        all.put("geohash", words -> new Geohashes(words.next(), List.copyOf(words.rest())));
        all.put("geodist", Geo::geodist);
    }

    private static Operation geoadd(Words words) {
        byte[] key = words.next();
        Set<String> options = new HashSet<>();
        while (words.hasNext() && Set.of("NX", "XX", "CH").contains(words.peekOption())) {
            options.add(words.option());
        }
        boolean nx = options.contains("NX");
        boolean xx = options.contains("XX");
        if (words.left() == 0 || words.left() % 3 != 0 || (nx && xx)) {
            throw BadWords.syntax();
        }
        List<Scores.Scored> members = new ArrayList<>();
        while (words.hasNext()) {
            double score = Geohash.score(spot(words));
            members.add(new Scores.Scored(words.name("member"), score));
        }
        Zsets.Answer answer = options.contains("CH") ? Zsets.Answer.CHANGED : Zsets.Answer.ADDED;
        return new Zsets.Zadd(key, new Zsets.AddRule(nx, xx, false, false), List.copyOf(members), answer);
    }

    private static Operation geodist(Words words) {
        byte[] key = words.next();
        byte[] from = words.next();
        byte[] to = words.next();
        if (words.left() > 1) {
            throw BadWords.syntax();
        }
        return new Geodist(key, from, to, words.hasNext() ? Unit.of(words) : Unit.M);
    }

    /// The next two words as a place.
    static Geohash.Spot spot(Words words) {
        double longitude = words.real(NO_FLOAT);
        double latitude = words.real(NO_FLOAT);
        if (Math.abs(longitude) > Geohash.LONGITUDE_MAX || Math.abs(latitude) > Geohash.LATITUDE_MAX) {
            throw BadWords.of("invalid longitude,latitude pair %s,%s".formatted(degrees(longitude), degrees(latitude)));
        }
        return new Geohash.Spot(longitude, latitude);
    }

    private static String degrees(double value) {
        return Double.isInfinite(value) ? Numbers.text(value) : fixed(value, 6);
    }

    private static String fixed(double value, int digits) {
        return new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }

    /// Units of length.
    enum Unit {
        M(1),
        KM(1_000),
        FT(0.3048),
        MI(1_609.34);

        private final double metres;

        Unit(double metres) {
            this.metres = metres;
        }

        double metres() {
            return metres;
        }

        /// The next word.
        static Unit of(Words words) {
            String word = words.option();
            for (Unit unit : values()) {
                if (unit.name().equals(word)) {
                    return unit;
                }
            }
            throw BadWords.of("unsupported unit provided. please use M, KM, FT, MI");
        }
    }

    /// A distance as replies show it.
    static Reply distance(double inUnits) {
        return Reply.bulk(fixed(inUnits, DISTANCE_DIGITS));
    }

    /// A place as replies show it.
    static Reply shown(Geohash.Spot spot) {
        return new Reply.Listing(List.of(
                new Reply.Decimal(Extended.text(new BigDecimal(spot.longitude()))),
                new Reply.Decimal(Extended.text(new BigDecimal(spot.latitude())))));
    }

    /// GEOPOS.
    record Geopos(byte[] key, List<byte[]> members) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            List<Reply> spots = new ArrayList<>();
            for (byte[] member : members) {
                Double score = Scores.of(entries, set, member);
                spots.add(score == null ? Reply.NIL_LISTING : shown(Geohash.spot(score)));
            }
            return new Reply.Listing(spots);
        }
    }

    /// GEOHASH.
    record Geohashes(byte[] key, List<byte[]> members) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            List<Reply> texts = new ArrayList<>();
            for (byte[] member : members) {
                Double score = Scores.of(entries, set, member);
                texts.add(score == null ? Reply.NIL : Reply.bulk(Geohash.text(score)));
            }
            return new Reply.Listing(texts);
        }
    }

    /// GEODIST.
    record Geodist(byte[] key, byte[] from, byte[] to, Unit unit) implements Operation.Reading {
        @Override
        public Reply run(Entries entries) {
            Entry set = Scores.find(entries, key);
            Double a = Scores.of(entries, set, from);
            Double b = Scores.of(entries, set, to);
            return a == null || b == null
                    ? Reply.NIL
                    : distance(Geohash.distance(Geohash.spot(a), Geohash.spot(b)) / unit.metres());
        }
    }
}
