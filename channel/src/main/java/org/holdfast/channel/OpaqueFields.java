package org.holdfast.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import org.hyperledger.fabric.protos.common.ChannelHeader;
import org.hyperledger.fabric.protos.common.ConfigEnvelope;
import org.hyperledger.fabric.protos.common.ConfigUpdate;
import org.hyperledger.fabric.protos.common.ConfigUpdateEnvelope;
import org.hyperledger.fabric.protos.common.ConfigValue;
import org.hyperledger.fabric.protos.common.Envelope;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.ImplicitMetaPolicy;
import org.hyperledger.fabric.protos.common.MSPPrincipal;
import org.hyperledger.fabric.protos.common.MSPRole;
import org.hyperledger.fabric.protos.common.OrganizationUnit;
import org.hyperledger.fabric.protos.common.Payload;
import org.hyperledger.fabric.protos.common.Policy;
import org.hyperledger.fabric.protos.common.SignatureHeader;
import org.hyperledger.fabric.protos.common.SignaturePolicyEnvelope;
import org.hyperledger.fabric.protos.ledger.rwset.TxReadWriteSet;
import org.hyperledger.fabric.protos.ledger.rwset.kvrwset.HashedRWSet;
import org.hyperledger.fabric.protos.ledger.rwset.kvrwset.KVRWSet;
import org.hyperledger.fabric.protos.msp.FabricMSPConfig;
import org.hyperledger.fabric.protos.msp.IdemixMSPConfig;
import org.hyperledger.fabric.protos.msp.SerializedIdentity;
import org.hyperledger.fabric.protos.orderer.etcdraft.ConfigMetadata;
import org.hyperledger.fabric.protos.peer.ChaincodeAction;
import org.hyperledger.fabric.protos.peer.ChaincodeActionPayload;
import org.hyperledger.fabric.protos.peer.ChaincodeEvent;
import org.hyperledger.fabric.protos.peer.ChaincodeHeaderExtension;
import org.hyperledger.fabric.protos.peer.ChaincodeInvocationSpec;
import org.hyperledger.fabric.protos.peer.ChaincodeProposalPayload;
import org.hyperledger.fabric.protos.peer.ProposalResponsePayload;
import org.hyperledger.fabric.protos.peer.Transaction;
import org.jspecify.annotations.Nullable;

/// Which message lies in a field of bytes. Values of config groups are not here: see [TreePlace].
///
/// Source: what `configtxlator` 2.5 opens in a decoded message; smartbft's options as 3.0 opens them.
final class OpaqueFields {
    private OpaqueFields() {}

    /// The type of what lies in the bytes; null when they are bytes to everybody. All other fields of the owner are
    /// set.
    static @Nullable Message within(MessageOrBuilder owner, FieldDescriptor field) {
        if (field.getJavaType() != FieldDescriptor.JavaType.BYTE_STRING) {
            return null;
        }
        return switch (field.getFullName()) {
            case "common.BlockData.data" -> Envelope.getDefaultInstance();
            case "common.Envelope.payload" -> Payload.getDefaultInstance();
            case "common.Payload.data" -> payload(((org.hyperledger.fabric.protos.common.PayloadOrBuilder) owner));
            case "common.Header.channel_header" -> ChannelHeader.getDefaultInstance();
            case "common.Header.signature_header", "common.ConfigSignature.signature_header" ->
                SignatureHeader.getDefaultInstance();
            case "common.ChannelHeader.extension" ->
                number(owner, "type") == HeaderType.ENDORSER_TRANSACTION_VALUE
                        ? ChaincodeHeaderExtension.getDefaultInstance()
                        : null;
            case "common.SignatureHeader.creator" -> SerializedIdentity.getDefaultInstance();
            case "common.ConfigUpdateEnvelope.config_update" -> ConfigUpdate.getDefaultInstance();
            case "common.Policy.value" -> policy(number(owner, "type"));
            case "common.MSPPrincipal.principal" ->
                principal(((org.hyperledger.fabric.protos.common.MSPPrincipalOrBuilder) owner)
                        .getPrincipalClassification());
            case "msp.MSPConfig.config" -> msp(number(owner, "type"));
            case "orderer.ConsensusType.metadata" ->
                consensus(((org.hyperledger.fabric.protos.orderer.ConsensusTypeOrBuilder) owner).getType());
            default -> transaction(field);
        };
    }

    /// Whether bytes that a type can be read from may still be something else: clients put whatever they want there.
    static boolean doubtful(FieldDescriptor field, Message type) {
        return field.getFullName().equals("common.Payload.data") && type instanceof ConfigValue;
    }

    private static int number(MessageOrBuilder owner, String field) {
        return (Integer) owner.getField(owner.getDescriptorForType().findFieldByName(field));
    }

    /// Transactions of an orderer are deprecated by Fabric 3; system channels of 2.x hold them.
    @SuppressWarnings("deprecation")
    private static @Nullable Message payload(org.hyperledger.fabric.protos.common.PayloadOrBuilder payload) {
        ByteString header = payload.getHeader().getChannelHeader();
        try {
            return switch (ChannelHeader.parseFrom(header).getType()) {
                case HeaderType.CONFIG_VALUE -> ConfigEnvelope.getDefaultInstance();
                case HeaderType.ORDERER_TRANSACTION_VALUE -> Envelope.getDefaultInstance();
                case HeaderType.CONFIG_UPDATE_VALUE -> ConfigUpdateEnvelope.getDefaultInstance();
                case HeaderType.MESSAGE_VALUE -> ConfigValue.getDefaultInstance();
                case HeaderType.ENDORSER_TRANSACTION_VALUE -> Transaction.getDefaultInstance();
                default -> null;
            };
        } catch (InvalidProtocolBufferException unreadable) {
            return null;
        }
    }

    private static @Nullable Message policy(int type) {
        return switch (type) {
            case Policy.PolicyType.SIGNATURE_VALUE -> SignaturePolicyEnvelope.getDefaultInstance();
            case Policy.PolicyType.IMPLICIT_META_VALUE -> ImplicitMetaPolicy.getDefaultInstance();
            default -> null;
        };
    }

    private static @Nullable Message principal(MSPPrincipal.Classification kind) {
        return switch (kind) {
            case ROLE -> MSPRole.getDefaultInstance();
            case ORGANIZATION_UNIT -> OrganizationUnit.getDefaultInstance();
            case IDENTITY -> SerializedIdentity.getDefaultInstance();
            case ANONYMITY, COMBINED, UNRECOGNIZED -> null;
        };
    }

    private static @Nullable Message msp(int type) {
        return switch (type) {
            case 0 -> FabricMSPConfig.getDefaultInstance();
            case 1 -> IdemixMSPConfig.getDefaultInstance();
            default -> null;
        };
    }

    private static @Nullable Message consensus(String type) {
        return switch (type) {
            case RaftMetadata.TYPE -> ConfigMetadata.getDefaultInstance();
            case "BFT" -> org.hyperledger.fabric.protos.orderer.smartbft.Options.getDefaultInstance();
            default -> null;
        };
    }

    private static @Nullable Message transaction(FieldDescriptor field) {
        return switch (field.getFullName()) {
            case "protos.TransactionAction.header" -> SignatureHeader.getDefaultInstance();
            case "protos.TransactionAction.payload" -> ChaincodeActionPayload.getDefaultInstance();
            case "protos.ChaincodeActionPayload.chaincode_proposal_payload" ->
                ChaincodeProposalPayload.getDefaultInstance();
            case "protos.ChaincodeProposalPayload.input" -> ChaincodeInvocationSpec.getDefaultInstance();
            case "protos.ChaincodeEndorsedAction.proposal_response_payload" ->
                ProposalResponsePayload.getDefaultInstance();
            case "protos.ProposalResponsePayload.extension" -> ChaincodeAction.getDefaultInstance();
            case "protos.ChaincodeAction.results" -> TxReadWriteSet.getDefaultInstance();
            case "protos.ChaincodeAction.events" -> ChaincodeEvent.getDefaultInstance();
            case "rwset.NsReadWriteSet.rwset" -> KVRWSet.getDefaultInstance();
            case "rwset.CollectionHashedReadWriteSet.hashed_rwset" -> HashedRWSet.getDefaultInstance();
            default -> null;
        };
    }
}
