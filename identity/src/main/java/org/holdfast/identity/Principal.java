package org.holdfast.identity;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import org.hyperledger.fabric.protos.common.CombinedPrincipal;
import org.hyperledger.fabric.protos.common.MSPIdentityAnonymity;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.OrganizationUnit;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;

/// Whom a policy's leaf means, decoded once from `MSPPrincipal`.
public sealed interface Principal {
    /// Any valid identity of an MSP.
    record Member(String mspId) implements Principal {}

    /// A valid identity of an MSP in a role.
    record InRole(String mspId, Role role) implements Principal {}

    /// A valid identity of an MSP with an OU attribute.
    ///
    /// @param chainDigest empty, or SHA-256 over the issuing chain
    record InUnit(String mspId, String unit, ByteString chainDigest) implements Principal {}

    /// One certificate, by [Identity#mark].
    record Exactly(String mspId, ByteString mark) implements Principal {}

    /// All of several at once.
    record AllOf(List<Principal> principals) implements Principal {
        public AllOf {
            principals = List.copyOf(principals);
        }
    }

    /// Whoever is not anonymous: every certificate.
    record Nominal() implements Principal {}

    /// Nobody: an anonymous identity, which certificates cannot be, or a kind or role this program does not know.
    /// Understood so that a config that carries one can be read.
    record Nobody() implements Principal {}

    /// Principals within principals deeper than this are refused.
    int DEEPEST = 8;

    /// Decodes.
    ///
    /// @throws BadMaterial when the bytes are no such principal
    static Principal of(MSPPrincipal wire) {
        return of(wire, 0);
    }

    private static Principal of(MSPPrincipal wire, int depth) {
        try {
            ByteString bytes = wire.getPrincipal();
            return switch (wire.getPrincipalClassification()) {
                case ROLE -> role(MSPRole.parseFrom(bytes));
                case ORGANIZATION_UNIT -> unit(OrganizationUnit.parseFrom(bytes));
                case IDENTITY -> exactly(SerializedIdentity.parseFrom(bytes));
                case ANONYMITY -> anonymity(MSPIdentityAnonymity.parseFrom(bytes));
                case COMBINED -> allOf(CombinedPrincipal.parseFrom(bytes), depth);
                case UNRECOGNIZED -> new Nobody();
            };
        } catch (InvalidProtocolBufferException e) {
            throw new BadMaterial("a policy names an undecodable principal", e);
        }
    }

    private static Principal role(MSPRole role) {
        String mspId = role.getMspIdentifier();
        return switch (role.getRole()) {
            case MEMBER -> new Member(mspId);
            case ADMIN -> new InRole(mspId, Role.ADMIN);
            case CLIENT -> new InRole(mspId, Role.CLIENT);
            case PEER -> new InRole(mspId, Role.PEER);
            case ORDERER -> new InRole(mspId, Role.ORDERER);
            case UNRECOGNIZED -> new Nobody();
        };
    }

    private static Principal unit(OrganizationUnit unit) {
        return new InUnit(
                unit.getMspIdentifier(), unit.getOrganizationalUnitIdentifier(), unit.getCertifiersIdentifier());
    }

    private static Principal exactly(SerializedIdentity identity) {
        var certificate = Pem.firstCertificate(identity.getIdBytes().toByteArray(), "a policy's identity");
        return new Exactly(identity.getMspid(), Identity.markOf(certificate));
    }

    private static Principal anonymity(MSPIdentityAnonymity anonymity) {
        return switch (anonymity.getAnonymityType()) {
            case NOMINAL -> new Nominal();
            case ANONYMOUS, UNRECOGNIZED -> new Nobody();
        };
    }

    private static Principal allOf(CombinedPrincipal combined, int depth) {
        if (depth >= DEEPEST) {
            throw new BadMaterial("a policy nests principals deeper than " + DEEPEST);
        }
        if (combined.getPrincipalsCount() == 0) {
            return new Nobody();
        }
        List<Principal> parts = new ArrayList<>();
        for (MSPPrincipal part : combined.getPrincipalsList()) {
            parts.add(of(part, depth + 1));
        }
        return new AllOf(parts);
    }
}
