package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Patterns match what they match in a real redis-server, the oracle, and never take long.
class GlobTest {
    private static final String LETTERS = "aab-]^[\\*?";

    @Test
    void randomPatternsMatchWhatRedisMatches(@TempDir Path directory) throws IOException {
        Random random = new Random(3);
        try (StateRig rig = StateRig.open(directory, 1);
                RedisServer redis = RedisServer.start()) {
            for (int i = 0; i < 300; i++) {
                String key = text(random, 5);
                rig.ask("SET", key, "v");
                redis.ask("SET", key, "v");
            }
            for (int i = 0; i < 5000; i++) {
                String pattern = text(random, 8);
                assertThat(sorted(rig.ask("KEYS", pattern)))
                        .as("KEYS %s", pattern)
                        .isEqualTo(sorted(redis.ask("KEYS", pattern)));
            }
        }
    }

    @Test
    void aPatternOfManyStarsIsQuick() {
        Glob glob = new Glob("a*".repeat(2000).concat("b").getBytes(StandardCharsets.UTF_8));
        byte[] text = "a".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        assertThat(CompletableFuture.supplyAsync(() -> glob.matches(text)))
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(false);
    }

    private static String text(Random random, int max) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(max) + 1; i > 0; i--) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    private static Set<String> sorted(Reply reply) {
        List<Reply> items = ((Reply.Listing) reply).items();
        return new TreeSet<>(items.stream()
                .map(item -> new String(((Reply.Bulk) item).bytes(), StandardCharsets.UTF_8))
                .toList());
    }
}
