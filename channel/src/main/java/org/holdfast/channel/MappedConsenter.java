package org.holdfast.channel;

import java.security.cert.X509Certificate;

/// A member of a Byzantine-fault tolerant channel, from Fabric 3's `/Channel/Orderer/Orderers` (`common.Orderers`).
/// Read and shown; no engine of this version orders by it.
///
/// @param id unique in the channel, chosen by whoever wrote the config; unsigned
/// @param host of its cluster listener
/// @param port of its cluster listener
/// @param mspId its organisation
/// @param identity signs blocks
/// @param clientTls its certificate as a client of the others
/// @param serverTls its certificate as a server
public record MappedConsenter(
        int id,
        String host,
        int port,
        String mspId,
        X509Certificate identity,
        X509Certificate clientTls,
        X509Certificate serverTls) {}
