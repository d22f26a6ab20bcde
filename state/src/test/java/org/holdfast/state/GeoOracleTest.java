package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Places against a real redis-server: words, hashes, distances, and what lies around random places everywhere on
/// earth, in the order in which Redis finds it.
class GeoOracleTest {
    private static final List<String> PATTERNS = List.of(
            "GEOADD <key> <lon> <lat> <member>",
            "GEOADD <key> <lon> <lat> <member> <lon> <lat> <member>",
            "GEOADD <key> <rule> <lon> <lat> <member>",
            "GEOADD <key> <rule> CH <lon> <lat> <member> <lon> <lat> <member>",
            "GEOADD <key> NX XX <lon> <lat> <member>",
            "GEOADD <key> <lon> <lat> <member> <lon>",
            "ZSCORE <key> <member>",
            "ZRANGE <key> 0 -1 WITHSCORES",
            "GEOPOS <key> <member> <member>",
            "GEOPOS <key>",
            "GEOHASH <key> <member> <member>",
            "GEODIST <key> <member> <member>",
            "GEODIST <key> <member> <member> <unit>",
            "GEODIST <key> <member> <member> m m",
            "GEOSEARCH <key> FROMMEMBER <member> BYRADIUS <length> <unit> ASC WITHDIST WITHHASH WITHCOORD",
            "GEOSEARCH <key> FROMLONLAT <lon> <lat> BYRADIUS <length> <unit> DESC WITHDIST",
            "GEOSEARCH <key> FROMLONLAT <lon> <lat> BYBOX <length> <length> <unit> WITHCOORD",
            "GEOSEARCH <key> FROMLONLAT <lon> <lat> BYBOX <length> <length> <unit> COUNT <count> ANY",
            "GEOSEARCH <key> FROMMEMBER <member> BYBOX <length> <length> <unit> COUNT <count>",
            "GEOSEARCH <key> FROMMEMBER <member> FROMLONLAT 1 1 BYRADIUS 1 m",
            "GEOSEARCH <key> FROMLONLAT 1 1 BYRADIUS 1 m BYBOX 1 1 m",
            "GEOSEARCH <key> BYRADIUS 1 m ASC ASC ASC",
            "geosearch <key> FROMLONLAT 1 1 ASC ASC ASC",
            "GEOSEARCH <key> FROMLONLAT 1 1 BYRADIUS 1 m ANY",
            "GEOSEARCH <key> FROMLONLAT 1 1 BYRADIUS 1 m STOREDIST",
            "GEOSEARCHSTORE <key> <key> FROMLONLAT <lon> <lat> BYRADIUS <length> <unit>",
            "GEOSEARCHSTORE <key> <key> FROMMEMBER <member> BYBOX <length> <length> <unit> DESC COUNT 2",
            "GEOSEARCHSTORE <key> <key> FROMLONLAT 1 1 BYRADIUS 1 m WITHDIST",
            "GEORADIUS <key> <lon> <lat> <length> <unit> WITHDIST",
            "GEORADIUS <key> <lon> <lat> <length> <unit> STORE <key>",
            "GEORADIUS <key> <lon> <lat> <length> <unit> STORE <key> WITHHASH",
            "GEORADIUS_RO <key> <lon> <lat> <length> <unit> COUNT <count> ASC",
            "GEORADIUS_RO <key> <lon> <lat> <length> <unit> STORE <key>",
            "GEORADIUSBYMEMBER <key> <member> <length> <unit> WITHCOORD WITHHASH",
            "GEORADIUSBYMEMBER_RO <key> <member> <length> <unit> ANY COUNT <count>",
            "ZREM <key> <member>",
            "ZADD <key> 3479099956230698 <member>",
            "DEL <key>",
            "SET <key> <value>");

    private static RedisServer redis;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() throws IOException {
        redis.close();
    }

    private static Sentences sentences(long seed) {
        return new Sentences(seed, PATTERNS)
                .with("key", List.of("a", "b", "c", "other"))
                .with("member", List.of("Palermo", "Catania", "c", "d", "e", "f", "g", ""))
                .with("rule", List.of("NX", "XX", "CH", "nx", "GT"))
                .with(
                        "lon",
                        List.of(
                                "13.361389",
                                "15.087269",
                                "0",
                                "-0.0001",
                                "180",
                                "-180",
                                "179.99",
                                "-179.99",
                                "100",
                                "180.1",
                                "x",
                                "nan",
                                "inf"))
                .with(
                        "lat",
                        List.of(
                                "38.115556",
                                "37.502669",
                                "0",
                                "-0.0001",
                                "85.05112878",
                                "-85.05112878",
                                "84.9",
                                "-66.5",
                                "80.5",
                                "85.06",
                                "-90",
                                "x"))
                .with("unit", List.of("m", "km", "KM", "ft", "mi", "parsec"))
                .with("length", List.of("0", "1", "200", "166274.1516", "1000", "5000", "20000", "1e8", "-1", "x"))
                .with("count", List.of("1", "2", "3", "0", "-1", "x", "100"));
    }

    @ParameterizedTest
    @ValueSource(longs = {501, 502, 503})
    void placesAreAnsweredAsInRedis(long seed) throws IOException {
        new Oracle(redis, directory).compare(sentences(seed), seed);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {504, 505, 506, 507, 508, 509})
    void morePlacesAreAnsweredAsInRedis(long seed) throws IOException {
        new Oracle(redis, directory).compare(sentences(seed), seed);
    }

    /// Random places, thick around the poles, the antimeridian and one town.
    @ParameterizedTest
    @ValueSource(longs = {511, 512})
    void searchesFindWhatRedisFindsInItsOrder(long seed) throws IOException {
        redis.ask("FLUSHALL");
        Random random = new Random(seed);
        try (StateRig rig = StateRig.open(directory.resolve("state"), 1)) {
            for (int i = 0; i < 100; i++) {
                List<String> words = new ArrayList<>(List.of("GEOADD", "world"));
                for (int j = 0; j < 20; j++) {
                    words.addAll(List.of(longitude(random), latitude(random), "place " + (20 * i + j)));
                }
                same(rig, words);
            }
            same(rig, List.of("ZRANGE", "world", "0", "-1"));
            for (int i = 0; i < 600; i++) {
                same(rig, search(random));
            }
        }
    }

    /// Distances as scores may differ from those of Redis' C library in their last bits.
    @Test
    void distancesAreStored() throws IOException {
        redis.ask("FLUSHALL");
        Random random = new Random(7);
        try (StateRig rig = StateRig.open(directory.resolve("state"), 1)) {
            for (int i = 0; i < 200; i++) {
                same(rig, List.of("GEOADD", "world", longitude(random), latitude(random), "place " + i));
            }
            for (String command : List.of(
                    "GEOSEARCHSTORE found world FROMLONLAT 13 38 BYRADIUS 9000 km STOREDIST",
                    "GEORADIUS world 13 38 9000 km STOREDIST found",
                    "GEORADIUSBYMEMBER world place{1 9000 mi STOREDIST found")) {
                String[] words = command.split(" ", -1);
                same(
                        rig,
                        List.of(words).stream()
                                .map(word -> word.replace('{', ' '))
                                .toList());
                List<Reply> ours = cells(rig.ask("ZRANGE", "found", "0", "-1", "WITHSCORES"));
                List<Reply> theirs = cells(redis.ask("ZRANGE", "found", "0", "-1", "WITHSCORES"));
                assertThat(ours).hasSameSizeAs(theirs).hasSizeGreaterThan(20);
                for (int i = 0; i < ours.size(); i += 2) {
                    assertThat(ours.get(i)).isEqualTo(theirs.get(i));
                    assertThat(real(ours.get(i + 1))).isCloseTo(real(theirs.get(i + 1)), within(1e-9));
                }
            }
        }
    }

    private static List<Reply> cells(Reply reply) {
        return ((Reply.Listing) RedisServer.resp2(reply)).items();
    }

    private static double real(Reply reply) {
        return Double.parseDouble(new String(((Reply.Bulk) reply).bytes(), StandardCharsets.US_ASCII));
    }

    private static void same(StateRig rig, List<String> words) throws IOException {
        Command command = Command.of(words.toArray(String[]::new));
        assertThat(RedisServer.resp2(rig.ask(command))).as("%s", command).isEqualTo(redis.ask(command));
    }

    private static List<String> search(Random random) {
        List<String> words = new ArrayList<>(List.of("GEOSEARCH", "world"));
        if (random.nextBoolean()) {
            words.addAll(List.of("FROMMEMBER", "place " + random.nextInt(2_000)));
        } else {
            words.addAll(List.of("FROMLONLAT", longitude(random), latitude(random)));
        }
        if (random.nextBoolean()) {
            words.addAll(List.of("BYRADIUS", length(random), "km"));
        } else {
            words.addAll(List.of("BYBOX", length(random), length(random), "mi"));
        }
        switch (random.nextInt(4)) {
            case 0 -> words.addAll(List.of("COUNT", "7", "ANY"));
            case 1 -> words.addAll(List.of("ASC", "COUNT", "20"));
            default -> {}
        }
        words.addAll(List.of("WITHDIST", "WITHCOORD", "WITHHASH"));
        return words;
    }

    private static String length(Random random) {
        return text(Math.exp(random.nextDouble() * 12 - 2));
    }

    private static String longitude(Random random) {
        double sign = random.nextBoolean() ? 1 : -1;
        return text(
                switch (random.nextInt(4)) {
                    case 0 -> sign * (180 - random.nextDouble() * 2);
                    case 1 -> 13 + random.nextDouble();
                    default -> random.nextDouble() * 360 - 180;
                });
    }

    private static String latitude(Random random) {
        double sign = random.nextBoolean() ? 1 : -1;
        return text(
                switch (random.nextInt(4)) {
                    case 0 -> sign * (85.05 - random.nextDouble() * 5);
                    case 1 -> 38 + random.nextDouble();
                    default -> random.nextDouble() * 170 - 85;
                });
    }

    private static String text(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }
}
