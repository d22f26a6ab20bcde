package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Identity;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.holdfast.wire.Refusal;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;

/// What people lose by a config update: an update may take the right to undo it from those who sign it, or from
/// everybody, and no rule forbids that. For people who are asked before it is sent; no node asks.
///
/// Pure, safe from any thread.
public final class Lockout {
    /// Who may change the channel, send to it and read it.
    private static final List<String> WATCHED = List.of(
            "/Channel/Admins",
            ChannelConfig.WRITERS,
            ChannelConfig.READERS,
            "/Channel/Orderer/Admins",
            ChannelConfig.ORDERER_WRITERS,
            ChannelConfig.ORDERER_READERS,
            "/Channel/Application/Admins",
            "/Channel/Application/Writers");

    private final ChannelConfig current;
    private final ChannelConfig next;
    private final List<Warning> found = new ArrayList<>();
    private final Set<String> told = new TreeSet<>();

    private Lockout(ChannelConfig current, ChannelConfig next) {
        this.current = current;
        this.next = next;
    }

    /// One policy that is out of reach after the change, and was not before.
    ///
    /// @param policy its path
    /// @param anybody whether nobody at all could satisfy it; else those who sign this change could not
    /// @param text readable alone
    public record Warning(String policy, boolean anybody, String text) {}

    /// The warnings, in the order of the policies' paths, those about everybody first.
    ///
    /// @param next what the update makes of the current config
    /// @param envelope with the signatures there are
    /// @param sender creator bytes of who sends it
    public static List<Warning> of(
            ChannelConfig current, ChannelConfig next, ConfigUpdateEnvelope envelope, ByteString sender) {
        Lockout lockout = new Lockout(current, next);
        lockout.everybody("/Channel", next.policies(), Reachable.in(current, _ -> true), Reachable.in(next, _ -> true));
        lockout.dangling();
        lockout.rules();
        lockout.blocks();
        try {
            List<SignedMessage> messages = ConfigUpdates.messages(envelope);
            lockout.signers(people(current, messages, sender), people(next, messages, sender));
        } catch (InvalidProtocolBufferException e) {
            throw Refusal.of(Code.MALFORMED_ENVELOPE, "the update cannot be decoded: %s", Decode.reason(e))
                    .asException();
        }
        return List.copyOf(lockout.found);
    }

    private void warn(String policy, boolean anybody, String text) {
        if (told.add(policy)) {
            found.add(new Warning(policy, anybody, text));
        }
    }

    private void everybody(String path, PolicyGroup group, Reachable before, Reachable after) {
        for (String name : group.policies().keySet()) {
            String policy = path + "/" + name;
            if (!after.policy(group, name) && (!exists(current, policy) || before.policy(current, policy))) {
                warn(policy, true, "nobody could ever satisfy %s (%s)".formatted(policy, words(List.of(), policy)));
            }
        }
        group.groups().forEach((name, below) -> everybody(path + "/" + name, below, before, after));
    }

    /// Elements whose mod_policy is none: they could never be changed again.
    private void dangling() {
        Map<String, TreeElement> before = TreeElement.flatten(current.tree().getChannelGroup());
        TreeElement.flatten(next.tree().getChannelGroup()).forEach((key, element) -> {
            String policy = UpdateRules.policyOf(element);
            TreeElement old = before.get(key);
            boolean was = old == null || exists(current, UpdateRules.policyOf(old));
            if (!exists(next, policy) && was) {
                warn(
                        policy,
                        true,
                        "nobody could change %s any more: its mod_policy %s is no policy of the channel"
                                .formatted(element.path(), policy));
            }
        });
    }

    /// Access rules that name no policy: peers would refuse everybody.
    private void rules() {
        next.acls().forEach((resource, reference) -> {
            String policy = reference.startsWith("/") ? reference : "/Channel/Application/" + reference;
            if (!reference.equals(current.acls().get(resource)) && !exists(next, policy)) {
                warn(
                        policy,
                        true,
                        "nobody could use %s: its access rule names %s, which is no policy of the channel"
                                .formatted(resource, policy));
            }
        });
    }

    /// A block is signed by an orderer: peers and lagging nodes take none that does not satisfy this.
    private void blocks() {
        String policy = ChannelConfig.BLOCK_VALIDATION;
        Reachable before = Reachable.in(current, org -> org.section() == Organization.Section.ORDERER);
        Reachable after = Reachable.in(next, org -> org.section() == Organization.Section.ORDERER);
        if (before.policy(current, policy) && !after.policy(next, policy)) {
            warn(
                    policy,
                    true,
                    "no orderer could sign a block that satisfies %s (%s): peers would take no more blocks"
                            .formatted(policy, words(List.of(), policy)));
        }
    }

    private void signers(List<Identity> before, List<Identity> after) {
        for (String policy : WATCHED) {
            if (satisfy(current, before, policy) && !satisfy(next, after, policy)) {
                warn(
                        policy,
                        false,
                        "those who sign this would not satisfy %s any more (%s)"
                                .formatted(policy, words(after, policy)));
            }
        }
        Map<String, TreeElement> elements = TreeElement.flatten(current.tree().getChannelGroup());
        TreeElement.flatten(next.tree().getChannelGroup()).forEach((key, element) -> {
            TreeElement old = elements.get(key);
            if (old == null || old.version() == element.version()) {
                return;
            }
            String policy = UpdateRules.policyOf(element);
            if (satisfy(current, before, UpdateRules.policyOf(old)) && !satisfy(next, after, policy)) {
                warn(
                        policy,
                        false,
                        "those who sign this could not change %s back: %s wants %s"
                                .formatted(element.path(), policy, words(after, policy)));
            }
        });
    }

    private static boolean satisfy(ChannelConfig config, List<Identity> people, String policy) {
        return config.evaluate(policy, people, List.of()).satisfied();
    }

    private static boolean exists(ChannelConfig config, String policy) {
        return PolicyGroup.at(config.policies(), policy)
                .filter(group -> group.policies().containsKey(name(policy)))
                .isPresent();
    }

    private static String name(String policy) {
        return policy.substring(policy.lastIndexOf('/') + 1);
    }

    private String words(List<Identity> people, String policy) {
        return UpdateSignatures.need(next, people, policy).words();
    }

    private static List<Identity> people(ChannelConfig config, List<SignedMessage> messages, ByteString sender) {
        List<Identity> people = new ArrayList<>(config.signers(messages, new ArrayList<>()));
        try {
            Identity identity = config.msps().identity(sender);
            if (people.stream().noneMatch(one -> one.mark().equals(identity.mark()))) {
                people.add(identity);
            }
        } catch (BadMaterial noMember) {
            return people;
        }
        return people;
    }
}
