package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.env.World;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Identity;
import org.holdfast.identity.LocalIdentity;
import org.holdfast.wire.Code;
import org.holdfast.wire.Decode;
import org.hyperledger.fabric.protos.common.ConfigGroup;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ConfigSignature;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.jspecify.annotations.Nullable;

/// Who has to sign a config update, as the current config asks it, and who has: for people who collect signatures.
/// [ConfigUpdates#propose] is what decides.
public final class UpdateSignatures {
    private static final int NONCE_BYTES = 24;

    private final ChannelConfig current;
    private final List<Identity> signers;
    private int reached;

    private UpdateSignatures(ChannelConfig current, List<Identity> signers) {
        this.current = current;
        this.signers = signers;
    }

    /// A policy that the update has to satisfy.
    ///
    /// @param policy its path
    /// @param satisfied whether the signatures do
    /// @param words the policy, and for one that is not satisfied who may still sign for it
    /// @param open paths of the policies of single organisations that would help and are not satisfied
    /// @param anybody whether anybody at all could satisfy it
    /// @param reached how many policies in and below this one are satisfied: grows with every useful signature
    public record Need(
            String policy, boolean satisfied, String words, List<String> open, boolean anybody, int reached) {
        public Need {
            open = List.copyOf(open);
        }
    }

    /// Every policy the update has to satisfy, in the order of their paths.
    ///
    /// @throws org.holdfast.wire.Refusal.Refused when signatures do not matter because it breaks another rule
    public static List<Need> needs(ChannelConfig current, ConfigUpdateEnvelope envelope) {
        try {
            List<SignedMessage> messages = ConfigUpdates.messages(envelope);
            TreeSet<String> asked = new TreeSet<>();
            UpdateRules.apply(
                    current.tree().getChannelGroup(), ConfigUpdate.parseFrom(envelope.getConfigUpdate()), path -> {
                        asked.add(path);
                        return PolicyVerdict.YES;
                    });
            List<Identity> signers = current.signers(messages, new ArrayList<>());
            return asked.stream().map(path -> need(current, signers, path)).toList();
        } catch (UpdateFault e) {
            throw e.refusal().asException();
        } catch (InvalidProtocolBufferException e) {
            throw org.holdfast.wire.Refusal.of(
                            Code.MALFORMED_ENVELOPE, "the update cannot be decoded: %s", Decode.reason(e))
                    .asException();
        }
    }

    /// One more signature for an update: over its own header and the update's bytes.
    public static ConfigSignature sign(LocalIdentity signer, ByteString configUpdate, World world) {
        byte[] nonce = new byte[NONCE_BYTES];
        world.chance().nextBytes(nonce);
        ByteString header = SignatureHeader.newBuilder()
                .setCreator(signer.creator())
                .setNonce(ByteString.copyFrom(nonce))
                .build()
                .toByteString();
        return ConfigSignature.newBuilder()
                .setSignatureHeader(header)
                .setSignature(signer.sign(header, configUpdate))
                .build();
    }

    /// One policy as people with these identities stand to it.
    static Need need(ChannelConfig current, List<Identity> signers, String path) {
        List<String> open = new ArrayList<>();
        UpdateSignatures at = new UpdateSignatures(current, signers);
        String words = at.words(path, open);
        boolean anybody = Reachable.in(current, _ -> true).policy(current, path);
        return new Need(path, at.satisfied(path), words, open, anybody, at.reached);
    }

    private boolean satisfied(String path) {
        return current.evaluate(path, signers, List.of()).satisfied();
    }

    private String words(String path, List<String> open) {
        boolean done = satisfied(path);
        reached += done ? 1 : 0;
        int slash = path.lastIndexOf('/');
        ConfigGroup group = group(path.substring(0, slash));
        ConfigPolicy wire = group == null ? null : group.getPoliciesMap().get(path.substring(slash + 1));
        if (group == null || wire == null) {
            return "there is no such policy: nobody can satisfy it";
        }
        try {
            return switch (Policy.of(wire)) {
                case Policy.OfGroups rule -> ofGroups(path.substring(0, slash), group, rule, open);
                case Policy.BySignature _ -> {
                    if (!done) {
                        open.add(path);
                    }
                    yield PolicyWords.of(wire);
                }
                case Policy.Unknown _ -> PolicyWords.of(wire);
            };
        } catch (BadMaterial e) {
            return "unreadable: " + e.getMessage();
        }
    }

    private String ofGroups(String parent, ConfigGroup group, Policy.OfGroups rule, List<String> open) {
        int satisfied = 0;
        List<String> candidates = new ArrayList<>();
        for (String name : new TreeMap<>(group.getGroupsMap()).keySet()) {
            String below = parent + "/" + name + "/" + rule.name();
            List<String> openBelow = new ArrayList<>();
            String words = words(below, openBelow);
            if (satisfied(below)) {
                satisfied++;
            } else {
                candidates.add("%s: %s".formatted(name, words));
                open.addAll(openBelow);
            }
        }
        int needed = rule.rule().needed(group.getGroupsCount());
        String words = "%s %s".formatted(rule.rule(), rule.name());
        return satisfied >= needed
                ? words
                : "%s; %d more of {%s}".formatted(words, needed - satisfied, String.join("; ", candidates));
    }

    private @Nullable ConfigGroup group(String path) {
        String[] names = path.split("/", -1);
        ConfigGroup group = current.tree().getChannelGroup();
        for (int i = 2; i < names.length; i++) {
            Map<String, ConfigGroup> below = group.getGroupsMap();
            if (!below.containsKey(names[i])) {
                return null;
            }
            group = below.get(names[i]);
        }
        return group;
    }
}
