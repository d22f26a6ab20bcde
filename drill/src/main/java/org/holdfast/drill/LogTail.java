package org.holdfast.drill;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;

/// Where the entries of an open log segment end.
///
/// Format, from Ratis 3.3: 8 bytes of header, then for each entry its length (varint), its bytes and a 4-byte checksum,
/// then zeros.
///
/// @param entries whole ones
/// @param end offset behind the last of them
record LogTail(int entries, long end) {
    private static final int HEADER = 8;
    private static final int CHECKSUM = 4;

    static LogTail of(byte[] segment) {
        int entries = 0;
        int end = HEADER;
        try {
            CodedInputStream in = CodedInputStream.newInstance(segment, HEADER, segment.length - HEADER);
            while (!in.isAtEnd()) {
                int length = in.readRawVarint32();
                if (length <= 0 || length > segment.length - HEADER - in.getTotalBytesRead() - CHECKSUM) {
                    break;
                }
                in.skipRawBytes(length + CHECKSUM);
                entries++;
                end = HEADER + in.getTotalBytesRead();
            }
        } catch (IOException cutOff) {
            // a length that is not whole ends the entries, too
        }
        return new LogTail(entries, end);
    }
}
