package org.holdfast.channel;

import java.util.List;
import org.holdfast.identity.Msp;

/// An organisation of a channel.
///
/// @param name its group in the config tree
/// @param section where it stands
/// @param msp its membership rules; the id is `msp.id()`
/// @param endpoints `host:port` of its orderers; empty for others
public record Organization(String name, Section section, Msp msp, List<String> endpoints) {
    public Organization {
        endpoints = List.copyOf(endpoints);
    }

    /// The part of the config an organisation belongs to.
    public enum Section {
        ORDERER,
        APPLICATION,
        CONSORTIUM
    }
}
