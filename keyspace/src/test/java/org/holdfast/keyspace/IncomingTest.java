package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.env.DiskFault;
import org.holdfast.wire.proto.CheckpointFile;
import org.holdfast.wire.proto.CheckpointFileEnd;
import org.holdfast.wire.proto.CheckpointHead;
import org.holdfast.wire.proto.CheckpointPart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Parts of a checkpoint as a member that means no good may send them.
class IncomingTest {
    private static final byte[] CONTENT = "MANIFEST-000005\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    @TempDir
    Path temp;

    private int directories;

    @Test
    void soundPartsBecomeFiles() throws IOException {
        List<ByteString> parts = new ArrayList<>(List.of(head(7, 2, 2L * CONTENT.length)));
        parts.addAll(file("CURRENT", CONTENT));
        parts.addAll(file("000012.sst", CONTENT));
        Path directory = take(parts);
        assertThat(directory.resolve("CURRENT")).hasBinaryContent(CONTENT);
        assertThat(directory.resolve("000012.sst")).hasBinaryContent(CONTENT);
    }

    @Test
    void aHeadThatPromisesNothingIsRefused() {
        assertUnsound(List.of(), "ends too early");
        assertUnsound(List.of(ByteString.copyFromUtf8("\u0007no part")), "does not decode");
        assertUnsound(file("CURRENT", CONTENT), "without a head");
        assertUnsound(List.of(head(3, 1, 10)), "block 5 is here");
        assertUnsound(List.of(head(7, 0, 10)), "0 files");
        assertUnsound(List.of(head(7, 1 << 20, 10)), "1048576 files");
        assertUnsound(List.of(head(7, 1, -1)), "-1 bytes");
        assertUnsound(
                List.of(part(CheckpointPart.newBuilder()
                        .setHead(CheckpointHead.newBuilder().setVersion(9)))),
                "version 9");
    }

    @Test
    void onlyNamesOfAStatesFilesAreTaken() {
        for (String name : List.of("../CURRENT", "CURRENT/x", "", "/etc/passwd", "LOCK", "12.sst.exe", "a.sst")) {
            assertUnsound(checkpoint(file(name, CONTENT)), "name");
        }
        List<ByteString> twice = new ArrayList<>(List.of(head(7, 2, 2L * CONTENT.length)));
        twice.addAll(file("CURRENT", CONTENT));
        twice.addAll(file("CURRENT", CONTENT));
        assertUnsound(twice, "twice");
    }

    @Test
    void sizesAndChecksumsHaveToBeAsSaid() {
        List<ByteString> file = file("CURRENT", CONTENT);
        assertUnsound(checkpoint(List.of(file.get(0), chunk(new byte[CONTENT.length]), file.get(2))), "checksum");
        assertUnsound(checkpoint(List.of(file.get(0), chunk(new byte[CONTENT.length + 1]))), "as it says");
        assertUnsound(checkpoint(List.of(file.get(0), chunk(new byte[0]))), "as it says");
        assertUnsound(checkpoint(List.of(file.get(0), file.get(2))), "as it says");
        assertUnsound(checkpoint(List.of(file.get(0), file.get(1))), "too early");
        assertUnsound(checkpoint(List.of(file.get(0), file.get(1), file.get(1))), "does not end");
        List<ByteString> more = new ArrayList<>(checkpoint(file));
        more.add(chunk(CONTENT));
        assertUnsound(more, "behind its last file");
        List<ByteString> larger = new ArrayList<>(List.of(head(7, 1, CONTENT.length - 1)));
        larger.addAll(file);
        assertUnsound(larger, "larger");
        List<ByteString> smaller = new ArrayList<>(List.of(head(7, 1, CONTENT.length + 1)));
        smaller.addAll(file);
        assertUnsound(smaller, "smaller");
    }

    @Test
    void whatDoesNotFitOnTheDiskIsADiskFaultBeforeAByteIsWritten() {
        assertThatThrownBy(() -> take(List.of(head(7, 1, Long.MAX_VALUE))))
                .isInstanceOf(DiskFault.class)
                .hasMessageContaining("MiB are free");
    }

    private void assertUnsound(List<ByteString> parts, String complaint) {
        assertThatThrownBy(() -> take(parts))
                .isInstanceOf(Incoming.Unsound.class)
                .hasMessageContaining(complaint);
    }

    private Path take(List<ByteString> parts) throws IOException {
        Path directory = temp.resolve("in" + ++directories);
        Incoming incoming = new Incoming(Town.WORLD.disk(), PaperPeers.of(parts));
        incoming.files(incoming.head(5), directory, bytes -> {});
        return directory;
    }

    private static List<ByteString> checkpoint(List<ByteString> file) {
        List<ByteString> parts = new ArrayList<>(List.of(head(7, 1, CONTENT.length)));
        parts.addAll(file);
        return parts;
    }

    private static List<ByteString> file(String name, byte[] content) {
        ByteString sum = ByteString.copyFrom(Sending.sha256().digest(content));
        return List.of(
                part(CheckpointPart.newBuilder()
                        .setFile(CheckpointFile.newBuilder().setName(name).setBytes(content.length))),
                chunk(content),
                part(CheckpointPart.newBuilder()
                        .setEnd(CheckpointFileEnd.newBuilder().setSha256(sum))));
    }

    private static ByteString head(long block, int files, long bytes) {
        return part(CheckpointPart.newBuilder()
                .setHead(CheckpointHead.newBuilder()
                        .setVersion(Sending.VERSION)
                        .setBlock(block)
                        .setFiles(files)
                        .setBytes(bytes)));
    }

    private static ByteString chunk(byte[] bytes) {
        return part(CheckpointPart.newBuilder().setChunk(ByteString.copyFrom(bytes)));
    }

    private static ByteString part(CheckpointPart.Builder part) {
        return part.build().toByteString();
    }
}
