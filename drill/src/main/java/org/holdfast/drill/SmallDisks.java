package org.holdfast.drill;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;

/// Every node's data lies on a file system of its own, limited in size, in memory. Owned by the thread that drives the
/// sandbox.
final class SmallDisks implements Ground {
    /// Enough for a node, which wants the room of some log segments.
    private static final String SIZE = "size=300m";

    private static final int PIECE_BYTES = 1 << 20;
    private static final int PIECES_MAX = 1000;
    private static final String BALLAST = "ballast";

    private final Site site;
    private final List<Path> mounted = new ArrayList<>();

    SmallDisks(Site site) {
        this.site = site;
    }

    @Override
    public void furnished(Sandbox sandbox) {
        for (SandboxNode node : sandbox.nodes()) {
            Path data = node.dataDirectory();
            Shell.run("mount", "-t", "tmpfs", "-o", SIZE, Site.PREFIX + site.mark(), data.toString());
            mounted.add(data);
        }
    }

    /// Leaves no byte free where a node keeps its data.
    ///
    /// @return how many bytes that took
    long fill(SandboxNode node) {
        byte[] piece = new byte[PIECE_BYTES];
        long written = 0;
        try (Disk.DiskFile file = site.world().disk().open(ballast(node))) {
            for (int size = PIECE_BYTES; size > 0; size /= 2) {
                try {
                    for (int i = 0; i < PIECES_MAX; i++) {
                        file.write(ByteBuffer.wrap(piece, 0, size), written);
                        written += size;
                    }
                } catch (DiskFault full) {
                    // smaller pieces may still fit
                    written = file.size();
                }
            }
        }
        return written;
    }

    /// Takes [#fill] back.
    void free(SandboxNode node) {
        site.world().disk().delete(ballast(node));
    }

    @Override
    public void close() {
        List<String> stuck = new ArrayList<>();
        for (Path point : mounted) {
            Shell.attempt("umount", point.toString()).ifPresent(stuck::add);
        }
        mounted.clear();
        if (!stuck.isEmpty()) {
            throw new DrillFault("the sandbox's disks cannot be taken back: " + stuck);
        }
    }

    private static Path ballast(SandboxNode node) {
        return node.dataDirectory().resolve(BALLAST);
    }
}
