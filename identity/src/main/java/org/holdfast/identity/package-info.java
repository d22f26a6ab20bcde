/// # identity: who signed this, and may they
///
/// What it is: certificates, keys, ECDSA signatures, membership service providers (MSP) as Fabric's configs describe
/// them, and the making of new organisations.
///
/// Door: [org.holdfast.identity.Crypto] (chosen once at start), [org.holdfast.identity.LocalIdentity] (this node or
/// user), [org.holdfast.identity.MspSet] (creator bytes to a validated [org.holdfast.identity.Identity]),
/// [org.holdfast.identity.OrganizationFiles] (a new organisation on disk).
///
/// Owner thread: none. Everything is immutable or safe from any thread; the pools and caches lock nothing for long.
///
/// Flow: creator bytes -> recent identities (a lookup) or certificate -> chain, revocation, units -> Identity -> does
/// it satisfy a principal, does its key verify a signature.
///
/// Invariants: a signature with a high S is never accepted and never made; a certificate is judged at its own
/// NotBefore plus one second, so that expiry is a separate question; providers are asked for explicitly and never
/// registered globally.
///
/// Not here: policies and channel configs (channel), TLS sockets (transport).
@NullMarked
package org.holdfast.identity;

import org.jspecify.annotations.NullMarked;
