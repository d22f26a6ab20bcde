package org.holdfast.lab.sim;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.ledger.IndexStore;
import org.jspecify.annotations.Nullable;

/// An index in memory that behaves as RocksDB does without its log: a crash takes everything after the last flush, a
/// flush may happen at any write, a full disk makes writes fail until the store is opened again.
final class SimStore implements IndexStore {
    private static final int FLUSH_PERMILLE = 30;
    private static final int FAULT_PERMILLE = 300;

    private final Host host;
    private final SimDisk device;
    private final Path image;
    private final Dice dice;
    private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);

    private SimStore(Host host, SimDisk device, Path directory, Dice dice) {
        this.host = host;
        this.device = device;
        this.image = directory.resolve("image");
        this.dice = dice;
    }

    static Engine engine(Host host, SimDisk device, Dice dice) {
        Disk disk = host.disk();
        return directory -> {
            if (device.isFull() && dice.coin()) {
                throw new IOException("No space left on device");
            }
            disk.createDirectories(directory);
            SimStore store = new SimStore(host, device, directory, dice);
            if (disk.exists(store.image)) {
                store.load(ByteBuffer.wrap(disk.read(store.image)));
            }
            return store;
        };
    }

    private void load(ByteBuffer in) throws IOException {
        try {
            while (in.hasRemaining()) {
                byte[] key = new byte[in.getInt()];
                byte[] value = new byte[in.getInt()];
                in.get(key).get(value);
                entries.put(key, value);
            }
        } catch (BufferUnderflowException torn) { // only on a disk that lies
            throw new IOException("the index is damaged", torn);
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return entries.get(key);
    }

    @Override
    public byte @Nullable [] keyFrom(byte[] from) {
        return entries.ceilingKey(from);
    }

    @Override
    public void forEach(BiConsumer<byte[], byte[]> visitor) {
        entries.forEach(visitor);
    }

    @Override
    public void write(Consumer<Batch> changes) {
        if (device.isFull() && dice.permille(FAULT_PERMILLE)) {
            throw new DiskFault("writing index", image, new IOException("No space left on device"));
        }
        changes.accept(new Batch() {
            @Override
            public void put(byte[] key, byte[] value) {
                entries.put(key, value);
            }

            @Override
            public void delete(byte[] key) {
                entries.remove(key);
            }
        });
        if (dice.permille(FLUSH_PERMILLE) && !device.isFull()) {
            flush();
        }
    }

    @Override
    public void flush() {
        int size = 0;
        for (Map.Entry<byte[], byte[]> entry : entries.entrySet()) {
            size += 2 * Integer.BYTES + entry.getKey().length + entry.getValue().length;
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        entries.forEach((key, value) ->
                out.putInt(key.length).putInt(value.length).put(key).put(value));
        // The ledger writes its index within a lock.
        host.locked(() -> host.disk().replace(image, out.array()));
    }

    @Override
    public void close() {
        if (dice.coin() && !device.isFull()) {
            flush();
        }
    }
}
