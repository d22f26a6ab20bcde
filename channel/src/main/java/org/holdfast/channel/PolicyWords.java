package org.holdfast.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Principal;
import org.hyperledger.fabric.protos.common.ConfigPolicy;

/// Policies of a config tree as people write them: `MAJORITY Admins`, `OR('Org1MSP.admin', 'Org1MSP.peer')`.
public final class PolicyWords {
    private PolicyWords() {}

    /// A policy in words; one that cannot be understood says so.
    public static String of(ConfigPolicy wire) {
        try {
            return switch (Policy.of(wire)) {
                case Policy.OfGroups groups -> groups.rule() + " " + groups.name();
                case Policy.BySignature signature -> node(signature.root());
                case Policy.Unknown unknown -> "a policy of the unknown type " + unknown.type();
            };
        } catch (BadMaterial e) {
            return "cannot be read: " + e.getMessage();
        }
    }

    private static String node(Policy.Node node) {
        return switch (node) {
            case Policy.SignedBy signed -> "'" + principal(signed.principal()) + "'";
            case Policy.AtLeast atLeast -> {
                List<String> rules = new ArrayList<>();
                atLeast.rules().forEach(rule -> rules.add(node(rule)));
                int count = rules.size();
                if (atLeast.n() <= 0) {
                    yield "anybody";
                }
                String inner = String.join(", ", rules);
                if (atLeast.n() == 1) {
                    yield "OR(" + inner + ")";
                }
                yield atLeast.n() == count ? "AND(" + inner + ")" : "OutOf(%d, %s)".formatted(atLeast.n(), inner);
            }
        };
    }

    private static String principal(Principal principal) {
        return switch (principal) {
            case Principal.Member member -> member.mspId() + ".member";
            case Principal.InRole role ->
                role.mspId() + "." + role.role().name().toLowerCase(Locale.ROOT);
            case Principal.InUnit unit -> unit.mspId() + " unit " + unit.unit();
            case Principal.Exactly exactly -> "one certificate of " + exactly.mspId();
            case Principal.AllOf all ->
                String.join(
                        " and ",
                        all.principals().stream().map(PolicyWords::principal).toList());
            case Principal.Nominal _ -> "anybody with a certificate";
            case Principal.Nobody _ -> "nobody";
        };
    }
}
