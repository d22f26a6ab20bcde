package org.holdfast.lab.sim;

/// No channel meets a broken invariant. Thrown where the orderer halts its log.
final class NobodyHalts implements Rule {}
