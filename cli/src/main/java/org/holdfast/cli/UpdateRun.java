package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.ConfigProposal;
import org.holdfast.channel.ConfigUpdates;
import org.holdfast.channel.ConsensusState;
import org.holdfast.channel.Lockout;
import org.holdfast.channel.Organization;
import org.holdfast.channel.UpdateContext;
import org.holdfast.channel.UpdateSignatures;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.transport.BroadcastAnswer;
import org.holdfast.transport.BroadcastStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.SignatureHeader;

/// Takes one config update from its first signature until it is in force on all nodes.
///
/// Signs with the keys that are here, as far as they help; judges the update as a node would, before it is sent; sends
/// it; asks the ledger what became of it when a node ended without an answer. Used by one thread, once.
final class UpdateRun {
    /// Accepted, but not seen in force on all nodes.
    static final int NOT_EVERYWHERE = 3;
    /// More signatures are needed than the keys here can give.
    static final int SIGNATURES_MISSING = 4;

    private static final long ANSWER_SECONDS = 20;
    private static final long PATIENCE_SECONDS = 60;
    private static final long LOOK_AGAIN_MILLIS = 250;
    private static final int SERVICE_UNAVAILABLE = 503;

    private final Session session;
    private final NetworkDir dir;
    private final SigningOptions options;
    private final Client client;
    private final ChangeReport report;

    UpdateRun(Session session, NetworkDir dir, SigningOptions options, Client client, ChangeReport report) {
        this.session = session;
        this.dir = dir;
        this.options = options;
        this.client = client;
        this.report = report;
    }

    /// Somebody else's update came first.
    static final class Overtaken extends Exception {
        private static final long serialVersionUID = 1L;

        Overtaken(String text) {
            super(text, null, false, false);
        }
    }

    /// @return the command's exit code
    /// @throws Overtaken when the config is not any more the one the update was made for
    int run(ChannelConfig current, ConfigFile.Update update) throws Overtaken {
        int patience = options.patience();
        List<Signer> signers = options.signers(dir);
        ConfigUpdateEnvelope signed = signed(current, update.envelope(), signers);
        List<UpdateSignatures.Need> missing = needs(current, signed).stream()
                .filter(need -> !need.satisfied())
                .toList();
        possible(missing);
        if (!missing.isEmpty()) {
            Path file =
                    options.out().orElse(Path.of("%s-%d.update.pb".formatted(current.id(), current.sequence() + 1)));
            write(file, current, signed);
            report.missing(file.toString(), missing);
            return SIGNATURES_MISSING;
        }
        LocalIdentity sender = sender(current, signers);
        ByteString envelope = !update.whole().isEmpty() && signed.equals(update.envelope())
                ? update.whole()
                : client.configUpdate(signed.toByteString(), sender);
        ConfigProposal proposal = judge(current, envelope);
        List<Lockout.Warning> warnings = Lockout.of(current, proposal.next(), signed, sender.creator());
        report.warnings(warnings);
        if (options.out().isPresent()) {
            write(options.out().get(), current, signed);
            report.written(options.out().get().toString());
            return 0;
        }
        if (!warnings.isEmpty()
                && !options.yes()
                && !session.screen().confirmed("Change channel %s all the same?".formatted(current.id()))) {
            throw CommandFault.usage(
                    "nothing was sent: the update takes rights away; say --yes to send it all the same");
        }
        submit(current, signed, envelope);
        report.restart(proposal.change().restart());
        return inForce(current, signed.getConfigUpdate(), patience);
    }

    /// @return the exit code
    private int inForce(ChannelConfig before, ByteString update, int patience) {
        long began = session.world().clock().nanos();
        Optional<LiveConfig> landed = LandedUpdate.find(session, client, before, update);
        while (landed.isEmpty() && session.secondsSince(began) < patience) {
            Session.pause(LOOK_AGAIN_MILLIS);
            landed = LandedUpdate.find(session, client, before, update);
        }
        if (landed.isEmpty()) {
            session.screen().note("the update was taken, but no node delivers its block yet; see: holdfast status");
            return NOT_EVERYWHERE;
        }
        InForce.Reached reached = new InForce(session, dir, client).await(landed.get(), patience);
        report.inForce(landed.get(), reached);
        return reached.missing().isEmpty() ? 0 : NOT_EVERYWHERE;
    }

    private static List<UpdateSignatures.Need> needs(ChannelConfig current, ConfigUpdateEnvelope envelope)
            throws Overtaken {
        try {
            return UpdateSignatures.needs(current, envelope);
        } catch (Refusal.Refused e) {
            throw overtakenOr(e);
        }
    }

    /// Collecting signatures for what nobody can sign would be in vain.
    private static void possible(List<UpdateSignatures.Need> missing) {
        List<String> never = missing.stream()
                .filter(need -> !need.anybody())
                .map(need -> "%s: %s".formatted(need.policy(), need.words()))
                .toList();
        if (!never.isEmpty()) {
            throw CommandFault.failed(
                    "nobody can sign this, as the channel's config is now:%n  %s%n"
                            + "what such a policy guards stays as it is; a policy is mended by whoever may change it"
                            + " (changedBy)",
                    String.join(System.lineSeparator() + "  ", never));
        }
    }

    private static Refusal.Refused overtakenOr(Refusal.Refused refused) throws Overtaken {
        if (refused.refusal().code() == Code.UPDATE_STALE) {
            throw new Overtaken(refused.refusal().text());
        }
        return refused;
    }

    /// With a signature of everybody who helps; of those who were named in any case.
    private ConfigUpdateEnvelope signed(ChannelConfig current, ConfigUpdateEnvelope given, List<Signer> signers)
            throws Overtaken {
        ConfigUpdateEnvelope result = given;
        int reached = reached(current, given);
        List<String> names = new ArrayList<>();
        List<Signer> helpful = new ArrayList<>();
        for (Signer signer : signers) {
            if (hasSigned(given, signer.identity())) {
                continue;
            }
            ConfigUpdateEnvelope with = with(result, signer);
            // Two of several majorities may count only together: whoever adds anything stays.
            int then = reached(current, with);
            if (then > reached || options.named()) {
                result = with;
                reached = then;
                names.add(signer.name());
                helpful.add(signer);
            }
        }
        if (!options.named()) {
            for (Signer signer : helpful) {
                ConfigUpdateEnvelope without = without(result, signer.identity());
                boolean enough = needs(current, without).stream().allMatch(UpdateSignatures.Need::satisfied);
                if (enough) {
                    result = without;
                    names.remove(signer.name());
                }
            }
        }
        if (!names.isEmpty()) {
            session.screen().note("signed by " + String.join(", ", names));
        }
        return result;
    }

    private static int reached(ChannelConfig current, ConfigUpdateEnvelope envelope) throws Overtaken {
        return needs(current, envelope).stream()
                .mapToInt(UpdateSignatures.Need::reached)
                .sum();
    }

    private ConfigUpdateEnvelope with(ConfigUpdateEnvelope envelope, Signer signer) {
        return envelope.toBuilder()
                .addSignatures(UpdateSignatures.sign(signer.identity(), envelope.getConfigUpdate(), session.world()))
                .build();
    }

    private static ConfigUpdateEnvelope without(ConfigUpdateEnvelope envelope, LocalIdentity identity) {
        ConfigUpdateEnvelope.Builder left = envelope.toBuilder().clearSignatures();
        envelope.getSignaturesList().stream()
                .filter(signature -> !isOf(signature, identity))
                .forEach(left::addSignatures);
        return left.build();
    }

    static boolean hasSigned(ConfigUpdateEnvelope envelope, LocalIdentity identity) {
        return envelope.getSignaturesList().stream().anyMatch(signature -> isOf(signature, identity));
    }

    private static boolean isOf(ConfigSignature signature, LocalIdentity identity) {
        try {
            return SignatureHeader.parseFrom(signature.getSignatureHeader())
                    .getCreator()
                    .equals(identity.creator());
        } catch (InvalidProtocolBufferException nobodys) {
            return false;
        }
    }

    /// Who signs the envelope: in maintenance only members of orderers' organisations may send.
    private LocalIdentity sender(ChannelConfig current, List<Signer> signers) {
        List<String> orderers = current.organizations().stream()
                .filter(org -> org.section() == Organization.Section.ORDERER)
                .map(org -> org.msp().id())
                .toList();
        Optional<Signer> orderer = signers.stream()
                .filter(signer -> orderers.contains(signer.identity().mspId()))
                .findFirst();
        if (current.state() == ConsensusState.MAINTENANCE && orderer.isPresent()) {
            return orderer.get().identity();
        }
        return signers.isEmpty() ? client.user() : signers.getFirst().identity();
    }

    private ConfigProposal judge(ChannelConfig current, ByteString envelope) throws Overtaken {
        try {
            return ConfigUpdates.of(current)
                    .propose(
                            EnvelopeView.of(envelope),
                            UpdateContext.of(session.world().clock().wallMillis(), current));
        } catch (Refusal.Refused e) {
            throw overtakenOr(e);
        } catch (InvalidProtocolBufferException e) {
            throw CommandFault.failed("the update cannot be decoded: %s", Decode.reason(e));
        }
    }

    private void write(Path file, ChannelConfig current, ConfigUpdateEnvelope signed) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null && !session.world().disk().exists(parent)) {
            throw CommandFault.failed("there is no directory %s to write %s to; make it", parent, file);
        }
        session.world()
                .disk()
                .replace(
                        file.toAbsolutePath(),
                        ConfigFile.unsigned(session.world(), current.id().name(), signed)
                                .toByteArray());
    }

    private void submit(ChannelConfig current, ConfigUpdateEnvelope signed, ByteString envelope) throws Overtaken {
        long began = session.world().clock().nanos();
        while (true) {
            String trouble;
            try (OrdererClient link = client.connect();
                    BroadcastStream stream = link.broadcast()) {
                BroadcastAnswer answer = stream.send(envelope).get(ANSWER_SECONDS, TimeUnit.SECONDS);
                if (answer.isSuccess()) {
                    return;
                }
                trouble = answer.info();
                if (answer.status() != SERVICE_UNAVAILABLE) {
                    if (ordered(current, signed)) {
                        return;
                    }
                    if (answer.info().startsWith(Code.UPDATE_STALE.number())
                            || answer.info().contains("error validating ReadSet")) {
                        throw new Overtaken(answer.info());
                    }
                    throw CommandFault.failed(
                            "%s refuses the update with status %d: %s",
                            client.node().name(), answer.status(), answer.info());
                }
            } catch (LinkBroken | ExecutionException | TimeoutException e) {
                trouble = Decode.reason(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw CommandFault.failed("interrupted; whether the update was ordered shows: holdfast channel config");
            }
            if (session.secondsSince(began) > PATIENCE_SECONDS) {
                throw CommandFault.failed(
                        "no node has taken the update for %d s (%s: %s); see: holdfast status",
                        PATIENCE_SECONDS, client.node().name(), trouble);
            }
            session.screen()
                    .note("going on with the next node (%s: %s)"
                            .formatted(client.node().name(), trouble));
            client.turn();
            Session.pause(LOOK_AGAIN_MILLIS);
            if (ordered(current, signed)) {
                return;
            }
        }
    }

    /// Whether the ledger has the update already: an answer may be lost on its way.
    ///
    /// @throws Overtaken when it has another one in its place
    private boolean ordered(ChannelConfig current, ConfigUpdateEnvelope signed) throws Overtaken {
        LiveConfig now = LiveConfig.now(session, client);
        if (now.config().sequence() == current.sequence()) {
            return false;
        }
        if (LandedUpdate.find(session, client, current, signed.getConfigUpdate())
                .isPresent()) {
            return true;
        }
        throw new Overtaken("the config is number %d now".formatted(now.config().sequence()));
    }
}
