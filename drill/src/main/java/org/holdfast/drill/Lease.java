package org.holdfast.drill;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.env.World;

/// A note in the system's directory for temporary files that a rehearsal is under way, so that what a killed one has
/// left behind is found. What is left is told, never removed: the directory is writable to others.
///
/// Format: `holdfast-drill-<mark>.lease`, text: `pid <n>`, `began <ms since the epoch>`, `directory <path>`, a line
/// each.
public final class Lease implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("holdfast-drill-([0-9a-f]{4})\\.lease");
    private static final Pattern CONTENT = Pattern.compile("pid (\\d+)\nbegan (\\d+)\ndirectory ([^\n]+)\n");

    private final World world;
    private final Path file;

    private Lease(World world, Path file) {
        this.world = world;
        this.file = file;
    }

    static Lease take(Site site) {
        Path file = home().resolve("holdfast-drill-" + site.mark() + ".lease");
        ProcessHandle self = ProcessHandle.current();
        String content = "pid %d\nbegan %d\ndirectory %s\n".formatted(self.pid(), began(self), site.directory());
        site.world().disk().replace(file, content.getBytes(StandardCharsets.UTF_8));
        return new Lease(site.world(), file);
    }

    /// Nothing is left.
    void end() {
        world.disk().delete(file);
    }

    @Override
    public void close() {
        end();
    }

    /// What rehearsals that were killed have left on this machine, a line each, with the commands that remove it. A
    /// note of one that left nothing is deleted.
    public static List<String> leftovers(World world) {
        List<String> found = new ArrayList<>();
        for (Path file : world.disk().list(home())) {
            Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
            if (name.matches()) {
                Matcher content = CONTENT.matcher(new String(world.disk().read(file), StandardCharsets.UTF_8));
                if (content.matches() && !runs(content)) {
                    List<String> commands = commands(world, name.group(1), content.group(3));
                    if (commands.isEmpty()) {
                        world.disk().delete(file);
                    } else {
                        found.add("a drill that was killed (process %s) has left something; remove it with: %s; rm %s"
                                .formatted(content.group(1), String.join("; ", commands), file));
                    }
                }
            }
        }
        return found;
    }

    private static boolean runs(Matcher content) {
        Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(content.group(1)));
        return process.filter(handle -> began(handle) == Long.parseLong(content.group(2)))
                .isPresent();
    }

    private static long began(ProcessHandle process) {
        return process.info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElse(0L);
    }

    private static List<String> commands(World world, String mark, String directory) {
        List<String> commands = new ArrayList<>();
        String ours = Site.PREFIX + mark;
        lines(world, "/proc/self/mounts")
                .map(line -> line.split(" ", -1)[1])
                .filter(point -> point.startsWith(directory + "/"))
                .forEach(point -> commands.add("umount " + point));
        for (Path space : world.disk().list(Path.of("/run/netns"))) {
            String name = String.valueOf(space.getFileName());
            if (name.startsWith(ours)) {
                commands.add("ip netns del " + name);
            }
        }
        for (Path device : world.disk().list(Path.of("/sys/class/net"))) {
            String name = String.valueOf(device.getFileName());
            if (name.startsWith(ours)) {
                commands.add("ip link del " + name);
            }
        }
        if (world.disk().exists(Path.of(directory))) {
            commands.add("rm -r " + directory);
        }
        return commands;
    }

    private static java.util.stream.Stream<String> lines(World world, String file) {
        Path path = Path.of(file);
        return world.disk().exists(path)
                ? new String(world.disk().read(path), StandardCharsets.UTF_8).lines()
                : java.util.stream.Stream.empty();
    }

    private static Path home() {
        return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    }
}
