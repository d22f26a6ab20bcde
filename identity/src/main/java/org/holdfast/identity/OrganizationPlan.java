package org.holdfast.identity;

import java.time.Duration;
import java.util.List;

/// An organisation to be made.
///
/// @param domain e.g. `org1.example.com`; names directories and authorities
/// @param kind what its nodes do
/// @param nodes its nodes; may be empty
/// @param users names without domain besides `Admin`, e.g. `User1`
/// @param validity how long its certificates are valid
public record OrganizationPlan(String domain, Kind kind, List<Node> nodes, List<String> users, Validity validity) {
    public OrganizationPlan {
        nodes = List.copyOf(nodes);
        users = List.copyOf(users);
    }

    /// An organisation whose certificates are valid for [Authority#VALIDITY].
    public OrganizationPlan(String domain, Kind kind, List<Node> nodes, List<String> users) {
        this(domain, kind, nodes, users, Validity.DEFAULT);
    }

    /// From issue to expiry.
    ///
    /// @param authorities of the two CA certificates
    /// @param leaves of members' and TLS certificates
    public record Validity(Duration authorities, Duration leaves) {
        /// Ten years for all.
        public static final Validity DEFAULT = new Validity(Authority.VALIDITY, Authority.VALIDITY);
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
