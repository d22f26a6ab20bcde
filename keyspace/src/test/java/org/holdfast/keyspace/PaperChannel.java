package org.holdfast.keyspace;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.channel.ChannelConfig;
import org.holdfast.ledger.BlockBytes;
import org.holdfast.ledger.Feed;
import org.holdfast.ledger.Ledger;
import org.holdfast.ledger.LedgerSettings;
import org.holdfast.ledger.StoredBlock;
import org.holdfast.wire.BlockHeader;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.EnvelopeView;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal;
import org.holdfast.wire.proto.ConsenterMetadata;
import org.holdfast.wire.proto.Progress;
import org.hyperledger.fabric.protos.common.LastConfig;
import org.hyperledger.fabric.protos.common.Metadata;
import org.hyperledger.fabric.protos.common.OrdererBlockMetadata;
import org.jspecify.annotations.Nullable;

/// A channel with a real ledger, in which envelopes become blocks when the test says so, or at once.
final class PaperChannel implements ShardChannel, AutoCloseable {
    private record Offered(EnvelopeView envelope, CompletableFuture<Void> answer) {}

    private final ChannelId id;
    private final ChannelConfig config;
    private final Ledger ledger;
    private final ArrayDeque<Offered> offered = new ArrayDeque<>();
    private final List<CompletableFuture<ReadPoint>> points = new ArrayList<>();
    private boolean held;
    private boolean pointsHeld;
    private @Nullable Refusal refusal;
    long timeMillis = 1_000_000;
    int offers;
    int questions;

    PaperChannel(Town town, Path directory, ShardName name) throws InvalidProtocolBufferException {
        this.id = name.channel();
        ByteString genesis = town.genesis(id);
        this.config = ChannelConfig.fromBlock(genesis, Town.CRYPTO);
        this.ledger = Ledger.open(Town.WORLD, directory.resolve(id.name()), id, LedgerSettings.DEFAULT);
        if (ledger.height() == 0) {
            ledger.append(StoredBlock.of(genesis));
        }
    }

    /// From now on envelopes wait for [#cut].
    synchronized void hold() {
        held = true;
    }

    /// From now on read points wait for [#point].
    synchronized void holdPoints() {
        pointsHeld = true;
    }

    /// From now on every offer is refused; null ends it.
    synchronized void refuse(@Nullable Refusal reason) {
        refusal = reason;
    }

    synchronized int waiting() {
        return offered.size();
    }

    /// Answers the read points asked for so far.
    void point(long height, long time) {
        List<CompletableFuture<ReadPoint>> due;
        synchronized (this) {
            due = List.copyOf(points);
            points.clear();
        }
        due.forEach(point -> point.complete(new ReadPoint(height, time)));
    }

    /// Makes one block of all envelopes that wait.
    synchronized void cut() {
        List<EnvelopeView> envelopes = offered.stream().map(Offered::envelope).toList();
        append(envelopes.stream().map(EnvelopeView::bytes).toList());
        offered.forEach(one -> one.answer.complete(null));
        offered.clear();
    }

    /// Tells those that wait that nobody knows what becomes of them, and orders them all the same.
    synchronized void cutInSilence(Refusal reason) {
        offered.forEach(one -> one.answer.completeExceptionally(reason.asException()));
        cut();
    }

    synchronized void append(List<ByteString> envelopes) {
        BlockHeader header = BlockHeader.after(ledger.tip().orElseThrow().header(), envelopes);
        ByteString consenter = ConsenterMetadata.newBuilder()
                .setProgress(Progress.newBuilder().setVersion(1).setTimeMillis(timeMillis))
                .build()
                .toByteString();
        ByteString value = OrdererBlockMetadata.newBuilder()
                .setLastConfig(LastConfig.newBuilder().setIndex(0))
                .setConsenterMetadata(
                        Metadata.newBuilder().setValue(consenter).build().toByteString())
                .build()
                .toByteString();
        ByteString slot = Metadata.newBuilder().setValue(value).build().toByteString();
        ledger.append(new StoredBlock(header, BlockBytes.encode(header, envelopes, List.of(slot))));
    }

    @Override
    public ChannelId id() {
        return id;
    }

    @Override
    public MemberId member() {
        return new MemberId("00112233aabbccdd", 1);
    }

    @Override
    public synchronized CompletableFuture<Void> offer(EnvelopeView envelope) {
        offers++;
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal.asException());
        }
        CompletableFuture<Void> answer = new CompletableFuture<>();
        offered.add(new Offered(envelope, answer));
        if (!held) {
            cut();
        }
        return answer;
    }

    @Override
    public CompletableFuture<ReadPoint> readPoint() {
        synchronized (this) {
            questions++;
            if (pointsHeld) {
                CompletableFuture<ReadPoint> point = new CompletableFuture<>();
                points.add(point);
                return point;
            }
        }
        return CompletableFuture.completedFuture(new ReadPoint(ledger.height(), timeMillis));
    }

    @Override
    public Feed feed() {
        return ledger;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public void close() {
        ledger.close();
    }
}
