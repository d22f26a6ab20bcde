package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Optional;
import org.holdfast.ledger.BlockView;
import org.holdfast.transport.DeliverStream;
import org.holdfast.transport.LinkBroken;
import org.holdfast.transport.OrdererClient;
import org.hyperledger.fabric.protos.orderer.SeekInfo;
import org.hyperledger.fabric.protos.orderer.SeekNewest;
import org.hyperledger.fabric.protos.orderer.SeekPosition;
import org.hyperledger.fabric.protos.orderer.SeekSpecified;

/// Single blocks of single nodes, with or without a leader: who looks after a channel must see it then most of all.
final class Tip {
    /// No node answered.
    static final int SILENT = 0;

    private static final int SUCCESS = 200;

    private Tip() {}

    /// What a node said.
    ///
    /// @param status 200 with a block, [#SILENT], or why there is none
    record Answer(Optional<BlockView> block, int status) {}

    /// The newest block a node delivers.
    static Answer of(Client client, Network.Node node) {
        return block(
                client,
                node,
                SeekPosition.newBuilder()
                        .setNewest(SeekNewest.getDefaultInstance())
                        .build());
    }

    /// A block by its number.
    static Answer at(Client client, Network.Node node, long number) {
        return block(
                client,
                node,
                SeekPosition.newBuilder()
                        .setSpecified(SeekSpecified.newBuilder().setNumber(number))
                        .build());
    }

    private static Answer block(Client client, Network.Node node, SeekPosition position) {
        ByteString seek = SeekInfo.newBuilder()
                .setStart(position)
                .setStop(position)
                .setBehavior(SeekInfo.SeekBehavior.FAIL_IF_NOT_READY)
                .setErrorResponse(SeekInfo.SeekErrorResponse.BEST_EFFORT)
                .build()
                .toByteString();
        try (OrdererClient link = client.connect(node);
                DeliverStream stream = link.deliver(client.seek(seek))) {
            Optional<ByteString> bytes = stream.next();
            return bytes.isEmpty()
                    ? new Answer(Optional.empty(), stream.status())
                    : new Answer(Optional.of(BlockView.of(bytes.get())), SUCCESS);
        } catch (LinkBroken | InvalidProtocolBufferException down) {
            return new Answer(Optional.empty(), SILENT);
        }
    }
}
