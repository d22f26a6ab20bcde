/// # transport: listeners and links
///
/// What it is: the general gRPC listener of a node (Fabric's AtomicBroadcast and our Cluster service), links to
/// other members, a client for any orderer, and the TLS material and trust all of them share.
///
/// Door: [org.holdfast.transport.Listener] with the three service interfaces, [org.holdfast.transport.Link],
/// [org.holdfast.transport.OrdererClient], [org.holdfast.transport.TlsKeys], [org.holdfast.transport.PeerTrust].
///
/// Owner thread: none. A stream's state is guarded by its own lock, because answers come from any thread; nothing
/// blocks under a lock except a sink waiting for its own reader. Services are called on virtual threads, never on
/// an event loop.
///
/// Flow: bytes → TLS (pins or roots, asked at every handshake) → gRPC frames → a service as `ByteString`; answers
/// go back in order (Broadcast), by id (Submit), or as a back-pressured flow (Deliver, Blocks).
///
/// Invariants: no session is resumed, so trust is asked on each connection; an envelope or a block passes as the
/// bytes it came in; what is received but not answered is bounded per stream and over all streams; a reader that
/// does not read is cut.
///
/// Not here: what an envelope means (order), who the members are (channel), settings files (node), the log
/// engine's own port.
@NullMarked
package org.holdfast.transport;

import org.jspecify.annotations.NullMarked;
