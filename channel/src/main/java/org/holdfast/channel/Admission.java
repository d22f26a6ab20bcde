package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.holdfast.env.Clock;
import org.holdfast.wire.Code;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.HeaderType;

/// What a channel's config demands of an envelope before it is ordered, and of a reader before blocks are sent. Pure;
/// safe from any thread.
///
/// The order of the rules is Fabric's, so that an envelope with two faults gets the status its clients know. Where we
/// are stricter than Fabric is written down in docs/decisions/0004.
public final class Admission {
    /// `common.HeaderType`; the generated constant is deprecated, the messages are not gone.
    private static final int ORDERER_TRANSACTION = 4;

    private Admission() {}

    /// The envelope in the frame a channel orders: payload, then signature, shortest lengths. Payload and signature
    /// are the bytes that were sent; only a frame that another encoder wrote otherwise (the fields in the other order)
    /// is written anew, as Fabric's orderer does. One that holds more than the two fields is left as it is and refused
    /// by [#check].
    ///
    /// @param sent as it came from a client, not ordered yet
    public static EnvelopeView framed(EnvelopeView sent) throws InvalidProtocolBufferException {
        if (CanonicalForm.holds(sent.bytes())) {
            return sent;
        }
        Envelope envelope = Envelope.parseFrom(sent.bytes());
        return envelope.getUnknownFields().asMap().isEmpty() ? EnvelopeView.of(envelope.toByteString()) : sent;
    }

    /// Whether an envelope may be ordered.
    ///
    /// @return empty when it may
    public static Optional<Refusal> check(EnvelopeView envelope, ChannelConfig config, Clock clock) {
        return check(envelope, config, clock, true);
    }

    /// Whether an envelope may be ordered.
    ///
    /// @param expiry whether the creator's certificate must not have run out (off with
    ///     `General.Authentication.NoExpirationChecks`)
    /// @return empty when it may
    public static Optional<Refusal> check(EnvelopeView envelope, ChannelConfig config, Clock clock, boolean expiry) {
        return type(envelope)
                .or(() -> maintenance(config))
                .or(() -> form(envelope, config))
                .or(() -> expiry ? expiry(envelope, config, clock) : Optional.empty())
                .or(() -> policy(envelope, config, ChannelConfig.WRITERS));
    }

    /// Whether a config update may be judged at all ([ConfigUpdates#propose]): form, expiry, and who sends it. In
    /// maintenance only orderers' organisations may.
    ///
    /// @param envelope of type CONFIG_UPDATE
    /// @param expiry as for transactions
    /// @return empty when it may
    public static Optional<Refusal> checkUpdate(
            EnvelopeView envelope, ChannelConfig config, Clock clock, boolean expiry) {
        return before("initial", judged(envelope, config, clock, expiry));
    }

    /// Whether the config envelope that a gate made of an update may be ordered: the same rules for the same channel,
    /// asked of the gate itself; most of all the size.
    ///
    /// @param envelope of type CONFIG, from [ConfigProposal#envelope]
    /// @return empty when it may
    public static Optional<Refusal> checkProposed(
            EnvelopeView envelope, ChannelConfig config, Clock clock, boolean expiry) {
        return before("final", judged(envelope, config, clock, expiry));
    }

    private static Optional<Refusal> judged(EnvelopeView envelope, ChannelConfig config, Clock clock, boolean expiry) {
        String writers =
                config.state() == ConsensusState.MAINTENANCE ? ChannelConfig.ORDERER_WRITERS : ChannelConfig.WRITERS;
        return form(envelope, config)
                .or(() -> expiry ? expiry(envelope, config, clock) : Optional.empty())
                .or(() -> policy(envelope, config, writers));
    }

    private static Optional<Refusal> before(String checks, Optional<Refusal> refusal) {
        return refusal.map(found -> new Refusal(
                found.code(),
                "config update for existing channel did not pass %s checks: %s".formatted(checks, found.text())));
    }

    private static Optional<Refusal> type(EnvelopeView envelope) {
        return switch (envelope.channelHeader().getType()) {
            case HeaderType.CONFIG_VALUE, ORDERER_TRANSACTION ->
                Optional.of(
                        Refusal.of(Code.TYPE_NOT_SUBMITTABLE, "message is of type that cannot be processed directly"));
            case HeaderType.CONFIG_UPDATE_VALUE ->
                Optional.of(Refusal.of(
                        Code.UPDATES_NOT_SUPPORTED,
                        "this version does not take config updates; the last config block stays in force"));
            default -> Optional.empty();
        };
    }

    private static Optional<Refusal> maintenance(ChannelConfig config) {
        return config.state() == ConsensusState.MAINTENANCE
                ? Optional.of(Refusal.of(Code.MAINTENANCE, "normal transactions are rejected: maintenance mode"))
                : Optional.empty();
    }

    private static Optional<Refusal> form(EnvelopeView envelope, ChannelConfig config) {
        if (envelope.payload().isEmpty()) {
            return Optional.of(Refusal.of(Code.EMPTY_PAYLOAD, "message payload is empty"));
        }
        int limit = config.batchSize().absoluteMaxBytes();
        if (envelope.size() > limit) {
            return Optional.of(Refusal.of(
                    Code.TOO_LARGE,
                    "message payload is %d bytes and exceeds maximum allowed %d bytes",
                    envelope.size(),
                    limit));
        }
        return CanonicalForm.holds(envelope.bytes())
                ? Optional.empty()
                : Optional.of(Refusal.of(
                        Code.MALFORMED_ENVELOPE,
                        "the envelope must be exactly payload (1) and signature (2), in this order, shortest form:"
                                + " peers would stop at it"));
    }

    /// A creator without a certificate has no expiry; the policy refuses it and says why.
    private static boolean expired(ByteString creator, ChannelConfig config, Clock clock) {
        OptionalLong expiry = config.msps().expiryMillis(creator);
        return expiry.isPresent() && expiry.getAsLong() < clock.wallMillis();
    }

    /// Every orderer capability there is asks for this rule; a channel without any is older than it.
    private static Optional<Refusal> expiry(EnvelopeView envelope, ChannelConfig config, Clock clock) {
        return !config.ordererCapabilities().isEmpty() && expired(envelope.creator(), config, clock)
                ? Optional.of(Refusal.of(Code.IDENTITY_INVALID, "broadcast client identity expired"))
                : Optional.empty();
    }

    private static Optional<Refusal> policy(EnvelopeView envelope, ChannelConfig config, String path) {
        PolicyVerdict verdict = config.evaluate(path, List.of(SignedMessage.of(envelope)));
        return verdict.satisfied()
                ? Optional.empty()
                : Optional.of(Refusal.of(Code.POLICY_NOT_SATISFIED, "%s", denial(verdict)));
    }

    private static String denial(PolicyVerdict verdict) {
        String detail = verdict.dropped().isEmpty() ? "" : " (" + String.join("; ", verdict.dropped()) + ")";
        return verdict.reason() + ": permission denied" + detail;
    }

    /// Whether the sender of a seek request may read blocks now. To be asked again when the config's sequence moves
    /// ([#readerPolicy]), and for the expiry before each block ([#readerExpired]).
    ///
    /// @return empty when it may
    public static Optional<Refusal> checkReader(EnvelopeView request, ChannelConfig config, Clock clock) {
        return readerExpired(request.creator(), config, clock).or(() -> readerPolicy(request, config));
    }

    /// Whether the sender of a seek request is one of the channel's readers.
    ///
    /// @return empty when it is
    public static Optional<Refusal> readerPolicy(EnvelopeView request, ChannelConfig config) {
        String path =
                config.state() == ConsensusState.MAINTENANCE ? ChannelConfig.ORDERER_READERS : ChannelConfig.READERS;
        PolicyVerdict verdict = config.evaluate(path, List.of(SignedMessage.of(request)));
        return verdict.satisfied()
                ? Optional.empty()
                : Optional.of(Refusal.of(Code.SEEK_FORBIDDEN, "%s", denial(verdict)));
    }

    /// Whether a reader's certificate has run out.
    public static Optional<Refusal> readerExpired(ByteString creator, ChannelConfig config, Clock clock) {
        return expired(creator, config, clock)
                ? Optional.of(Refusal.of(Code.SEEK_FORBIDDEN, "deliver client identity expired"))
                : Optional.empty();
    }
}
