package org.holdfast.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.holdfast.channel.Consenter;
import org.holdfast.keyspace.Bins;
import org.holdfast.keyspace.ShardName;
import org.holdfast.keyspace.ShardReport;
import org.holdfast.keyspace.ShardStats;
import org.holdfast.node.KeyspacePages.Sources;
import org.holdfast.node.Operations.Answer;
import org.holdfast.node.Operations.Ask;
import org.holdfast.node.Operations.Page;
import org.holdfast.node.Operations.Unanswerable;
import org.holdfast.order.LogFigures;
import org.holdfast.order.Orderer;
import org.holdfast.order.OrdererStatus;
import org.holdfast.state.Census;
import org.holdfast.state.EngineFigures;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.Decode;
import org.holdfast.wire.MemberId;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Pages that show the shards of this node: what they count, how their logs stand, who leads them. Hold no state but
/// the last counts of tables.
final class ShardPages {
    private static final JsonMapper JSON = new JsonMapper();
    /// Blocks that a synced shard may have yet to apply.
    private static final long BEHIND_MAX = 1_000;

    private static final long READ_POINT_SECONDS = 5;

    private final Sources sources;
    private final TableCounts tables;
    private final long startNanos;

    private ShardPages(Sources sources) {
        this.sources = sources;
        this.tables = new TableCounts(sources.world(), sources.keyspaces());
        this.startNanos = sources.world().clock().nanos();
    }

    static Map<String, Page> of(Sources sources) {
        ShardPages pages = new ShardPages(sources);
        Map<String, Page> all = new TreeMap<>();
        all.put("/stats", KeyspacePages.page("GET", pages::stats));
        all.put("/tablestats", KeyspacePages.page("GET", pages::tableStats));
        all.put("/raft/stats", KeyspacePages.page("GET", pages::raftStats));
        all.put("/node/allready", KeyspacePages.page("GET", _ -> pages.ready()));
        all.put("/cluster/leader/", KeyspacePages.page("GET", pages::leader));
        all.put("/cluster/members/", KeyspacePages.page("GET", pages::members));
        all.put("/cluster/israftsynced/", KeyspacePages.page("GET", pages::synced));
        return all;
    }

    // ---- what shards count

    private Answer stats(Ask ask) {
        boolean leaders = KeyspacePages.flag(ask, "leader_only", true);
        boolean detail =
                KeyspacePages.flag(ask, "table_detail", false) || KeyspacePages.flag(ask, "table_details", false);
        Map<ChannelId, Census> counts = detail ? tables.counts() : Map.of();
        long[] scans = sources.keyspaces().scanLatencies();
        ObjectNode told = JSON.createObjectNode().put("version", Version.text());
        told.put(
                "up_time",
                TimeUnit.NANOSECONDS.toSeconds(sources.world().clock().nanos() - startNanos));
        ObjectNode stats = told.putObject("stats");
        ArrayNode shards = stats.putArray("ns_stats");
        for (ShardStats shard : sources.keyspaces().stats()) {
            boolean leads = leads(shard.report().channel());
            if (leads || !leaders) {
                ObjectNode one = shards.addObject();
                counts(one, shard, leads);
                if (detail) {
                    detail(
                            one,
                            shard,
                            Optional.ofNullable(counts.get(shard.report().channel())));
                }
            }
        }
        ObjectNode scanned = stats.putObject("scan_stats");
        scanned.put("scan_count", Arrays.stream(scans).sum());
        numbers(scanned.putArray("scan_latency_stats"), scans);
        return Answer.json(200, told);
    }

    private static void counts(ObjectNode one, ShardStats shard, boolean leads) {
        ShardReport report = shard.report();
        one.put("name", KeyspacePages.name(report.name()));
        bins(one.putObject("db_write_stats"), shard.applied());
        bins(one.putObject("cluster_write_stats"), shard.answered());
        ObjectNode internal = one.putObject("internal_stats");
        internal.put("keys", report.keys()).put("applied_block", report.appliedBlock());
        ObjectNode compacted = one.putObject("db_compact_stats");
        if (shard.engine().isPresent()) {
            EngineFigures engine = shard.engine().get();
            internal.put("file_bytes", engine.filesBytes()).put("live_bytes", engine.liveBytes());
            internal.put("memory_bytes", engine.memoryBytes()).put("compaction_bytes", engine.compactionBytes());
            internal.put("records", engine.records());
            compacted.put("expired_clean_cnt", engine.expiredRemoved());
        }
        one.put("eng_type", "rocksdb").put("is_leader", leads);
        report.problem().ifPresent(problem -> one.put("problem", problem));
    }

    private static void bins(ObjectNode to, Bins.Reading counted) {
        numbers(to.putArray("value_size_stats"), counted.sizes());
        numbers(to.putArray("write_latency_stats"), counted.latencies());
    }

    private static void numbers(ArrayNode to, long[] counts) {
        Arrays.stream(counts).forEach(to::add);
    }

    /// Both lists ascend, as in ZanKV.
    private static void detail(ObjectNode one, ShardStats shard, Optional<Census> census) {
        one.put("top_n_enabled", shard.countsHotKeys());
        ArrayNode hot = one.putArray("top_n_write_keys");
        shard.hot()
                .reversed()
                .forEach(key -> hot.addObject()
                        .put("Key", KeyspacePages.text(key.key()))
                        .put("Cnt", key.count())
                        .put("Err", key.error()));
        if (census.isEmpty()) {
            return;
        }
        one.put("table_stats_block", census.get().block());
        ArrayNode told = one.putArray("table_stats");
        census.get().tables().forEach((name, table) -> table(told.addObject(), name, table));
        ArrayNode large = one.putArray("top_n_large_coll_keys");
        census.get()
                .largest()
                .reversed()
                .forEach(key -> large.addObject()
                        .put("Key", KeyspacePages.text(key.key()))
                        .put("Cnt", key.size()));
    }

    private static void table(ObjectNode to, String name, Census.Table table) {
        to.put("name", name).put("key_num", table.keys()).put("disk_bytes_usage", table.bytes());
        to.put("approximate_key_num", table.keys());
    }

    private Answer tableStats(Ask ask) {
        String table = ask.query().getOrDefault("table", "");
        if (table.isEmpty()) {
            throw new Unanswerable(400, "table=NAME is wanted");
        }
        boolean leaders = KeyspacePages.flag(ask, "leader_only", true);
        Map<ChannelId, Census> counts = tables.counts();
        Map<String, Census.Table> sums = new TreeMap<>();
        for (ShardReport shard : sources.keyspaces().reports()) {
            if (leaders && !leads(shard.channel())) {
                continue;
            }
            Census census = counts.get(shard.channel());
            if (census == null) {
                throw new Unanswerable(
                        503,
                        "the tables of %s are not counted yet: ask again a little later"
                                .formatted(KeyspacePages.name(shard.name())));
            }
            Census.Table here = census.tables().get(table);
            if (here != null) {
                sums.merge(
                        shard.name().keyspace(),
                        here,
                        (a, b) -> new Census.Table(a.keys() + b.keys(), a.bytes() + b.bytes()));
            }
        }
        ObjectNode told = JSON.createObjectNode();
        ObjectNode stats = told.putObject("table_stats");
        sums.forEach((keyspace, sum) -> table(stats.putObject(keyspace), table, sum));
        return Answer.json(200, told);
    }

    // ---- how logs stand

    private Answer raftStats(Ask ask) {
        boolean leaders = KeyspacePages.flag(ask, "leader_only", false);
        String prefix = ask.query().getOrDefault("namespace", "");
        ArrayNode told = JSON.createArrayNode();
        for (ShardReport shard : sources.keyspaces().reports()) {
            Optional<Orderer> orderer = sources.channels().find(shard.channel());
            boolean wanted =
                    KeyspacePages.name(shard.name()).startsWith(prefix) && (!leaders || leads(shard.channel()));
            if (wanted && orderer.isPresent()) {
                raft(told.addObject(), shard.name(), orderer.get());
            }
        }
        return Answer.json(200, told);
    }

    private void raft(ObjectNode to, ShardName shard, Orderer orderer) {
        OrdererStatus status = orderer.status();
        List<ObjectNode> members = seated(shard, orderer);
        String lead = status.leader().map(MemberId::toString).orElse("");
        members.stream()
                .filter(member -> member.path("id").asString("").equals(lead))
                .findFirst()
                .ifPresent(leader -> to.set("leader_info", leader.deepCopy()));
        ArrayNode all = to.putArray("members");
        members.forEach(all::add);
        to.putArray("learners");
        ObjectNode stat = to.putObject("raft_stat");
        stat.put("id", sources.channels().self().toString());
        Optional<LogFigures> figures = orderer.logFigures();
        stat.put("term", figures.map(LogFigures::term).orElse(status.term())).put("lead", lead);
        figures.ifPresent(log -> {
            stat.put("raft_state", state(log.role()));
            stat.put("commit", log.committed()).put("applied", log.applied());
            if (log.role() == LogFigures.Role.LEADER) {
                ObjectNode progress = stat.putObject("progress");
                new TreeMap<>(log.progress())
                        .forEach((member, at) -> progress.putObject(member.toString())
                                .put("match", at.match())
                                .put("next", at.next()));
            }
        });
    }

    private static String state(LogFigures.Role role) {
        return switch (role) {
            case LEADER -> "StateLeader";
            case FOLLOWER, LEARNER -> "StateFollower";
            case CANDIDATE -> "StateCandidate";
            case STARTING -> "StateStarting";
        };
    }

    /// The members in the channel's seats, as ZanKV's MemberInfo.
    private static List<ObjectNode> seated(ShardName shard, Orderer orderer) {
        List<ObjectNode> members = new ArrayList<>();
        for (MemberId member : orderer.status().members().stream()
                .sorted(Comparator.naturalOrder())
                .toList()) {
            ObjectNode one = JSON.createObjectNode().put("id", member.toString());
            Optional<Consenter> consenter = orderer.config().consenters().stream()
                    .filter(seat -> seat.seat().equals(member.seat()))
                    .findFirst();
            one.put("node_id", consenter.map(NodeReport::nameOf).orElse(member.seat()));
            one.put("group_name", KeyspacePages.name(shard))
                    .put("group_id", orderer.config().id().name());
            ArrayNode urls = one.putArray("peer_urls");
            consenter.ifPresent(seat -> urls.add("https://" + seat.address()));
            members.add(one);
        }
        return members;
    }

    private boolean leads(ChannelId channel) {
        return sources.channels()
                .find(channel)
                .filter(orderer -> orderer.status().role() == OrdererStatus.Role.LEADER)
                .isPresent();
    }

    // ---- who leads, and whether all is well

    private Answer ready() {
        List<String> missing = new ArrayList<>();
        if (!sources.channels().engineRuns()) {
            missing.add("the log engine is starting");
        }
        sources.channels().problems().forEach((id, reason) -> missing.add(id.name() + ": " + reason));
        sources.keyspaces()
                .reports()
                .forEach(shard -> shard.problem()
                        .ifPresent(problem -> missing.add(KeyspacePages.name(shard.name()) + ": " + problem)));
        if (!missing.isEmpty()) {
            throw new Unanswerable(406, String.join("; ", missing));
        }
        return new Answer(200, "text/plain", "OK");
    }

    private Answer leader(Ask ask) {
        ShardReport shard = shard(ask);
        Orderer orderer = orderer(shard);
        Optional<String> leader = orderer.status().leader().map(MemberId::toString);
        return leader.flatMap(id -> seated(shard.name(), orderer).stream()
                        .filter(member -> member.path("id").asString("").equals(id))
                        .findFirst())
                .map(member -> Answer.json(200, member))
                .orElseThrow(() -> new Unanswerable(303, "no leader is known now: ask another node, or again"));
    }

    private Answer members(Ask ask) {
        ShardReport shard = shard(ask);
        ArrayNode all = JSON.createArrayNode();
        seated(shard.name(), orderer(shard)).forEach(all::add);
        return Answer.json(200, all);
    }

    private Answer synced(Ask ask) {
        ShardReport shard = shard(ask);
        Orderer orderer = orderer(shard);
        shard.problem().ifPresent(problem -> {
            throw new Unanswerable(406, problem);
        });
        long height;
        try {
            height = orderer.readPoint()
                    .get(READ_POINT_SECONDS, TimeUnit.SECONDS)
                    .height();
        } catch (ExecutionException | TimeoutException e) {
            String why = e.getCause() == null ? "no answer in time" : Decode.reason(e.getCause());
            throw new Unanswerable(406, "how far the leader is cannot be known: " + why);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unanswerable(503, "the node is stopping");
        }
        long behind = height - 1 - shard.appliedBlock();
        if (behind > BEHIND_MAX) {
            throw new Unanswerable(406, behind + " blocks are not applied yet");
        }
        return new Answer(200, "text/plain", "OK");
    }

    private ShardReport shard(Ask ask) {
        String name = KeyspacePages.parts(ask, 1, "one KEYSPACE-INDEX").getFirst();
        return sources.keyspaces().reports().stream()
                .filter(shard -> KeyspacePages.name(shard.name()).equals(name))
                .findFirst()
                .orElseThrow(() -> new Unanswerable(404, "no shard '" + name + "' at this node"));
    }

    private Orderer orderer(ShardReport shard) {
        return sources.channels()
                .find(shard.channel())
                .orElseThrow(() -> new Unanswerable(404, "channel " + shard.channel() + " is not open at this node"));
    }
}
