package org.holdfast.state.redis;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.holdfast.state.Batch;
import org.holdfast.state.Reply;

/// What stands behind the door: takes requests to the ledger and its state. Its methods are called on event loops and
/// never block; its stages are completed on any thread.
///
/// Of one session, requests that are in flight together are all reading or all writing, and have to take effect in the
/// order in which they were handed over; the door holds a read back while writes are in flight, and the other way
/// round. A stage that fails with a [org.holdfast.wire.Refusal.Refused] tells the client the refusal; any other
/// failure is a bug, which the door says and logs.
public interface Backend {
    /// Has a request done. A written reply is given after the commit is durable and applied here.
    ///
    /// @return one reply; of a transaction the listing of all
    CompletionStage<Reply> execute(Request request);

    /// The versions of keys, linearizable: what WATCH remembers.
    ///
    /// @param keys as the client names them
    /// @return as many, in the same order, the keys in the form in which the watches of a request are wanted
    CompletionStage<List<Batch.Watch>> watch(Request.Origin origin, List<byte[]> keys);

    /// Has somebody told of every key in which an element may have come to be
    /// ([org.holdfast.state.ShardState#poppable]),
    /// by its full name, after the write shows in reads of this node: clients that wait for one try again then, so a
    /// try that found nothing must not tell of its key. Called once by each door, before its first request; the
    /// listener returns at once and may be called on any thread.
    void onWritten(Consumer<List<byte[]>> listener);

    /// Lines for INFO that only the backend knows.
    ///
    /// @return sections with their lines `name:value`; a section the door has, too, is appended to it
    default List<Section> info() {
        return List.of();
    }

    /// A section of INFO.
    ///
    /// @param name as in the heading, such as `Keyspace`
    record Section(String name, List<String> lines) {}
}
