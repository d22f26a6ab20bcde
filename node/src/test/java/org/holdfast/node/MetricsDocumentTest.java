package org.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.holdfast.env.Metric;
import org.junit.jupiter.api.Test;

/// docs/metrics.md says what the declarations say. Run with `-Dholdfast.write.docs=true` it is written anew.
class MetricsDocumentTest {
    private static final Path FILE = Path.of("..", "docs", "metrics.md");

    @Test
    void theDocumentIsUpToDate() throws IOException {
        if (Boolean.getBoolean("holdfast.write.docs")) {
            Files.writeString(FILE, MetricsDocument.text());
        }
        assertThat(Files.readString(FILE)).isEqualTo(MetricsDocument.text());
    }

    @Test
    void everyNameIsDeclaredOnce() {
        List<String> names = MetricsDocument.all().stream().map(Metric::name).toList();
        assertThat(names).doesNotHaveDuplicates();
    }

    /// Names, labels and types as Fabric 2.5's orderer shows them.
    @Test
    void fabricsNamesHaveFabricsLabels() {
        String text = MetricsDocument.text();
        assertThat(text)
                .contains("| `broadcast_processed_count` | counter | `channel`, `type`, `status` |")
                .contains("| `broadcast_enqueue_duration` | histogram | `channel`, `type`, `status` |")
                .contains("| `blockcutter_block_fill_duration` | histogram | `channel` |")
                .contains("| `consensus_etcdraft_data_persist_duration` | histogram | `channel` |")
                .contains("| `deliver_requests_completed` | counter | `channel`, `filtered`, `data_type`, `success` |")
                .contains("| `grpc_server_stream_requests_completed` | counter | `service`, `method`, `code` |")
                .contains("`consensus.etcdraft.is_leader.%{channel}`")
                .contains("| `fabric_version` | gauge | `version` |");
    }
}
