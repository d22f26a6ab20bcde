package org.holdfast.wire;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/// A block's header, its bytes and its hash, as Fabric defines them: DER `SEQUENCE { INTEGER number, OCTET STRING
/// previousHash, OCTET STRING dataHash }`, SHA-256.
///
/// @param number unsigned 64-bit
/// @param previousHash empty in block 0
/// @param dataHash SHA-256 over the plain concatenation of the block's data elements
public record BlockHeader(long number, ByteString previousHash, ByteString dataHash) {
    /// The header of the block that follows `previous`.
    public static BlockHeader after(BlockHeader previous, List<ByteString> data) {
        return new BlockHeader(previous.number + 1, previous.hash(), dataHash(data));
    }

    /// SHA-256 over the concatenation of the data elements.
    public static ByteString dataHash(List<ByteString> data) {
        MessageDigest digest = sha256();
        for (ByteString element : data) {
            for (var buffer : element.asReadOnlyByteBufferList()) {
                digest.update(buffer);
            }
        }
        return ByteString.copyFrom(digest.digest());
    }

    /// The DER bytes that are hashed and signed.
    public byte[] der() {
        ByteArrayOutputStream body = new ByteArrayOutputStream(80);
        element(body, 0x02, unsigned(number).toByteArray());
        element(body, 0x04, previousHash.toByteArray());
        element(body, 0x04, dataHash.toByteArray());
        ByteArrayOutputStream sequence = new ByteArrayOutputStream(body.size() + 4);
        element(sequence, 0x30, body.toByteArray());
        return sequence.toByteArray();
    }

    /// SHA-256 of [#der].
    public ByteString hash() {
        return ByteString.copyFrom(sha256().digest(der()));
    }

    private static BigInteger unsigned(long value) {
        BigInteger signed = BigInteger.valueOf(value);
        return value >= 0 ? signed : signed.add(BigInteger.ONE.shiftLeft(64));
    }

    private static void element(ByteArrayOutputStream out, int tag, byte[] content) {
        out.write(tag);
        int length = content.length;
        if (length < 0x80) {
            out.write(length);
        } else {
            // A header that a stranger made may hold a hash of any length: its DER must say that length, or two headers
            // would share their bytes and with them hash and signature.
            int digits = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | digits);
            for (int shift = 8 * (digits - 1); shift >= 0; shift -= 8) {
                out.write(length >>> shift);
            }
        }
        out.writeBytes(content);
    }

    /// A new SHA-256.
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
