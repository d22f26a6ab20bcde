package org.holdfast.keyspace;

/// A checkpoint on its way to this node.
///
/// @param from the member that sends it
/// @param block the last block in it
/// @param bytes that have come
/// @param total that are to come in all
public record Transfer(String from, long block, long bytes, long total) {
    Transfer with(long more) {
        return new Transfer(from, block, bytes + more, total);
    }
}
