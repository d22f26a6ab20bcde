package org.holdfast.order;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.wire.MemberId;
import org.junit.jupiter.api.Test;

/// Who is cut and who is admitted as the members change.
class HeardMembersTest {
    private final List<String> done = new ArrayList<>();
    private final HeardMembers heard = new HeardMembers(new Orderer.Engine() {
        @Override
        public void cut(MemberId member) {
            done.add("cut " + name(member));
        }

        @Override
        public void admit(MemberId member) {
            done.add("admit " + name(member));
        }

        @Override
        public OrderedLog open(Position resumeFrom, OrderedLog.Reader reader, OrderedLog.Stamper stamper) {
            throw new AssertionError("not opened here");
        }
    });

    @Test
    void whoWasSupersededIsCut() {
        assertThat(after(1, "a.1", "b.1")).containsExactly("admit a.1", "admit b.1");
        assertThat(after(5, "a.1", "b.2")).containsExactly("cut b.1", "admit a.1", "admit b.2");
    }

    @Test
    void whatALogTellsAgainChangesNothing() {
        after(5, "a.1", "b.2");
        assertThat(after(1, "a.1", "b.1")).isEmpty();
        assertThat(after(5, "a.1", "b.2")).doesNotContain("cut b.2");
        assertThat(after(9, "a.1", "b.3")).contains("cut b.2");
    }

    @Test
    void whoLosesItsSeatAndGetsItBackIsHeardAgain() {
        after(1, "a.1", "b.1");
        assertThat(after(5, "a.1")).contains("cut b.1");
        assertThat(after(7, "a.1", "b.1")).contains("admit b.1").doesNotContain("cut b.1");
    }

    private List<String> after(long index, String... members) {
        done.clear();
        List<Seated> now = Stream.of(members)
                .map(text -> new Seated(
                        new MemberId(text.substring(0, 1).repeat(16), Integer.parseInt(text.substring(2))), "h:1"))
                .toList();
        heard.members(now, new Position(1, index));
        return List.copyOf(done);
    }

    private static String name(MemberId member) {
        return member.seat().charAt(0) + "." + member.incarnation();
    }
}
