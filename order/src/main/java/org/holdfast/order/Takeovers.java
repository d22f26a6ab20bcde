package org.holdfast.order;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.holdfast.channel.Consenter;
import org.holdfast.identity.Crypto;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.proto.SeatTakeover;

/// Signs and checks takeovers of a seat.
///
/// Signed with the key of the consenter's client TLS certificate (ECDSA, SHA-256) over the UTF-8 bytes of
/// `holdfast takeover v1\n<channel>\n<seat number>\n<old member>\n<new member>\n`.
public final class Takeovers {
    private Takeovers() {}

    /// Signs with the key of this node's client TLS certificate.
    public interface SeatKey {
        ByteString sign(ByteString message);
    }

    /// A signed takeover of a seat.
    static SeatTakeover sign(ChannelId channel, int seat, MemberId before, MemberId now, SeatKey key) {
        SeatTakeover unsigned = SeatTakeover.newBuilder()
                .setSeat(seat)
                .setOldMember(before.toString())
                .setNewMember(now.toString())
                .build();
        return unsigned.toBuilder()
                .setSignature(key.sign(message(channel, unsigned)))
                .build();
    }

    /// Whether the seat's key signed it.
    static boolean signed(ChannelId channel, List<Consenter> consenters, Crypto crypto, SeatTakeover takeover) {
        if (takeover.getSeat() < 0 || takeover.getSeat() >= consenters.size()) {
            return false;
        }
        var key = crypto.adopt(consenters.get(takeover.getSeat()).clientTls().getPublicKey());
        return crypto.verify(key, takeover.getSignature(), message(channel, takeover));
    }

    private static ByteString message(ChannelId channel, SeatTakeover takeover) {
        String text = "holdfast takeover v1\n%s\n%d\n%s\n%s\n"
                .formatted(channel, takeover.getSeat(), takeover.getOldMember(), takeover.getNewMember());
        return ByteString.copyFrom(text, StandardCharsets.UTF_8);
    }
}
