package org.holdfast.drill;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.holdfast.env.World;

/// What a drill wants of the machine.
public enum Need {
    /// To be root.
    ROOT("root") {
        @Override
        Optional<String> lacking(World world) {
            String user = Shell.attempt("id", "-u").isPresent() ? "?" : Shell.run("id", "-u");
            return user.equals("0") ? Optional.empty() : Optional.of("you are not root: start it with sudo");
        }
    },
    /// Network namespaces, joined by bridges.
    NAMESPACES("ip (iproute2)") {
        @Override
        Optional<String> lacking(World world) {
            return Shell.attempt("ip", "-V")
                    .map(_ -> "the program 'ip' is missing: install iproute2")
                    .or(() -> Shell.attempt("unshare", "--net", "ip", "link", "add", "hfdprobe", "type", "bridge")
                            .map(why -> "no network namespace with a bridge can be made here: " + why));
        }
    },
    /// File systems of a limited size.
    MOUNTS("mount") {
        @Override
        Optional<String> lacking(World world) {
            return Shell.attempt("unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/mnt")
                    .map(why -> "no tmpfs can be mounted here: " + why);
        }
    },
    /// A loopback network of more than one address, as on Linux.
    LOOPBACK_NET("Linux") {
        @Override
        Optional<String> lacking(World world) {
            return linux() ? Optional.empty() : Optional.of("127.0.0.2 is no address of this machine: Linux is wanted");
        }
    },
    /// The libfaketime library, which shows one process another time.
    FAKETIME("libfaketime") {
        @Override
        Optional<String> lacking(World world) {
            return fakeTime(world).isPresent()
                    ? Optional.empty()
                    : Optional.of("the library libfaketime is missing: install the package libfaketime (Linux)");
        }
    };

    private static final List<String> LIBRARIES = List.of(
            "/usr/lib/x86_64-linux-gnu/faketime",
            "/usr/lib/aarch64-linux-gnu/faketime",
            "/usr/lib64/faketime",
            "/usr/lib/faketime",
            "/usr/local/lib/faketime");

    private final String words;

    Need(String words) {
        this.words = words;
    }

    /// In a word or two.
    public String words() {
        return words;
    }

    /// Why this machine does not have it, and what to do about it; empty when it has.
    abstract Optional<String> lacking(World world);

    /// The library for programs of many threads.
    static Optional<Path> fakeTime(World world) {
        return linux()
                ? LIBRARIES.stream()
                        .map(directory -> Path.of(directory, "libfaketimeMT.so.1"))
                        .filter(world.disk()::exists)
                        .findFirst()
                : Optional.empty();
    }

    private static boolean linux() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");
    }
}
