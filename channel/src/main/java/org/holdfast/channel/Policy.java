package org.holdfast.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Identity;
import org.holdfast.identity.Principal;
import org.hyperledger.fabric.protos.common.ConfigPolicy;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.SignaturePolicy;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;

/// A policy of the config tree, decoded once.
sealed interface Policy {
    /// Rules within rules deeper than this are refused.
    int DEEPEST = 32;

    /// Direct sub-groups' policies of one name, of which some must hold.
    ///
    /// @param name of the sub-policies
    /// @param rule how many
    record OfGroups(String name, Rule rule) implements Policy {}

    /// Signatures by the policy's own list of principals.
    record BySignature(Node root) implements Policy {}

    /// A kind this program does not know: satisfied by nothing.
    record Unknown(int type) implements Policy {}

    /// How many sub-policies must hold.
    enum Rule {
        ANY,
        ALL,
        MAJORITY,
        /// A number unknown to us: no count is enough.
        UNKNOWN;

        /// How many must hold.
        ///
        /// @param count sub-groups there are
        int needed(int count) {
            if (count == 0) {
                return 0;
            }
            return switch (this) {
                case ANY -> 1;
                case ALL -> count;
                case MAJORITY -> count / 2 + 1;
                case UNKNOWN -> Integer.MAX_VALUE;
            };
        }
    }

    /// A node of a signature policy.
    sealed interface Node {
        /// Marks the identities it uses up; identities already used are not available.
        boolean holds(List<Identity> identities, BitSet used);
    }

    /// At least `n` of the rules hold, judged left to right; an identity used by one is not available to the next.
    record AtLeast(int n, List<Node> rules) implements Node {
        @Override
        public boolean holds(List<Identity> identities, BitSet used) {
            int satisfied = 0;
            for (Node rule : rules) {
                BitSet tried = (BitSet) used.clone();
                if (rule.holds(identities, tried)) {
                    satisfied++;
                    used.or(tried);
                }
            }
            return satisfied >= n;
        }
    }

    /// Signed by somebody the principal means.
    record SignedBy(Principal principal) implements Node {
        @Override
        public boolean holds(List<Identity> identities, BitSet used) {
            for (int i = 0; i < identities.size(); i++) {
                if (!used.get(i) && identities.get(i).satisfies(principal)) {
                    used.set(i);
                    return true;
                }
            }
            return false;
        }
    }

    /// Decodes.
    ///
    /// @throws BadMaterial when the bytes are no policy of their type
    static Policy of(ConfigPolicy wire) {
        int type = wire.getPolicy().getType();
        try {
            return switch (type) {
                case org.hyperledger.fabric.protos.common.Policy.PolicyType.SIGNATURE_VALUE ->
                    bySignature(
                            SignaturePolicyEnvelope.parseFrom(wire.getPolicy().getValue()));
                case org.hyperledger.fabric.protos.common.Policy.PolicyType.IMPLICIT_META_VALUE ->
                    ofGroups(ImplicitMetaPolicy.parseFrom(wire.getPolicy().getValue()));
                default -> new Unknown(type);
            };
        } catch (InvalidProtocolBufferException e) {
            throw new BadMaterial("undecodable policy", e);
        }
    }

    private static Policy ofGroups(ImplicitMetaPolicy wire) {
        Rule rule = switch (wire.getRule()) {
            case ANY -> Rule.ANY;
            case ALL -> Rule.ALL;
            case MAJORITY -> Rule.MAJORITY;
            case UNRECOGNIZED -> Rule.UNKNOWN;
        };
        return new OfGroups(wire.getSubPolicy(), rule);
    }

    private static Policy bySignature(SignaturePolicyEnvelope wire) {
        if (wire.getVersion() != 0) {
            throw new BadMaterial("a signature policy of version %d, only 0 is known".formatted(wire.getVersion()));
        }
        List<Principal> principals = new ArrayList<>();
        wire.getIdentitiesList().forEach(identity -> principals.add(principal(identity)));
        return new BySignature(node(wire.getRule(), principals, 0));
    }

    /// Fabric reads policies whose principals are rubbish, and so must we; nobody satisfies such a principal.
    private static Principal principal(MSPPrincipal wire) {
        try {
            return Principal.of(wire);
        } catch (BadMaterial undecodable) {
            return new Principal.Nobody();
        }
    }

    private static Node node(SignaturePolicy wire, List<Principal> principals, int depth) {
        if (depth > DEEPEST) {
            throw new BadMaterial("a signature policy nested deeper than " + DEEPEST);
        }
        return switch (wire.getTypeCase()) {
            case SIGNED_BY -> {
                int index = wire.getSignedBy();
                if (index < 0 || index >= principals.size()) {
                    throw new BadMaterial(
                            "a signature policy names identity %d of %d".formatted(index, principals.size()));
                }
                yield new SignedBy(principals.get(index));
            }
            case N_OUT_OF -> {
                List<Node> rules = new ArrayList<>();
                for (SignaturePolicy rule : wire.getNOutOf().getRulesList()) {
                    rules.add(node(rule, principals, depth + 1));
                }
                yield new AtLeast(wire.getNOutOf().getN(), rules);
            }
            case TYPE_NOT_SET -> throw new BadMaterial("a signature policy without a rule");
        };
    }
}
