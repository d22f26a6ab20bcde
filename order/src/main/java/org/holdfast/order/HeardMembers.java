package org.holdfast.order;

import java.util.List;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;

/// Which members a channel's engine hears: those of the newest configuration. A log that is read again after a start
/// tells the members of long ago, also when it has told the present ones before; whoever is cut then, though it has its
/// seat by now, would stay cut. Owner: the channel's loop.
final class HeardMembers {
    private final Orderer.Engine engine;
    private List<Seated> newest = List.of();
    private long at = -1;

    HeardMembers(Orderer.Engine engine) {
        this.engine = engine;
    }

    /// What the log says of its members at a position.
    void members(List<Seated> now, Position position) {
        if (position.index() < at) {
            return;
        }
        at = position.index();
        for (Seated before : newest) {
            if (now.stream().noneMatch(seated -> seated.member().equals(before.member()))) {
                engine.cut(before.member());
            }
        }
        now.forEach(seated -> engine.admit(seated.member()));
        newest = now;
    }
}
