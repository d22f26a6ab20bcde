package org.holdfast.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.holdfast.env.Disk;
import org.holdfast.env.DiskFault;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.order.Orderer;
import org.holdfast.order.OrdererStatus;
import org.holdfast.wire.Decode;

/// Whether a node can do its work now: take an envelope for each of its channels and answer for it.
///
/// Healthy means: the engine runs, every channel that was joined is open and knows a leader, its log and its blocks can
/// be written, the state of a shard takes blocks and is that of a majority, and the disk has room for more. How far a
/// node is behind the others
/// is not part of it: a node that reads
/// the log late answers late, within its clients' patience, and a load balancer that took it out would lose a node that
/// is about to be well; `holdfast status` and the figures say how far. A node that fetches blocks because it has no log
/// for them knows a leader and counts as healthy when its channel is open.
final class Health {
    /// The engine stops writing its log below this and begins again above it.
    private static final long FREE_BYTES_MIN = 128L << 20;

    /// Something that keeps the node from its work.
    ///
    /// @param component `engine`, `disk`, `operations`, or a channel's name after `channel ` or `shard `
    /// @param reason what it is, for the operator
    record Failure(String component, String reason) {
        static final String OPERATIONS = "operations";

        @Override
        public String toString() {
            return component + ": " + reason;
        }
    }

    private final Channels channels;
    private final Keyspaces keyspaces;
    private final DigestWatch digests;
    private final Disk disk;
    private final List<Path> places;

    /// @param places directories that need room
    Health(Channels channels, Keyspaces keyspaces, DigestWatch digests, Disk disk, List<Path> places) {
        this.channels = channels;
        this.keyspaces = keyspaces;
        this.digests = digests;
        this.disk = disk;
        this.places = List.copyOf(places);
    }

    /// Everything that is wrong; empty = healthy.
    List<Failure> failures() {
        List<Failure> found = new ArrayList<>();
        if (!channels.engineRuns()) {
            found.add(new Failure("engine", "the log engine is starting"));
        }
        Map<String, String> wrong = new TreeMap<>();
        channels.problems().forEach((id, reason) -> wrong.put(id.name(), reason));
        for (Orderer orderer : channels.open()) {
            OrdererStatus status = orderer.status();
            String name = orderer.config().id().name();
            status.problem().ifPresent(reason -> wrong.put(name, reason));
            if (status.problem().isEmpty() && status.leader().isEmpty()) {
                wrong.put(
                        name,
                        "no leader: an election is under way, or fewer than a majority of the members can be reached");
            }
        }
        wrong.forEach((name, reason) -> found.add(new Failure("channel " + name, reason)));
        keyspaces
                .reports()
                .forEach(shard -> shard.problem()
                        .ifPresent(reason -> found.add(new Failure("shard " + shard.channel(), reason))));
        digests.problems()
                .forEach((channel, reason) -> found.add(new Failure("shard " + channel, "its state " + reason)));
        places.forEach(place -> room(place, found));
        return found;
    }

    private void room(Path place, List<Failure> found) {
        try {
            long free = disk.freeBytes(place);
            if (free < FREE_BYTES_MIN) {
                found.add(new Failure(
                        "disk",
                        "%d MiB are free at %s, %d are needed: make room"
                                .formatted(free >> 20, place, FREE_BYTES_MIN >> 20)));
            }
        } catch (DiskFault e) {
            found.add(new Failure("disk", Decode.reason(e)));
        }
    }
}
