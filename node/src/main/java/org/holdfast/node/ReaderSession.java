package org.holdfast.node;

import java.util.function.Supplier;
import org.holdfast.channel.Admission;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.env.Clock;
import org.holdfast.order.OrdererStatus;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;

/// Whether one reader may go on reading: asked before each block and while it waits. Owned by the thread of its
/// request.
///
/// The policy is evaluated at first and again when the channel's config has moved; whether the certificate has run out,
/// and whether there is a leader, each time.
final class ReaderSession {
    /// A smaller channel is leaderless whenever one member is away; Fabric serves its readers all the same.
    private static final int CONSENTERS_FOR_STRICT = 3;

    private static final long NEVER = -1;

    /// What the reader asked for and the node wants to see.
    ///
    /// @param strict nothing is served without a leader (`SeekInfo.error_response` STRICT)
    /// @param expiry the reader's certificate must not have run out
    record Demands(boolean strict, boolean expiry) {}

    /// The channel as it is at the moment of asking.
    record Channel(Supplier<ChannelConfig> config, Supplier<OrdererStatus> status) {}

    private final Channel channel;
    private final EnvelopeView request;
    private final Clock clock;
    private final Demands demands;
    private long evaluated = NEVER;

    ReaderSession(Channel channel, EnvelopeView request, Clock clock, Demands demands) {
        this.channel = channel;
        this.request = request;
        this.clock = clock;
        this.demands = demands;
    }

    /// @throws Refusal.Refused when the channel is in trouble here and the reader asked not to be served then
    void requireLeader() {
        if (!demands.strict) {
            return;
        }
        OrdererStatus status = channel.status.get();
        ChannelConfig config = channel.config.get();
        boolean leaderless = config.consenters().size() >= CONSENTERS_FOR_STRICT
                && status.leader().isEmpty();
        if (leaderless || status.problem().isPresent()) {
            throw Refusal.of(
                            Code.SEEK_UNAVAILABLE,
                            "channel %s: %s; read from another node, or with BEST_EFFORT",
                            config.id(),
                            status.problem().orElse("no Raft leader"))
                    .asException();
        }
    }

    /// @throws Refusal.Refused when the channel's readers do not include this one, or not any more
    void requireAdmitted() {
        ChannelConfig config = channel.config.get();
        if (demands.expiry) {
            Admission.readerExpired(request.creator(), config, clock).ifPresent(refusal -> {
                throw refusal.asException();
            });
        }
        if (evaluated != config.sequence()) {
            Admission.readerPolicy(request, config).ifPresent(refusal -> {
                throw refusal.asException();
            });
            evaluated = config.sequence();
        }
    }
}
