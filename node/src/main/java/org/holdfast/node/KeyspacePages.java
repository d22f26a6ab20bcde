package org.holdfast.node;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.holdfast.env.World;
import org.holdfast.keyspace.Keyspaces;
import org.holdfast.keyspace.Removal;
import org.holdfast.keyspace.ShardName;
import org.holdfast.node.Operations.Answer;
import org.holdfast.node.Operations.Ask;
import org.holdfast.node.Operations.Handler;
import org.holdfast.node.Operations.Page;
import org.holdfast.node.Operations.Unanswerable;
import org.holdfast.state.CommandTable;
import org.holdfast.state.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The pages of the operations port that are about keyspaces, at ZanKV's paths and with its names of fields; what
/// differs stands in docs/keyspace-http.md. All but `/ping` want a client certificate where there is TLS. Those that
/// change something are off on a plain port that others than this machine reach, and for web pages in a browser.
final class KeyspacePages {
    private static final Logger LOG = LoggerFactory.getLogger(KeyspacePages.class);
    private static final JsonMapper JSON = new JsonMapper();
    /// How long one request removes keys; the answer must be out within [Operations#REQUEST_MAX].
    private static final Duration REMOVING_MAX = Duration.ofSeconds(5);

    private static final int SLOW_MAX = 1_000;
    private static final int SLOW_DEFAULT = 128;
    private static final String TABLE = "[A-Za-z0-9_]{1,255}";

    private final Sources sources;
    private final Optimizing optimizing;
    private final long startMillis;

    /// What the pages show.
    ///
    /// @param address that other members reach this node at
    /// @param httpPort of these pages
    /// @param changeable whether this port takes what changes something
    record Sources(
            World world,
            Channels channels,
            Keyspaces keyspaces,
            RedisDoors redis,
            String address,
            IntSupplier httpPort,
            boolean changeable) {}

    private KeyspacePages(Sources sources) {
        this.sources = sources;
        this.optimizing = new Optimizing(sources.world, sources.keyspaces);
        this.startMillis = sources.world.clock().wallMillis();
    }

    /// The pages by their paths.
    static Map<String, Page> of(Sources sources) {
        KeyspacePages pages = new KeyspacePages(sources);
        Map<String, Page> all = new TreeMap<>(ShardPages.of(sources));
        all.put("/ping", new Page(true, Page.ZANKV, Map.of("GET", _ -> new Answer(200, "text/plain", "OK"))));
        all.put("/info", page("GET", _ -> pages.info()));
        all.put("/slowlog", page("GET", pages::slowLog));
        Handler optimize = pages::optimize;
        Handler progress = _ -> Answer.json(200, pages.progress());
        all.put("/kv/optimize", pages.changing(Map.of("POST", optimize, "GET", progress)));
        all.put("/kv/optimize/", pages.changing(Map.of("POST", optimize)));
        all.put("/kv/disable_optimize", pages.changing(Map.of("POST", _ -> pages.disable(true))));
        all.put("/kv/enable_optimize", pages.changing(Map.of("POST", _ -> pages.disable(false))));
        all.put("/kv/delrange/", pages.changing(Map.of("POST", pages::remove)));
        all.put("/topn/enable/", pages.changing(Map.of("POST", ask -> pages.countHotKeys(ask, true))));
        all.put("/topn/disable/", pages.changing(Map.of("POST", ask -> pages.countHotKeys(ask, false))));
        all.put("/topn/clear/", pages.changing(Map.of("POST", pages::clearHotKeys)));
        return all;
    }

    static Page page(String method, Handler handler) {
        return new Page(false, Page.ZANKV, Map.of(method, handler));
    }

    private Page changing(Map<String, Handler> methods) {
        Map<String, Handler> guarded = new TreeMap<>();
        methods.forEach((method, handler) -> guarded.put(method, method.equals("GET") ? handler : guarded(handler)));
        return new Page(false, Page.ZANKV, guarded);
    }

    private Handler guarded(Handler handler) {
        return ask -> {
            if (!sources.changeable) {
                throw new Unanswerable(
                        403,
                        "nothing is changed over a plain port that others reach: switch Operations.TLS on, or bind"
                                + " Operations.ListenAddress to 127.0.0.1");
            }
            return handler.answer(ask);
        };
    }

    /// What ZanKV calls a shard: `keyspace-index`.
    static String name(ShardName shard) {
        return shard.keyspace() + "-" + shard.index();
    }

    /// A flag in a query.
    static boolean flag(Ask ask, String name, boolean otherwise) {
        String word = ask.query().getOrDefault(name, "");
        return switch (word) {
            case "" -> otherwise;
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new Unanswerable(400, "'" + name + "' is true or false");
        };
    }

    private Answer info() {
        ObjectNode info = JSON.createObjectNode();
        info.put("version", Version.text()).put("broadcast_address", sources.address);
        info.put("hostname", hostname()).put("http_port", sources.httpPort.getAsInt());
        int redis = sources.redis.port() > 0 ? sources.redis.port() : sources.redis.plainPort();
        return Answer.json(200, info.put("redis_port", redis).put("start_time", startMillis / 1000));
    }

    private String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) { // a machine whose own name nobody knows
            return sources.address;
        }
    }

    private Answer optimize(Ask ask) {
        if (ask.rest().size() > 2) {
            throw new Unanswerable(400, "/kv/optimize, /kv/optimize/KEYSPACE or /kv/optimize/KEYSPACE/TABLE is wanted");
        }
        Optional<String> keyspace = ask.rest().stream().findFirst().map(KeyspacePages::keyspace);
        optimizing.begin(keyspace);
        LOG.info("Optimizing of {} begins: asked for at the operations port", keyspace.orElse("all keyspaces"));
        return Answer.json(200, progress());
    }

    private ObjectNode progress() {
        Optimizing.Progress now = optimizing.progress();
        ObjectNode told = JSON.createObjectNode();
        told.put("state", now.stage().name().toLowerCase(java.util.Locale.ROOT));
        told.put("disabled", optimizing.disabled());
        told.put("shard", now.done().size()).put("of", now.shards());
        ArrayNode shards = told.putArray("shards");
        now.done().forEach(one -> {
            ObjectNode shard = shards.addObject().put("name", one.shard());
            shard.put("bytes_before", one.bytesBefore()).put("bytes_after", one.bytesAfter());
            one.problem().ifPresent(problem -> shard.put("problem", problem));
        });
        return told;
    }

    private Answer disable(boolean wanted) {
        optimizing.disable(wanted);
        return Answer.json(200, progress());
    }

    private static String keyspace(String word) {
        if (!ShardName.isKeyspace(word)) {
            throw new Unanswerable(400, "'" + word + "' is no name of a keyspace");
        }
        return word;
    }

    private Answer remove(Ask ask) {
        if (ask.rest().size() != 2) {
            throw new Unanswerable(400, "/kv/delrange/KEYSPACE/TABLE is wanted");
        }
        Removal removal = removal(keyspace(ask.rest().getFirst()), ask.rest().getLast(), ask.body());
        Removal.Done done;
        try {
            done = sources.keyspaces.remove(removal, REMOVING_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unanswerable(503, "the node is stopping");
        }
        LOG.info(
                "{} keys of table {} of keyspace {} {} at the operations port{}",
                done.keys(),
                removal.table(),
                removal.keyspace(),
                removal.dry() ? "counted" : "removed",
                done.problem().map(problem -> ": " + problem).orElse(""));
        ObjectNode told = JSON.createObjectNode();
        told.put("keys", done.keys()).put("dryrun", removal.dry()).put("complete", done.complete());
        done.problem()
                .ifPresentOrElse(
                        problem -> told.put("message", problem + "; what was removed stays removed, send it again"),
                        () -> {
                            if (!done.complete()) {
                                told.put("message", "more are left: send it again");
                            }
                        });
        return Answer.json(done.problem().isPresent() ? 503 : done.complete() ? 200 : 202, told);
    }

    private static Removal removal(String keyspace, String table, byte[] body) {
        if (!table.matches(TABLE)) {
            throw new Unanswerable(400, "'" + table + "' is no name of a table");
        }
        JsonNode asked;
        try {
            asked = JSON.readTree(new String(body, StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw new Unanswerable(400, "not a JSON object: " + e.getOriginalMessage());
        }
        if (!asked.isObject()) {
            throw new Unanswerable(
                    400, "a JSON object {\"start_from\", \"end_to\", \"delete_all\", \"dryrun\"} is wanted");
        }
        byte[] from = key(asked, "start_from");
        byte[] to = key(asked, "end_to");
        boolean all = flag(asked, "delete_all");
        boolean bounded = from.length > 0 || to.length > 0;
        if (all == bounded) {
            throw new Unanswerable(
                    400,
                    all
                            ? "delete_all goes without start_from and end_to"
                            : "start_from or end_to is wanted, or delete_all=true for the whole table");
        }
        return new Removal(keyspace, table, from, to, flag(asked, "dryrun"));
    }

    private static byte[] key(JsonNode asked, String name) {
        JsonNode word = asked.path(name);
        if (word.isMissingNode() || word.isNull()) {
            return new byte[0];
        }
        try {
            byte[] key = Base64.getDecoder().decode(word.isString() ? word.asString() : "-");
            if (key.length > CommandTable.KEY_BYTES_MAX / 2) {
                throw new Unanswerable(400, name + " has at most " + CommandTable.KEY_BYTES_MAX / 2 + " bytes");
            }
            return key;
        } catch (IllegalArgumentException e) {
            throw new Unanswerable(400, name + " is a key in base64, without keyspace and table");
        }
    }

    private static boolean flag(JsonNode asked, String name) {
        JsonNode word = asked.path(name);
        if (word.isMissingNode() || word.isNull()) {
            return false;
        }
        if (!word.isBoolean()) {
            throw new Unanswerable(400, name + " is true or false");
        }
        return word.asBoolean();
    }

    private Answer countHotKeys(Ask ask, boolean wanted) {
        return hot(ask, sources.keyspaces.countHotKeys(only(ask), wanted));
    }

    private Answer clearHotKeys(Ask ask) {
        return hot(ask, sources.keyspaces.clearHotKeys(only(ask)));
    }

    private static Answer hot(Ask ask, int shards) {
        if (shards == 0) {
            throw new Unanswerable(404, "no shard of keyspace " + ask.rest().getFirst() + " is here");
        }
        return Answer.json(200, JSON.createObjectNode().put("shards", shards));
    }

    private static String only(Ask ask) {
        if (ask.rest().size() != 1) {
            throw new Unanswerable(400, "a keyspace is wanted behind the path");
        }
        return keyspace(ask.rest().getFirst());
    }

    private Answer slowLog(Ask ask) {
        String count = ask.query().getOrDefault("count", String.valueOf(SLOW_DEFAULT));
        if (!count.matches("[0-9]{1,4}") || Integer.parseInt(count) > SLOW_MAX) {
            throw new Unanswerable(400, "count is from 0 to " + SLOW_MAX);
        }
        ArrayNode all = JSON.createArrayNode();
        sources.redis
                .slowLogs(Integer.parseInt(count))
                .forEach((door, slow) -> slow.forEach(one -> {
                    ObjectNode told = all.addObject().put("door", door).put("id", number(one, 0));
                    told.put("time", number(one, 1)).put("micros", number(one, 2));
                    ArrayNode words = told.putArray("command");
                    if (one.items().get(3) instanceof Reply.Listing command) {
                        command.items().forEach(word -> words.add(text(word)));
                    }
                    told.put("client", text(one.items().get(4)))
                            .put("name", text(one.items().get(5)));
                }));
        return Answer.json(200, all);
    }

    private static long number(Reply.Listing entry, int at) {
        return entry.items().get(at) instanceof Reply.Whole whole ? whole.value() : 0;
    }

    private static String text(Reply word) {
        return word instanceof Reply.Bulk bulk ? text(bulk.bytes()) : "";
    }

    /// Bytes in JSON: as UTF-8, whatever is none replaced.
    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static List<String> parts(Ask ask, int count, String wanted) {
        if (ask.rest().size() != count) {
            throw new Unanswerable(404, wanted + " is wanted");
        }
        return ask.rest();
    }
}
