package org.holdfast.identity;

/// What a certificate's NodeOU unit makes of its holder.
public enum Role {
    CLIENT,
    PEER,
    ADMIN,
    ORDERER;

    /// The unit name cryptogen and Fabric CA use by default.
    public String unit() {
        return switch (this) {
            case CLIENT -> "client";
            case PEER -> "peer";
            case ADMIN -> "admin";
            case ORDERER -> "orderer";
        };
    }
}
