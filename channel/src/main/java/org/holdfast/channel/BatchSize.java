package org.holdfast.channel;

/// The limits of a block.
///
/// @param maxMessages envelopes
/// @param absoluteMaxBytes payload and signature bytes of one envelope
/// @param preferredMaxBytes payload and signature bytes of a block, unless one envelope alone is larger
public record BatchSize(int maxMessages, int absoluteMaxBytes, int preferredMaxBytes) {}
