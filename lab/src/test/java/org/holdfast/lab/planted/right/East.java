package org.holdfast.lab.planted.right;

/// Looks nowhere.
public final class East {}
