package org.holdfast.env;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/// A process to be killed: says "ready", then holds a lock or replaces a file until it is gone.
final class DiskChild {
    private static final int BODY_BYTES = 200_000;

    private DiskChild() {}

    public static void main(String[] args) throws Exception {
        Disk disk = World.real().disk();
        Path path = Path.of(args[1]);
        switch (args[0]) {
            case "lock" -> {
                try (Disk.DiskLock lock = disk.lock(path)) {
                    System.out.println(lock == null ? "no lock" : "ready");
                    new CountDownLatch(1).await();
                }
            }
            case "replace" -> replaceForever(disk, path);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void replaceForever(Disk disk, Path path) {
        Frame frame = new Frame("TEST", 1, 1);
        byte[] body = new byte[BODY_BYTES];
        for (int i = 0; ; i++) {
            Arrays.fill(body, (byte) i);
            frame.write(disk, path, body);
            if (i == 0) {
                System.out.println("ready");
            }
        }
    }
}
