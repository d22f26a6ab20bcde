package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.holdfast.state.Command;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What operators are told of a node's shards, and what they have removed from them.
class StatsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path temp;

    private House house;

    @BeforeEach
    void build() {
        house = new House(new Town(temp.resolve("town")), temp.resolve("node"));
    }

    @AfterEach
    void leave() {
        house.close();
    }

    @Test
    void writesAreCountedWhereTheyAreAppliedAndWhereTheyAreAnswered() throws Exception {
        house.keyspace("k", 1).settled();
        house.text("SET", "k:t:a", "v".repeat(1500));
        house.text("SET", "k:t:a", "v");
        house.text("GET", "k:t:a");
        ShardStats stats = house.keyspaces().stats().getFirst();
        assertThat(stats.applied().sizes()).startsWith(1, 0, 1, 0);
        assertThat(stats.answered().sizes()).startsWith(1, 0, 1, 0);
        assertThat(Arrays.stream(stats.applied().latencies()).sum()).isEqualTo(2);
        assertThat(Arrays.stream(stats.answered().latencies()).sum()).isEqualTo(2);
        assertThat(stats.engine().orElseThrow().memoryBytes()).isPositive();
        assertThat(Arrays.stream(house.keyspaces().scanLatencies()).sum()).isZero();
        house.text("SCAN", "0");
        await().until(() -> Arrays.stream(house.keyspaces().scanLatencies()).sum() == 1);
    }

    @Test
    void hotKeysAreCountedWhileWanted() throws Exception {
        house.keyspace("k", 1).settled();
        house.text("INCR", "k:t:before");
        assertThat(house.keyspaces().countHotKeys("k", true)).isEqualTo(1);
        assertThat(house.keyspaces().countHotKeys("other", true)).isZero();
        for (int i = 0; i < 3; i++) {
            house.text("INCR", "k:t:hot");
        }
        house.text("INCR", "k:t:once");
        house.text("GET", "k:t:once");
        house.keyspaces().countHotKeys("k", false);
        house.text("INCR", "k:t:once");
        assertThat(hot()).containsExactly("k:t:hot=3", "k:t:once=1");
        house.keyspaces().clearHotKeys("k");
        assertThat(hot()).isEmpty();
    }

    @Test
    void whoIsWrittenMostIsFoundAmongMoreKeysThanCounters() {
        HotKeys keys = new HotKeys();
        keys.on(true);
        for (int i = 0; i < 10 * HotKeys.COUNTERS; i++) {
            keys.count(groups("SET", "k:t:" + i, "v"));
            if (i % 10 == 0) {
                keys.count(groups("SET", "k:t:hot", "v"));
            }
        }
        ShardStats.HotKey first = keys.top(1).getFirst();
        assertThat(new String(first.key(), StandardCharsets.UTF_8)).isEqualTo("k:t:hot");
        assertThat(first.count() - first.error()).isLessThanOrEqualTo(HotKeys.COUNTERS);
        assertThat(first.count()).isGreaterThanOrEqualTo(HotKeys.COUNTERS);
    }

    @Test
    void aRangeOfATableIsRemovedFromAllShards() throws Exception {
        house.keyspace("k", 3).settled();
        for (int i = 0; i < 40; i++) {
            house.text("SET", "k:t:%02d".formatted(i), "x");
        }
        house.text("SET", "k:u:05", "x");
        Removal counted = new Removal("k", "t", bytes("10"), bytes("30"), true);
        assertThat(house.keyspaces().remove(counted, LONG).keys()).isEqualTo(20);
        Removal.Done done = house.keyspaces().remove(new Removal("k", "t", bytes("10"), bytes("30"), false), LONG);
        assertThat(done.keys()).isEqualTo(20);
        assertThat(done.complete()).isTrue();
        assertThat(house.text("TABLE.SIZE", "k:t:")).isEqualTo("20");
        assertThat(house.text("TABLE.SIZE", "k:u:")).isEqualTo("1");
        assertThat(house.keyspaces()
                        .remove(new Removal("k", "t", bytes(""), bytes(""), false), Duration.ZERO)
                        .complete())
                .isFalse();
        assertThatThrownBy(() -> house.keyspaces().remove(new Removal("x", "t", bytes(""), bytes(""), false), LONG))
                .isInstanceOf(Refusal.Refused.class);
    }

    private List<String> hot() {
        return house.keyspaces().stats().getFirst().hot().stream()
                .map(one -> new String(one.key(), StandardCharsets.UTF_8) + "=" + one.count())
                .toList();
    }

    private static List<org.holdfast.state.Batch.Group> groups(String... words) {
        return List.of(org.holdfast.state.Batch.Group.of(Command.of(words)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
