package org.holdfast.node;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Consenter;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;

/// Which seat this node has in its channels.
///
/// @param seat by its client TLS key
/// @param server its server TLS key
record OwnSeat(String seat, PublicKey server) {
    /// @throws Refusal.Refused when a channel has no seat for this node
    void requireIn(ChannelConfig config) {
        List<Consenter> own = config.consenters().stream()
                .filter(consenter -> consenter.seat().equals(seat))
                .toList();
        if (own.isEmpty()) {
            throw Refusal.of(
                            Code.NOT_A_MEMBER,
                            "none of the channel's consenters has this node's TLS key (seat %s): give the genesis block"
                                    + " that lists its certificate",
                            seat)
                    .asException();
        }
        if (own.stream().noneMatch(consenter -> sameKey(consenter.serverTls(), server))) {
            throw Refusal.of(
                            Code.NOT_A_MEMBER,
                            "the consenter in this node's seat %s has another server certificate than this node: give"
                                    + " the genesis block that lists both of its certificates",
                            seat)
                    .asException();
        }
    }

    private static boolean sameKey(X509Certificate certificate, PublicKey key) {
        return Arrays.equals(certificate.getPublicKey().getEncoded(), key.getEncoded());
    }
}
