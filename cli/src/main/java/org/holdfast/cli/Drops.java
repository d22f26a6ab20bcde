package org.holdfast.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.ledger.BlockView;
import org.holdfast.wire.Decode;

/// Channels that were dropped. network.json names them until every node has left them: first they go from the list of
/// channels to the list of dropped ones, then the nodes leave; what was interrupted is finished by the next command
/// that changes the network's channels, and at every start of a node. Used under [NetworkDir#change].
final class Drops {
    private final Session session;
    private final NetworkDir dir;

    Drops(Session session, NetworkDir dir) {
        this.session = session;
        this.dir = dir;
    }

    /// Takes channels out of the network.
    Network drop(Network network, List<Network.Channel> channels) {
        Network without = network;
        for (Network.Channel channel : channels) {
            without = without.dropping(new Network.Dropped(channel.name(), genesis(channel)));
        }
        dir.save(without);
        return without;
    }

    /// Has the running nodes leave what was dropped.
    ///
    /// @return the network, which remembers the drops until all of its nodes have been asked
    Network finish(Network network) {
        if (network.drops().isEmpty()) {
            return network;
        }
        Nodes nodes = new Nodes(session, dir, network);
        List<Network.Node> running = nodes.running();
        nodes.each(running, node -> {
            network.drops().forEach(dropped -> nodes.leave(node, dropped));
            return node;
        });
        if (running.size() < network.nodes().size()) {
            return network;
        }
        Disk disk = session.world().disk();
        for (Network.Dropped dropped : network.drops()) {
            boolean again = network.channels().stream()
                    .anyMatch(channel -> channel.name().equals(dropped.name()));
            if (!again) {
                disk.delete(dir.path(ChannelCreation.entry(dropped.name()).block()));
            }
        }
        Network done = network.allLeft();
        dir.save(done);
        return done;
    }

    /// The hash by which nodes know the channel; empty when its block is gone, which means whichever has the name.
    private String genesis(Network.Channel channel) {
        Path file = dir.path(channel.block());
        Disk disk = session.world().disk();
        if (channel.block().isEmpty() || !disk.exists(file)) {
            return "";
        }
        try {
            ByteString hash =
                    BlockView.of(ByteString.copyFrom(disk.read(file))).header().hash();
            return HexFormat.of().formatHex(hash.toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw CommandFault.failed(
                    "%s is no block: %s; copy the channel's back from a backup", file, Decode.reason(e));
        }
    }
}
