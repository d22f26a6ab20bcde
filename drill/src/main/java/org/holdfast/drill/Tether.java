package org.holdfast.drill;

import java.io.IOException;
import org.holdfast.env.World;
import org.holdfast.node.NodeMain;

/// Runs a node that ends at once, as by kill -9, when its standard input closes: when the process that started it is
/// gone, however it went.
public final class Tether {
    private static final int ORPHAN = 86;

    private Tether() {}

    /// @param args those of [NodeMain]
    public static void main(String[] args) {
        // The one task of this loop blocks for the process' whole life: a thread of its own is what is wanted.
        World.real()
                .loop("tether", 1, fault -> Runtime.getRuntime().halt(ORPHAN))
                .post(Tether::hold);
        NodeMain.main(args);
    }

    private static void hold() {
        try {
            int read = 0;
            while (read >= 0) {
                read = System.in.read();
            }
            Runtime.getRuntime().halt(ORPHAN);
        } catch (IOException e) {
            throw new IllegalStateException("standard input cannot be read", e);
        }
    }
}
