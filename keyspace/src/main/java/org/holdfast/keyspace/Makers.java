package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.channel.Organization;
import org.holdfast.identity.BadMaterial;
import org.holdfast.identity.Identity;
import org.holdfast.identity.Role;

/// Who makes commands in a channel: its nodes, by one config of it. The same on every node, for it depends on that
/// config alone; whether a certificate has expired meanwhile does not count.
///
/// A node is a member of an organisation that has orderers and, where that organisation tells its nodes from its
/// clients by unit (NodeOUs with an orderers' one), of that unit. Consenters are named in a config by their TLS
/// certificates only, which sign no envelopes.
record Makers(ChannelConfig config) {
    boolean has(ByteString creator) {
        Identity identity;
        try {
            identity = config.msps().identity(creator);
        } catch (BadMaterial nobody) {
            return false;
        }
        return config.organizations().stream()
                .filter(organization -> organization.section() == Organization.Section.ORDERER)
                .filter(organization -> organization.msp().id().equals(identity.mspId()))
                .anyMatch(organization -> !organization.msp().knows(Role.ORDERER)
                        || identity.roles().contains(Role.ORDERER));
    }
}
