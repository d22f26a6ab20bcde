package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.env.DiskFault;
import org.holdfast.env.World;
import org.holdfast.wire.MemberId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may start as a voter, on a real disk.
class SeatFileTest {
    private static final MemberId FIRST = new MemberId("00112233445566aa", 1);
    private static final MemberId NEXT = new MemberId("00112233445566aa", 2);

    @TempDir
    Path directory;

    private SeatFile seat;

    @BeforeEach
    void open() {
        seat = reopened();
    }

    private SeatFile reopened() {
        return new SeatFile(World.real().disk(), directory.resolve("c1"));
    }

    @Test
    void aFreshMemberStartsOnceAndThenOnlyWithItsLog() {
        seat.provision(FIRST);
        assertThat(seat.state(FIRST, false)).isEqualTo(new SeatState.FirstStart(FIRST));
        assertThat(seat.enter(FIRST, false)).isEqualTo(new SeatState.FirstStart(FIRST));

        assertThat(reopened().enter(FIRST, true)).isEqualTo(new SeatState.Restart(FIRST));
        assertThat(reopened().enter(FIRST, false)).isInstanceOf(SeatState.NeedsTakeover.class);
    }

    @Test
    void withoutAMarkerNobodyVotes() {
        assertThat(seat.enter(FIRST, false)).isInstanceOf(SeatState.NeedsTakeover.class);
        assertThat(seat.enter(FIRST, true)).isInstanceOf(SeatState.NeedsTakeover.class);
    }

    @Test
    void aSeatIsProvisionedOnce() {
        seat.provision(FIRST);
        seat.enter(FIRST, false);
        assertThatThrownBy(() -> reopened().provision(FIRST)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> reopened().join(FIRST)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theNextIncarnationJoinsOverTheOldMarker() {
        seat.provision(FIRST);
        seat.enter(FIRST, false);
        reopened().join(NEXT);
        assertThat(reopened().enter(FIRST, true)).isInstanceOf(SeatState.NeedsTakeover.class);
        assertThat(reopened().enter(NEXT, false)).isEqualTo(new SeatState.Joining(NEXT));
        assertThat(reopened().enter(NEXT, true)).isEqualTo(new SeatState.Restart(NEXT));
    }

    @Test
    void aLogThatAppearsUnderAnUnusedMarkerIsNotTrusted() {
        seat.provision(FIRST);
        assertThat(seat.enter(FIRST, true)).isInstanceOf(SeatState.NeedsTakeover.class);
    }

    @Test
    void aBrokenMarkerIsADiskFault() throws IOException {
        seat.provision(FIRST);
        byte[] bytes = Files.readAllBytes(directory.resolve("c1"));
        bytes[18] ^= 1;
        Files.write(directory.resolve("c1"), bytes);
        assertThatThrownBy(() -> reopened().state(FIRST, true)).isInstanceOf(DiskFault.class);
    }

    /// Golden bytes: `seat-voter.bin`, a frame of kind SEAT with `VOTER 00112233445566aa.1`.
    @Test
    void theFormatStays() throws IOException {
        seat.provision(FIRST);
        seat.enter(FIRST, false);
        try (InputStream golden = SeatFileTest.class.getResourceAsStream("/golden/seat-voter.bin")) {
            assertThat(golden).isNotNull();
            assertThat(Files.readAllBytes(directory.resolve("c1"))).isEqualTo(golden.readAllBytes());
        }
    }
}
