package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.wire.ChannelId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Leaving a channel on a real disk, with an end in the middle.
class DeparturesTest {
    private static final Disk DISK = World.real().disk();
    private static final ChannelId CHANNEL = new ChannelId("kv.a.1.0");
    private static final ByteString GENESIS = ByteString.copyFrom(new byte[] {1, (byte) 0xab});

    @TempDir
    Path home;

    private final List<ChannelId> deleted = new ArrayList<>();

    @BeforeEach
    void aChannel() {
        for (String part : List.of(
                "seats",
                "chains/" + CHANNEL,
                "chains/other",
                "state/" + CHANNEL,
                "state/" + CHANNEL + ".broken-17",
                "state/" + CHANNEL + ".nodigest")) {
            DISK.createDirectories(home.resolve(part));
        }
        DISK.replace(home.resolve("seats").resolve(CHANNEL.name()), "the vote".getBytes(StandardCharsets.UTF_8));
        DISK.replace(home.resolve("chains/" + CHANNEL + "/blocks"), new byte[100]);
        DISK.replace(home.resolve("state/" + CHANNEL + "/sst"), new byte[100]);
    }

    @Test
    void everythingGoesButTheVoteThatMayHaveBeenCast() {
        Departures departures = new Departures(DISK, home);
        assertThat(departures.underWay()).isEmpty();
        departures.begin(CHANNEL, GENESIS);
        departures.finish(CHANNEL, GENESIS, (channel, _) -> deleted.add(channel));
        assertThat(deleted).containsExactly(CHANNEL);
        assertThat(departures.underWay()).isEmpty();
        assertThat(DISK.exists(home.resolve("chains/" + CHANNEL))).isFalse();
        assertThat(DISK.exists(home.resolve("state/" + CHANNEL))).isFalse();
        assertThat(DISK.exists(home.resolve("state/" + CHANNEL + ".broken-17"))).isFalse();
        assertThat(DISK.exists(home.resolve("state/" + CHANNEL + ".nodigest")))
                .as("another channel's")
                .isTrue();
        assertThat(DISK.exists(home.resolve("seats/" + CHANNEL))).isFalse();
        assertThat(DISK.exists(home.resolve("chains/other"))).isTrue();
        assertThat(departures.hasLeft(GENESIS)).isTrue();
        assertThat(departures.hasLeft(ByteString.copyFrom(new byte[] {2}))).isFalse();
        departures.takeBack(CHANNEL, GENESIS);
        assertThat(DISK.read(home.resolve("seats/" + CHANNEL))).asString().isEqualTo("the vote");
        assertThat(departures.hasLeft(GENESIS)).isFalse();
    }

    @Test
    void whatACrashInterruptedIsFinishedByTheNextStart() {
        Departures first = new Departures(DISK, home);
        first.begin(CHANNEL, GENESIS);
        assertThatThrownBy(() -> first.finish(CHANNEL, GENESIS, (_, _) -> {
                    throw new DiskFault("deleting", home, null);
                }))
                .isInstanceOf(DiskFault.class);
        Departures next = new Departures(DISK, home);
        assertThat(next.underWay()).isEqualTo(Map.of(CHANNEL, GENESIS));
        assertThat(next.hasLeft(GENESIS))
                .as("the vote is remembered before the log goes")
                .isTrue();
        DISK.deleteTree(home.resolve("state/" + CHANNEL));
        next.finish(CHANNEL, GENESIS, (channel, _) -> deleted.add(channel));
        assertThat(next.underWay()).isEmpty();
        assertThat(next.hasLeft(GENESIS)).isTrue();
        assertThat(DISK.exists(home.resolve("chains/" + CHANNEL))).isFalse();
        assertThat(deleted).containsExactly(CHANNEL);
    }
}
