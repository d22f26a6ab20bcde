package org.holdfast.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Puts the same random commands to a real redis-server and to a shard's state, and compares each reply. Between
/// blocks the kept digest is compared with one added up anew, and at the end with that of another shard.
final class Oracle {
    /// Replies that depend on the moment of asking.
    private static final Set<String> TIMES = Set.of("ttl", "pttl", "expiretime", "pexpiretime");

    /// Replies in no order.
    private static final Set<String> UNORDERED = Set.of(
            "keys",
            "hkeys",
            "hvals",
            "hgetall",
            "hscan",
            "hrandfield",
            "smembers",
            "sinter",
            "sunion",
            "sdiff",
            "sscan",
            "spop",
            "srandmember",
            "zscan",
            "zrandmember");

    /// Commands that answer floating point numbers: Redis 7.0 writes some of them with more digits, and keeps -0 in
    /// sets that are not small.
    private static final Pattern SCORED = Pattern.compile("z|geo");

    private static final long CLOCKS_APART_MILLIS = 60_000;
    private static final int COMMANDS = 3_000;
    private static final int DIGEST_EVERY = 7;

    private final RedisServer redis;
    private final Path directory;

    /// @param directory an empty one, for the states
    Oracle(RedisServer redis, Path directory) {
        this.redis = redis;
        this.directory = directory;
    }

    /// Asks both sides many commands, several of ours in a block.
    void compare(Sentences sentences, long seed) throws IOException {
        redis.ask("FLUSHALL");
        redis.ask("RPUSH", "other", "1");
        long now = System.currentTimeMillis();
        try (StateRig rig = StateRig.open(directory.resolve("state"), now);
                StateRig second = StateRig.open(directory.resolve("second"), now)) {
            rig.ask("RPUSH", "other", "1");
            second.ask("RPUSH", "other", "1");
            List<Command> waiting = new ArrayList<>();
            for (int i = 0; i < COMMANDS; i++) {
                waiting.add(sentences.next());
                if (sentences.below(3) == 0) {
                    ask(rig, waiting, seed);
                    second.apply(waiting);
                    waiting.clear();
                }
                if (i % DIGEST_EVERY == 0) {
                    assertThat(rig.state().digest()).hasValue(rig.state().recount());
                }
            }
            assertThat(rig.state().leftovers()).isZero();
            second.apply(List.of());
            rig.apply(List.of());
            assertThat(second.state().digest()).hasValue(rig.state().digest().orElseThrow());
        }
    }

    /// Applies commands in one block and compares each reply.
    private void ask(StateRig rig, List<Command> commands, long seed) throws IOException {
        List<Reply> ours = rig.apply(commands);
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            Reply theirs = redis.ask(command);
            Reply mine = RedisServer.resp2(ours.get(i));
            boolean scored = SCORED.matcher(command.name()).lookingAt();
            assertThat(scored ? same(command, plain(mine), plain(theirs)) : same(command, mine, theirs))
                    .withFailMessage(
                            "seed %d, block %d: %s%nours: %s%nRedis: %s",
                            seed, rig.state().appliedBlock(), command, mine, theirs)
                    .isTrue();
        }
    }

    private static boolean same(Command command, Reply mine, Reply theirs) {
        if (mine.equals(theirs)) {
            return true;
        }
        if (TIMES.contains(command.name())
                && mine instanceof Reply.Whole(long a)
                && theirs instanceof Reply.Whole(long b)) {
            return a > 0 && b > 0 && Math.abs(a - b) <= CLOCKS_APART_MILLIS;
        }
        if (UNORDERED.contains(command.name())
                && mine instanceof Reply.Listing a
                && theirs instanceof Reply.Listing b) {
            return sorted(a).equals(sorted(b));
        }
        // Words that make no sense are refused before the state is looked at; Redis sometimes looks first.
        if (CommandTable.parse(command) instanceof Parsed.Wrong) {
            // Without the key Redis does not read how far, and names the next wrong word.
            boolean another = command.name().startsWith("georadiusbymember") && theirs instanceof Reply.Failure;
            return another || answersFromTheState(theirs);
        }
        return false;
    }

    /// With each number in one form.
    private static Reply plain(Reply reply) {
        return switch (reply) {
            case Reply.Listing(List<Reply> items) ->
                new Reply.Listing(items.stream().map(Oracle::plain).toList());
            case Reply.Bulk(byte[] bytes)
            when Numbers.real(bytes).isPresent() ->
                Reply.bulk(Numbers.text(Numbers.real(bytes).getAsDouble() + 0.0));
            default -> reply;
        };
    }

    private static boolean answersFromTheState(Reply theirs) {
        return switch (theirs) {
            case Reply.Nil _ -> true;
            case Reply.Whole(long value) -> value == 0 || value == -1;
            case Reply.Failure failure ->
                failure.code().equals("WRONGTYPE")
                        || failure.text().startsWith("value is not")
                        || failure.text().startsWith("could not decode")
                        || failure.text().equals("no such key")
                        || failure.text().startsWith("The specified keys");
            case Reply.Bulk bulk -> bulk.bytes().length == 0;
            case Reply.Listing listing -> List.of(List.of(), List.of("0")).contains(sorted(listing));
            default -> false;
        };
    }

    /// All that is in it, at any depth.
    private static List<String> sorted(Reply.Listing listing) {
        return listing.items().stream()
                .flatMap(item -> item instanceof Reply.Listing inner
                        ? sorted(inner).stream()
                        : Stream.of(new String(((Reply.Bulk) item).bytes(), StandardCharsets.ISO_8859_1)))
                .sorted(Comparator.naturalOrder())
                .toList();
    }
}
