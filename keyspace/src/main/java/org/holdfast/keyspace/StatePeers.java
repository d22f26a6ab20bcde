package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.holdfast.state.BlockDigest;

/// The states that the other members of a channel have of its shard. Every call may block, a few seconds where nothing
/// else is said; any thread.
public interface StatePeers {
    /// Nobody.
    StatePeers NONE = new StatePeers() {
        @Override
        public List<String> names() {
            return List.of();
        }

        @Override
        public Optional<Told> told(String member, long block) {
            return Optional.empty();
        }

        @Override
        public Parts checkpoint(String member, long applied) throws IOException {
            throw new IOException("there is no other member");
        }
    };

    /// The other members, as operators call them.
    List<String> names();

    /// What a member says of its state; empty when it does not answer, or has none.
    ///
    /// @param block whose digest is wanted
    Optional<Told> told(String member, long block);

    /// Asks a member for a checkpoint.
    ///
    /// @param applied the last block that is here
    /// @throws IOException when it cannot be reached; throws [org.holdfast.wire.Refusal.Refused] when it refuses, here
    ///     or while the parts are read
    Parts checkpoint(String member, long applied) throws IOException;

    /// @param applied the last block in the member's state
    /// @param digest after the block asked for, where it remembers one
    record Told(long applied, Optional<BlockDigest> digest) {}

    /// A checkpoint as it comes: serialized CheckpointPart messages (cluster.proto).
    interface Parts extends AutoCloseable {
        /// Waits for the next part.
        ///
        /// @return empty at the end
        Optional<ByteString> next() throws IOException;

        @Override
        void close();
    }
}
