package org.holdfast.identity;

import java.util.List;

/// An organisation to be made.
///
/// @param domain e.g. `org1.example.com`; names directories and authorities
/// @param kind what its nodes do
/// @param nodes its nodes; may be empty
/// @param users names without domain besides `Admin`, e.g. `User1`
public record OrganizationPlan(String domain, Kind kind, List<Node> nodes, List<String> users) {
    public OrganizationPlan {
        nodes = List.copyOf(nodes);
        users = List.copyOf(users);
    }

    /// What an organisation's nodes do.
    public enum Kind {
        ORDERER("ordererOrganizations", "orderers", Role.ORDERER),
        PEER("peerOrganizations", "peers", Role.PEER);

        private final String organizations;
        private final String nodes;
        private final Role role;

        Kind(String organizations, String nodes, Role role) {
            this.organizations = organizations;
            this.nodes = nodes;
            this.role = role;
        }

        String organizations() {
            return organizations;
        }

        String nodes() {
            return nodes;
        }

        Role role() {
            return role;
        }
    }

    /// A node.
    ///
    /// @param name full name, e.g. `orderer1.example.com`
    /// @param alternatives DNS names and IP addresses its TLS certificate holds besides the name
    public record Node(String name, List<String> alternatives) {
        public Node {
            alternatives = List.copyOf(alternatives);
        }
    }
}
