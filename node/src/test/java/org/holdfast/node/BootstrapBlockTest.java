package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.holdfast.env.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which blocks a node may start with. The foreign oracle is configtxgen, 2.5.12 and 2.2.15, and what a real orderer
/// delivered.
class BootstrapBlockTest {
    @TempDir
    Path directory;

    private Optional<String> fault(String name) throws Exception {
        Path file = directory.resolve("genesis.block");
        try (InputStream in = getClass().getResourceAsStream("/fabric/bootstrap/" + name)) {
            assertThat(in).isNotNull();
            Files.write(file, in.readAllBytes());
        }
        return BootstrapBlock.fault(World.real().disk(), file);
    }

    @Test
    void anApplicationChannelsGenesisBlockIsTaken() throws Exception {
        assertThat(fault("genesis-2.5-blkch.block")).isEmpty();
    }

    @Test
    void aSystemChannelsGenesisBlockIsRefusedWithWhatToDo() throws Exception {
        assertThat(fault("genesis-2.2-system-etcdraft.block").orElseThrow())
                .contains("system channel", "Consortiums", "General.BootstrapMethod to none", "one by one");
    }

    @Test
    void aLaterBlockIsNoGenesisBlock() throws Exception {
        assertThat(fault("blkch-01.block")).isPresent();
        Path garbage = Files.write(directory.resolve("garbage"), new byte[] {1, 2, 3});
        assertThat(BootstrapBlock.fault(World.real().disk(), garbage)).isPresent();
        Path empty = Files.write(directory.resolve("empty"), new byte[0]);
        assertThat(BootstrapBlock.fault(World.real().disk(), empty)).isPresent();
        assertThat(BootstrapBlock.fault(World.real().disk(), directory)).isPresent();
    }
}
