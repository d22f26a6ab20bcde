package org.holdfast.keyspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.holdfast.state.Batch;
import org.holdfast.state.Command;
import org.holdfast.state.Reply;
import org.holdfast.state.redis.KeyMapping;
import org.holdfast.wire.Code;
import org.holdfast.wire.Refusal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node's keyspaces, over real ledgers and states, in channels whose ordering the test decides.
class KeyspacesTest {
    private static final Refusal PERHAPS =
            Refusal.of(Code.OUTCOME_UNKNOWN, "no quorum answered: the envelope may or may not be ordered later");

    @TempDir
    Path temp;

    private Town town;
    private House house;

    @BeforeEach
    void build() {
        town = new Town(temp.resolve("town"));
        house = new House(town, temp.resolve("node"));
    }

    @AfterEach
    void leave() {
        house.close();
    }

    private PaperChannel one() throws Exception {
        PaperChannel channel = house.open(new ShardName("k", 1, 0, true));
        house.settled();
        return channel;
    }

    @Test
    void aWriteIsABlockAndItsReplyComesFromTheState() throws Exception {
        PaperChannel channel = one();
        assertThat(house.text("SET", "k:t:a", "1")).isEqualTo("OK");
        assertThat(house.text("INCR", "k:t:a")).isEqualTo("2");
        assertThat(house.text("GET", "k:t:a")).isEqualTo("2");
        assertThat(channel.feed().height()).isEqualTo(3);
    }

    @Test
    void whatWaitsSharesAnEnvelope() throws Exception {
        PaperChannel channel = one();
        channel.hold();
        List<CompletableFuture<Reply>> replies = new ArrayList<>();
        replies.add(house.ask("RPUSH", "k:t:list", "first"));
        await().until(() -> channel.waiting() == 1);
        for (int i = 0; i < 200; i++) {
            replies.add(house.ask("RPUSH", "k:t:list", Integer.toString(i)));
        }
        // The others follow after a moment, a few envelopes at most however long the way is not free.
        await().until(() -> channel.waiting() > 1);
        while (replies.stream().anyMatch(reply -> !reply.isDone())) {
            channel.cut();
        }
        for (int i = 0; i < replies.size(); i++) {
            assertThat(House.text(House.reply(replies.get(i)))).isEqualTo(Integer.toString(i + 1));
        }
        assertThat(channel.offers).isLessThanOrEqualTo(20);
    }

    @Test
    void nothingIsAnsweredBeforeItIsOrdered() throws Exception {
        PaperChannel channel = one();
        channel.hold();
        CompletableFuture<Reply> write = house.ask("SET", "k:t:a", "1");
        await().until(() -> channel.waiting() == 1);
        assertThat(house.text("GET", "k:t:a")).isEqualTo("nil");
        assertThat(write).isNotDone();
        channel.cut();
        assertThat(House.text(House.reply(write))).isEqualTo("OK");
    }

    @Test
    void aReadWaitsForItsReadPointAndSharesItWithOthers() throws Exception {
        PaperChannel channel = one();
        channel.holdPoints();
        CompletableFuture<Reply> first = house.ask("GET", "k:t:a");
        List<CompletableFuture<Reply>> others = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            others.add(house.ask("GET", "k:t:a"));
        }
        assertThat(channel.questions).isEqualTo(1);
        channel.point(1, channel.timeMillis);
        assertThat(House.text(House.reply(first))).isEqualTo("nil");
        // The others' question was asked after they came; its point is a block that is not here yet.
        assertThat(channel.questions).isEqualTo(2);
        channel.point(2, channel.timeMillis);
        assertThat(others).noneMatch(CompletableFuture::isDone);
        assertThat(house.text("SET", "k:t:a", "new")).isEqualTo("OK");
        for (CompletableFuture<Reply> other : others) {
            assertThat(House.text(House.reply(other))).isEqualTo("new");
        }
    }

    @Test
    void aStaleReadAsksNobody() throws Exception {
        PaperChannel channel = one();
        channel.holdPoints();
        var request = House.request(KeyMapping.FULL, "GET", "k:t:a");
        var stale = org.holdfast.state.redis.Request.of(
                request.origin(), request.commands(), org.holdfast.state.redis.Request.Consistency.STALE);
        assertThat(House.text(House.reply(house.ask(stale)))).isEqualTo("nil");
        assertThat(channel.questions).isZero();
    }

    @Test
    void expiryIsJudgedByTheReadPointsTime() throws Exception {
        PaperChannel channel = one();
        house.text("SET", "k:t:a", "1", "PX", "1000");
        channel.timeMillis += 999;
        assertThat(house.text("GET", "k:t:a")).isEqualTo("1");
        channel.timeMillis += 1;
        assertThat(house.text("GET", "k:t:a")).isEqualTo("nil");
    }

    @Test
    void whatCannotBeKnownIsUncertainAndWhatIsRefusedWasNotDone() throws Exception {
        PaperChannel channel = one();
        channel.hold();
        CompletableFuture<Reply> afloat = house.ask("INCR", "k:t:n");
        await().until(() -> channel.waiting() == 1);
        channel.cutInSilence(PERHAPS);
        assertThat(House.text(House.reply(afloat))).startsWith("UNCERTAIN the command may or may not be carried out");
        channel.refuse(Refusal.of(Code.MAINTENANCE, "closed for today"));
        assertThatThrownBy(() -> house.reply("INCR", "k:t:n")).hasMessageContaining("closed for today");
        channel.refuse(null);
        // The uncertain one was carried out, the refused one was not.
        assertThat(house.text("GET", "k:t:n")).isEqualTo("1");
    }

    @Test
    void whatIsUncertainIsSentAgainUnderItsId() throws Exception {
        PaperChannel channel = one();
        channel.hold();
        CompletableFuture<Reply> afloat = house.once("r1", "INCR", "k:t:n");
        await().until(() -> channel.waiting() == 1);
        channel.cutInSilence(PERHAPS);
        assertThat(House.text(House.reply(afloat))).startsWith("UNCERTAIN");
        CompletableFuture<Reply> again = house.once("r1", "INCR", "k:t:n");
        await().until(() -> channel.waiting() == 1);
        channel.cut();
        assertThat(House.text(House.reply(again))).isEqualTo("1");
        assertThat(house.text("GET", "k:t:n")).isEqualTo("1");
    }

    @Test
    void anIdHoldsInEveryShardOfACommandOverSeveral() throws Exception {
        house.keyspace("k", 4).settled();
        String[] words = new String[21];
        words[0] = "DEL";
        for (int i = 1; i < words.length; i++) {
            words[i] = "k:t:" + i;
            house.text("SET", words[i], "v");
        }
        assertThat(House.text(House.reply(house.once("r1", words)))).isEqualTo("20");
        house.text("SET", "k:t:7", "new");
        assertThat(House.text(House.reply(house.once("r1", words)))).isEqualTo("20");
        assertThat(house.text("GET", "k:t:7")).isEqualTo("new");
    }

    @Test
    void aRestartGoesOnWhereTheStateIs() throws Exception {
        PaperChannel channel = one();
        for (int i = 0; i < 20; i++) {
            house.text("INCR", "k:t:n");
        }
        byte[] digest =
                house.keyspaces().state(channel.id()).orElseThrow().digest().orElseThrow();
        house.restart();
        house.settled();
        assertThat(house.text("GET", "k:t:n")).isEqualTo("20");
        assertThat(house.keyspaces().state(channel.id()).orElseThrow().digest()).hasValue(digest);
        assertThat(house.text("INCR", "k:t:n")).isEqualTo("21");
    }

    @Test
    void aStateThatCannotBeUsedIsMadeAgainFromTheBlocks() throws Exception {
        PaperChannel channel = one();
        house.text("SET", "k:t:a", "1");
        house.keyspaces().closed(channel.id());
        Path state = temp.resolve("node/state/kv.k.1.0");
        Files.writeString(state.resolve("CURRENT"), "rubbish");
        house.keyspaces().opened(channel);
        house.settled();
        assertThat(house.text("GET", "k:t:a")).isEqualTo("1");
        try (var files = Files.list(state.getParent())) {
            assertThat(files).anyMatch(path -> path.getFileName().toString().startsWith("kv.k.1.0.broken-"));
        }
    }

    @Test
    void whatIsAskedOfAllKeysMeansTheSameInsideATransaction() throws Exception {
        house.keyspace("one", 1).keyspace("other", 1).settled();
        house.text("SET", "one:t:a", "1");
        house.text("SET", "other:t:a", "1");
        Command set = Command.of("SET", "one:t:b", "2");
        for (String name : List.of("DBSIZE", "FLUSHALL", "RANDOMKEY")) {
            assertThat(House.text(House.reply(house.ask(House.transaction(List.of(), set, Command.of(name))))))
                    .as(name)
                    .startsWith("CROSSSLOT '" + name.toLowerCase(java.util.Locale.ROOT) + "' is about 2 shards here");
        }
        assertThat(house.text("DBSIZE")).isEqualTo("2");
        Command size = Command.of("TABLE.SIZE", "one:t:");
        assertThat(House.text(
                        House.reply(house.ask(House.transaction(List.of(), set, size, Command.of("KEYS", "one:*"))))))
                .startsWith("[OK, 2, [one:t:");
        assertThat(House.text(House.reply(
                        house.ask(House.transaction(List.of(), Command.of("SET", "other:t:b", "2"), size)))))
                .startsWith("CROSSSLOT keys of one command");
    }

    @Test
    void onlyNodesMakeCommands() throws Exception {
        PaperChannel channel = one();
        Batch.Group group = Batch.Group.of(Command.of("SET", "k:t:a", "stolen"));
        CommandEnvelope forged = new CommandEnvelope(
                1, new CommandEnvelope.Id("x.1", 1, 1), List.of(new CommandEnvelope.Asked("eve", group)));
        channel.append(List.of(
                forged.sealed(channel.id(), town.user(), Town.WORLD).bytes(),
                forged.sealed(channel.id(), town.clerk(), Town.WORLD).bytes(),
                com.google.protobuf.ByteString.copyFromUtf8("no envelope")));
        assertThat(house.text("GET", "k:t:a")).isEqualTo("nil");
        channel.append(
                List.of(forged.sealed(channel.id(), town.node(1), Town.WORLD).bytes()));
        assertThat(house.text("GET", "k:t:a")).isEqualTo("stolen");
    }

    @Test
    void aBatchOfANewerProgramHaltsTheShardAndNoOther() throws Exception {
        house.keyspace("two", 2).settled();
        PaperChannel channel = house.channels.getFirst();
        CommandEnvelope newer =
                new CommandEnvelope(CommandEnvelope.VERSION + 1, new CommandEnvelope.Id("x.1", 1, 1), List.of());
        channel.append(
                List.of(newer.sealed(channel.id(), town.node(1), Town.WORLD).bytes()));
        await().until(() -> house.keyspaces().report(channel.id()).orElseThrow().halted());
        assertThat(house.keyspaces()
                        .report(channel.id())
                        .orElseThrow()
                        .problem()
                        .orElseThrow())
                .contains("upgrade this node");
        String there = keyOf("two", 2, 1);
        String gone = keyOf("two", 2, 0);
        assertThat(house.text("SET", there, "1")).isEqualTo("OK");
        assertThatThrownBy(() -> house.reply("GET", gone)).hasMessageContaining("HF-502");
    }

    private static String keyOf(String keyspace, int shards, int index) {
        for (int i = 0; ; i++) {
            String key = keyspace + ":t:" + i;
            FullKey full = FullKey.of(key.getBytes(StandardCharsets.UTF_8));
            if (full != null && full.shard(shards) == index) {
                return key;
            }
        }
    }

    @Test
    void keysOfSeveralShardsAreSplitWhereTheMeaningAllowsIt() throws Exception {
        house.keyspace("k", 3).settled();
        List<String> keys = List.of(keyOf("k", 3, 0), keyOf("k", 3, 1), keyOf("k", 3, 2));
        for (String key : keys) {
            house.text("SET", key, "v" + key);
        }
        assertThat(house.text("MGET", keys.get(2), "k:t:none", keys.get(0), keys.get(2)))
                .isEqualTo("[v%s, nil, v%s, v%s]".formatted(keys.get(2), keys.get(0), keys.get(2)));
        assertThat(house.text("EXISTS", keys.get(0), keys.get(1), keys.get(1))).isEqualTo("3");
        assertThat(house.text("DBSIZE")).isEqualTo("3");
        assertThat(house.text("MSET", keys.get(0), "1", keys.get(1), "2")).startsWith("CROSSSLOT");
        assertThat(house.text("RENAME", keys.get(0), keys.get(1))).startsWith("CROSSSLOT");
        assertThat(House.text(House.reply(house.ask(House.transaction(
                        List.of(), Command.of("INCR", keys.get(0)), Command.of("INCR", keys.get(1)))))))
                .startsWith("CROSSSLOT");
        assertThat(House.text(House.reply(house.ask(House.transaction(List.of(), Command.of("DBSIZE"))))))
                .startsWith("CROSSSLOT 'dbsize' is about 3 shards here");
        assertThat(house.text("DEL", keys.get(0), keys.get(1), keys.get(2), "k:t:none"))
                .isEqualTo("3");
        assertThat(house.text("DBSIZE")).isEqualTo("0");
    }

    @Test
    void aPartThatFailsAfterOthersWereDoneIsUncertain() throws Exception {
        house.keyspace("k", 2).settled();
        house.channels.get(1).refuse(Refusal.of(Code.MAINTENANCE, "closed for today"));
        assertThat(house.text("DEL", keyOf("k", 2, 0), keyOf("k", 2, 1)))
                .startsWith("UNCERTAIN")
                .contains("closed for today");
    }

    @Test
    void aScanGoesThroughAllShards() throws Exception {
        house.keyspace("k", 3).keyspace("other", 1).settled();
        TreeSet<String> keys = new TreeSet<>();
        for (int i = 0; i < 100; i++) {
            keys.add("k:t:" + i);
            house.text("SET", "k:t:" + i, "x");
        }
        house.text("SET", "other:t:x", "x");
        assertThat(scanned(KeyMapping.FULL, "MATCH", "k:*")).isEqualTo(keys);
        assertThat(scanned(KeyMapping.FULL)).hasSize(101);
        assertThat(scanned(KeyMapping.plain("k", "t")))
                .hasSize(100)
                .contains("7")
                .doesNotContain("x");
        assertThat(House.text(House.reply(house.ask(House.request(KeyMapping.plain("k", "t"), "KEYS", "1?")))))
                .contains("10", "19");
        assertThat(house.text("SCAN", "18446744073709551615")).isEqualTo("[0, []]");
        KeyMapping table = KeyMapping.plain("k", "u");
        House.reply(house.ask(House.request(table, "SET", "a", "1")));
        assertThat(House.text(House.reply(house.ask(House.request(table, "DBSIZE")))))
                .isEqualTo("1");
        assertThat(House.text(House.reply(house.ask(House.request(table, "FLUSHDB", "ASYNC")))))
                .isEqualTo("OK");
        assertThat(house.text("DBSIZE")).isEqualTo("101");
        assertThat(house.text("TABLE.SIZE", "k:t:")).isEqualTo("100");
        assertThat(house.text("TABLE.CLEAR", "k:t:1")).isEqualTo("OK");
        assertThat(house.text("TABLE.SIZE", "k:t:")).isEqualTo("89");
        assertThat(house.text("FLUSHALL")).isEqualTo("OK");
        assertThat(house.text("DBSIZE")).isEqualTo("0");
    }

    @Test
    void aTableIsScannedShardByShard() throws Exception {
        house.keyspace("k", 3).settled();
        TreeSet<String> keys = new TreeSet<>();
        for (int i = 0; i < 60; i++) {
            keys.add("h" + i);
            house.text("HSET", "k:t:h" + i, "f", "v");
            house.text("SET", "k:u:s" + i, "v");
        }
        for (String scan : List.of("ADVSCAN", "ADVREVSCAN")) {
            TreeSet<String> found = new TreeSet<>();
            KeyMapping table = KeyMapping.plain("k", "t");
            String cursor = "";
            do {
                Reply reply = House.reply(house.ask(House.request(table, scan, cursor, "HASH", "COUNT", "7")));
                Reply.Listing page = (Reply.Listing) reply;
                cursor = House.text(page.items().getFirst());
                ((Reply.Listing) page.items().getLast())
                        .items()
                        .forEach(key -> assertThat(found.add(House.text(key))).isTrue());
            } while (!cursor.isEmpty());
            assertThat(found).isEqualTo(keys);
        }
        assertThat(house.text("FULLSCAN", "k:t:2.", "KV")).isEqualTo("[, []]");
        assertThat(house.text("FULLSCAN", "k:t:9.", "KV")).contains("invalid cursor");
        assertThat(house.text("ADVSCAN", "nowhere:t:", "KV")).contains("nowhere");
    }

    private Set<String> scanned(KeyMapping mapping, String... options) {
        Set<String> found = new TreeSet<>();
        String cursor = "0";
        do {
            List<String> words = new ArrayList<>(List.of("SCAN", cursor, "COUNT", "7"));
            words.addAll(List.of(options));
            Reply reply = House.reply(house.ask(House.request(mapping, words.toArray(String[]::new))));
            Reply.Listing page = (Reply.Listing) reply;
            cursor = House.text(page.items().getFirst());
            for (Reply key : ((Reply.Listing) page.items().getLast()).items()) {
                assertThat(found.add(House.text(key))).isTrue();
            }
        } while (!cursor.equals("0"));
        return found;
    }

    @Test
    void watchSeesWhatOthersWrote() throws Exception {
        one();
        house.text("SET", "k:t:a", "1");
        List<Batch.Watch> watches = watched("k:t:a");
        house.text("SET", "k:t:a", "2");
        assertThat(House.text(House.reply(house.ask(House.transaction(watches, Command.of("SET", "k:t:a", "3"))))))
                .isEqualTo("nil");
        Command third = Command.of("SET", "k:t:a", "3");
        assertThat(House.text(House.reply(house.ask(House.transaction(watched("k:t:a"), third, Command.of("NO"))))))
                .startsWith("[OK, ERR unknown command");
    }

    private List<Batch.Watch> watched(String key) {
        return house.backend()
                .watch(House.request(KeyMapping.FULL, "PING").origin(), List.of(key.getBytes(StandardCharsets.UTF_8)))
                .toCompletableFuture()
                .join();
    }

    @Test
    void whoWaitsForAKeyIsToldAfterTheWriteShows() throws Exception {
        one();
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        house.backend()
                .onWritten(keys -> keys.forEach(key -> told.add(new String(key, StandardCharsets.UTF_8)
                        + House.text(house.reply("EXISTS", new String(key, StandardCharsets.UTF_8))))));
        CompletableFuture<Reply> write = house.ask("RPUSH", "k:t:a", "1");
        assertThat(House.text(House.reply(write))).isEqualTo("1");
        await().until(() -> told.contains("k:t:a1"));
    }

    @Test
    void namesThatLeadNowhereAreExplained() throws Exception {
        house.open(new ShardName("k", 2, 0, true));
        house.settled();
        assertThat(house.text("GET", "plain")).contains("keyspace:table:key is wanted");
        assertThat(house.text("GET", "no:t:a")).contains("no keyspace 'no'", "which has: k", "keyspace create no");
        assertThatThrownBy(() -> house.reply("GET", keyOf("k", 2, 1)))
                .hasMessageContaining("HF-501")
                .hasMessageContaining("shard 1 of 2");
        assertThatThrownBy(() -> house.reply("DBSIZE")).hasMessageContaining("HF-501");
        assertThat(house.text("SET", keyOf("k", 2, 0), "x".repeat(8 << 20))).isEqualTo("OK");
    }
}
