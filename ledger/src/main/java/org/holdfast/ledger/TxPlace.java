package org.holdfast.ledger;

/// Where a transaction lies.
///
/// @param block the block's number
/// @param position index into the block's data, from 0
public record TxPlace(long block, int position) {}
