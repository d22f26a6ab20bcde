package org.holdfast.cli;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.channel.GenesisPlan;
import org.holdfast.identity.OrganizationPlan;
import org.holdfast.keyspace.ShardName;
import org.holdfast.wire.ChannelId;

/// What a network.yaml says: a network of real hosts, before anything of it is made. Read by [BlueprintReader].
///
/// @param name of the network
/// @param validity of the certificates
/// @param accepted rules that need not hold, with the reason somebody gave
record Blueprint(
        String name,
        Engine engine,
        OrganizationPlan.Validity validity,
        List<Org> organizations,
        List<Node> nodes,
        List<Client> clients,
        List<Channel> channels,
        Map<String, String> accepted) {

    /// How the channels are ordered, which decides how many nodes may fail.
    enum Engine {
        RAFT,
        BFT
    }

    /// An organisation.
    ///
    /// @param name its group in the channels' configs
    /// @param peers names of Fabric peers that get material, without domain
    /// @param users names without domain, besides `Admin`
    record Org(
            String name,
            String mspId,
            String domain,
            OrganizationPlan.Kind kind,
            List<String> peers,
            List<String> users) {}

    /// A node.
    ///
    /// @param organization of kind orderer
    /// @param host the name or address by which clients and members reach it
    /// @param addresses further names and addresses its TLS certificate holds
    /// @param zone what may fail at once: a site, a rack, a power supply
    /// @param weight of its vote; always 1 with Raft
    record Node(
            String name,
            Org organization,
            String host,
            List<String> addresses,
            String zone,
            Role role,
            int weight,
            Listen listen) {
        /// Its name in its organisation, e.g. `orderer1.example.com`.
        String fullName() {
            return name + "." + organization.domain();
        }
    }

    /// What a node does for the channels.
    enum Role {
        CONSENTER,
        OBSERVER
    }

    /// @param address the general port and the engine's are bound to
    /// @param operationsAddress the operations port, which speaks plain HTTP, is bound to
    /// @param redisAddress the doors for Redis clients, where the node has ports for them, are bound to
    record Listen(String address, String operationsAddress, String redisAddress, Network.Ports ports) {}

    /// Somebody who submits and reads.
    ///
    /// @param user of the organisation: `Admin` or one of its users
    record Client(String name, Org organization, String user) {}

    /// A channel.
    ///
    /// @param consenters who orders it
    /// @param members organisations of kind peer
    record Channel(String name, GenesisPlan.Settings settings, List<Node> consenters, List<Org> members) {}

    /// The keyspace in which the keys of Redis clients lie that name none; empty = the plan has no keyspace.
    Optional<String> plainKeyspace() {
        return channels.stream()
                .flatMap(channel -> ShardName.parse(new ChannelId(channel.name())).stream())
                .map(ShardName::keyspace)
                .findFirst();
    }

    /// A duration of whole days.
    static Duration days(int days) {
        return Duration.ofDays(days);
    }
}
