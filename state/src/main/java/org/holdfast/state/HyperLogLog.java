package org.holdfast.state;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An estimate of how many different elements were seen, in bounded space: 2^14 registers, each the longest run of
/// zeros seen among the hashes that fall to it. The standard error is 1.04 / sqrt(2^14), or 0.81 %.
///
/// Construction: P. Flajolet, É. Fusy, O. Gandouet, F. Meunier: "HyperLogLog: the analysis of a near-optimal
/// cardinality estimation algorithm", AofA 2007. Estimator, without tables and without a special case for small counts:
/// O. Ertl: "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, algorithm 6. The
/// hash of an element is the first 64 bits of its SHA-256.
///
/// Bytes: magic `HFLL`, version 1, then form 0 and three bytes for each register that is not zero (its number, its
/// value) in order of the numbers; or form 1 and one byte for each register.
final class HyperLogLog {
    private static final int MAGIC = 0x48464c4c;
    private static final int VERSION = 1;
    private static final int SPARSE = 0;
    private static final int DENSE = 1;
    private static final int HEAD_BYTES = Integer.BYTES + 2;
    private static final int SPARSE_BYTES = Short.BYTES + 1;
    private static final int INDEX_BITS = 14;
    private static final int REGISTERS = 1 << INDEX_BITS;
    private static final int SPARSE_MAX = 2_000;
    private static final int RANK_MAX = Long.SIZE - INDEX_BITS + 1;
    private static final double ALPHA = 0.5 / Math.log(2);

    private final byte[] registers;

    private HyperLogLog(byte[] registers) {
        this.registers = registers;
    }

    /// Of nothing.
    HyperLogLog() {
        this(new byte[REGISTERS]);
    }

    /// As stored by [#encode]; null when these bytes are something else.
    static @Nullable HyperLogLog decode(byte[] stored) {
        if (stored.length < HEAD_BYTES || ByteBuffer.wrap(stored).getInt() != MAGIC || stored[4] != VERSION) {
            return null;
        }
        byte[] registers = new byte[REGISTERS];
        int left = stored.length - HEAD_BYTES;
        if (stored[5] == DENSE && left == REGISTERS) {
            System.arraycopy(stored, HEAD_BYTES, registers, 0, REGISTERS);
        } else if (stored[5] == SPARSE && left % SPARSE_BYTES == 0) {
            ByteBuffer bytes = ByteBuffer.wrap(stored, HEAD_BYTES, left);
            while (bytes.hasRemaining()) {
                registers[bytes.getShort() & (REGISTERS - 1)] = bytes.get();
            }
        } else {
            return null;
        }
        for (byte rank : registers) {
            if (rank < 0 || rank > RANK_MAX) {
                return null;
            }
        }
        return new HyperLogLog(registers);
    }

    byte[] encode() {
        int used = 0;
        for (byte rank : registers) {
            used += rank == 0 ? 0 : 1;
        }
        boolean sparse = used <= SPARSE_MAX;
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + (sparse ? used * SPARSE_BYTES : REGISTERS));
        bytes.putInt(MAGIC).put((byte) VERSION).put((byte) (sparse ? SPARSE : DENSE));
        if (!sparse) {
            return bytes.put(registers).array();
        }
        for (int i = 0; i < REGISTERS; i++) {
            if (registers[i] != 0) {
                bytes.putShort((short) i).put(registers[i]);
            }
        }
        return bytes.array();
    }

    /// @return whether that changed anything
    boolean add(byte[] element) {
        long hash = ByteBuffer.wrap(Layout.sha256().digest(element)).getLong();
        int index = (int) (hash >>> (Long.SIZE - INDEX_BITS));
        // The mark behind the last bit ends the run of zeros at the latest.
        byte rank = (byte) (Long.numberOfLeadingZeros(hash << INDEX_BITS | 1L << (INDEX_BITS - 1)) + 1);
        boolean greater = rank > registers[index];
        if (greater) {
            registers[index] = rank;
        }
        return greater;
    }

    void merge(HyperLogLog other) {
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = (byte) Math.max(registers[i], other.registers[i]);
        }
    }

    /// The estimate.
    long count() {
        int[] histogram = new int[RANK_MAX + 1];
        for (byte rank : registers) {
            histogram[rank]++;
        }
        double m = REGISTERS;
        double z = m * tau((m - histogram[RANK_MAX]) / m);
        for (int rank = RANK_MAX - 1; rank >= 1; rank--) {
            z = 0.5 * (z + histogram[rank]);
        }
        z += m * sigma(histogram[0] / m);
        return Math.round(ALPHA * m * m / z);
    }

    /// x + sum over k ≥ 1 of x^(2^k) · 2^(k-1); infinite at 1.
    private static double sigma(double x) {
        if (x == 1) {
            return Double.POSITIVE_INFINITY;
        }
        double power = x;
        double factor = 1;
        double sum = x;
        double before;
        do {
            before = sum;
            power *= power;
            sum += power * factor;
            factor += factor;
        } while (sum != before);
        return sum;
    }

    /// (1 - x - sum over k ≥ 1 of (1 - x^(2^-k))² · 2^-k) / 3; zero at both ends.
    private static double tau(double x) {
        if (x == 0 || x == 1) {
            return 0;
        }
        double root = x;
        double factor = 1;
        double sum = 1 - x;
        double before;
        do {
            before = sum;
            root = Math.sqrt(root);
            factor *= 0.5;
            sum -= (1 - root) * (1 - root) * factor;
        } while (sum != before);
        return sum / 3;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HyperLogLog that && Arrays.equals(registers, that.registers);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(registers);
    }
}
