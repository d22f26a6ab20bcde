package org.holdfast.drill;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.env.Disk;
import org.holdfast.env.World;

/// Power fails on all machines while they write: what was not yet forced to the disk is there in part, or garbled.
final class TornTail implements Drill {
    /// Goes at most from the end of a block file.
    private static final int CUT_BYTES = 6000;
    /// What a torn write has left of an entry behind the last one of the log.
    private static final int TORN_BYTES = 700;

    private static final int TORN_LENGTH = 5000;

    @Override
    public String name() {
        return "torn-tail";
    }

    @Override
    public String summary() {
        return "power fails on all nodes: newest blocks are cut off, logs end in half a write; all start again";
    }

    @Override
    public int seconds() {
        return 1;
    }

    @Override
    public void carryOut(Scene scene) {
        Sandbox sandbox = scene.sandbox();
        long since = scene.fault("kill -9 of all nodes");
        sandbox.nodes().forEach(SandboxNode::kill);
        for (SandboxNode node : sandbox.nodes()) {
            scene.step("%s: %d bytes cut off its newest block file, %s"
                    .formatted(node.name(), cutBlocks(sandbox, node), tearLog(scene.world(), node)));
        }
        scene.hold();
        sandbox.nodes().forEach(SandboxNode::start);
        scene.healed("all nodes are started again");
        scene.anyLeader(since);
        scene.service(since);
    }

    /// Blocks are not forced one by one: the log holds what they are made of. The first block and the file's header
    /// were forced when the channel was joined, and stay.
    private static long cutBlocks(Sandbox sandbox, SandboxNode node) {
        World world = sandbox.world();
        Path newest = world.disk()
                .list(node.ledger(Sandbox.CHANNEL).resolve("blocks"))
                .getLast();
        long kept = world.disk().read(sandbox.genesis()).length + 200L;
        try (Disk.DiskFile file = world.disk().open(newest)) {
            long cut = Math.min(CUT_BYTES, Math.max(file.size() - kept, 0));
            file.truncate(file.size() - cut);
            return cut;
        }
    }

    /// Half an entry behind the last one: a length, and fewer bytes than it says.
    private static String tearLog(World world, SandboxNode node) {
        Optional<Path> open = openSegment(world, node.dataDirectory().resolve("log"));
        if (open.isEmpty()) {
            return "it has no open log segment";
        }
        try (Disk.DiskFile file = world.disk().open(open.get())) {
            LogTail tail = LogTail.of(world.disk().read(open.get()));
            byte[] torn = new byte[TORN_BYTES];
            world.chance().nextBytes(torn);
            torn[0] = (byte) ((TORN_LENGTH & 0x7f) | 0x80);
            torn[1] = (byte) (TORN_LENGTH >>> 7);
            file.write(ByteBuffer.wrap(torn), tail.end());
            return "half an entry written behind entry %d of %s"
                    .formatted(tail.entries(), open.get().getFileName());
        }
    }

    /// Below the log's directory: one directory for each life of the node, in it one for each channel.
    private static Optional<Path> openSegment(World world, Path directory) {
        Disk disk = world.disk();
        List<Path> found = disk.list(directory).stream()
                .flatMap(life -> disk.list(life.resolve("groups")).stream())
                .flatMap(group -> disk.list(group.resolve("current")).stream())
                .filter(path -> String.valueOf(path.getFileName()).startsWith("log_inprogress_"))
                .toList();
        return found.isEmpty() ? Optional.empty() : Optional.of(found.getLast());
    }
}
