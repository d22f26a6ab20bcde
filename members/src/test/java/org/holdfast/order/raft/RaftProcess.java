package org.holdfast.order.raft;

import com.google.protobuf.ByteString;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.holdfast.env.World;
import org.holdfast.order.OrderedLog;
import org.holdfast.order.OrderedLog.Ambiguous;
import org.holdfast.order.OrderedLog.Entry;
import org.holdfast.order.OrderedLog.Leadership;
import org.holdfast.order.OrderedLog.Position;
import org.holdfast.order.OrderedLog.Seated;
import org.holdfast.order.SeatFile;
import org.holdfast.order.raft.RaftEngineSettings.Listener;
import org.holdfast.order.raft.RaftEngineSettings.Sizes;
import org.holdfast.wire.ChannelId;
import org.holdfast.wire.MemberId;
import org.holdfast.wire.Refusal.Refused;
import org.jspecify.annotations.Nullable;

/// One member as a process of its own, told over stdin what to do. A line is `<id> <verb> <arguments>`, the answer
/// `<id> <text>`; what
/// happens by itself is told with `*` for the id.
///
/// Arguments: directory (with `key`, `cert`, `pins/`, `raft/`, `seats/`), member id, listening host, port, safeguards
/// to leave out.
@SuppressWarnings("StringSplitter") // the lines are ours
public final class RaftProcess {
    private static final PrintStream OUT = System.out;
    private static final CountingWorld COUNTING = new CountingWorld();
    private static final World WORLD = COUNTING.world;

    private final Path directory;
    private final MemberId self;
    private final RaftEngine engine;
    private final TreeMap<Long, String> read = new TreeMap<>();
    /// The position that a pull reaches if the log begins before it; a pull waits for it.
    private volatile CompletableFuture<Position> pulled = CompletableFuture.completedFuture(new Position(1, 0));
    private final Semaphore window = new Semaphore(16);

    @SuppressWarnings("NullAway.Init") // the first command opens it
    private volatile OrderedLog log;

    private volatile boolean load;
    private volatile boolean started;

    private RaftProcess(Path directory, MemberId self, String host, int port, String without) throws Exception {
        this.directory = directory;
        this.self = self;
        if (without.contains("noResumption")) {
            System.setProperty(SessionResumption.CLIENT, "true");
            System.setProperty(SessionResumption.SERVER, "true");
        }
        Safeguards safeguards = new Safeguards(
                !without.contains("noResumption"),
                !without.contains("peerGuard"),
                !without.contains("sizeGate"),
                !without.contains("logSupervisor"),
                !without.contains("pauseTolerance"),
                !without.contains("askedLeadership"));
        RaftEngineSettings settings = new RaftEngineSettings(
                directory.resolve("raft"),
                self,
                new Listener(host, host, port),
                Duration.ofMillis(Long.getLong("electionMillis", 1000)),
                new Sizes(
                        OrderedLog.RECORD_BYTES_MAX,
                        Long.getLong("segment", 4L << 20),
                        Long.getLong("freeSpace", 8L << 20)),
                Duration.ofSeconds(20));
        this.engine = RaftEngine.start(
                settings, WORLD, TestPins.keys(directory), new TestPins.Pins(directory.resolve("pins")), safeguards);
    }

    /// See the class.
    public static void main(String[] args) throws Exception {
        RaftProcess process =
                new RaftProcess(Path.of(args[0]), MemberId.parse(args[1]), args[2], Integer.parseInt(args[3]), args[4]);
        say("*", "up " + process.engine.address());
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", 3);
                Thread.ofVirtual().start(() -> process.obey(words[0], words[1], words.length > 2 ? words[2] : ""));
            }
        }
        System.exit(0);
    }

    private static void say(String id, String text) {
        synchronized (OUT) {
            OUT.println(id + " " + text);
            OUT.flush();
        }
    }

    private void obey(String id, String verb, String rest) {
        try {
            say(id, answer(id, verb, rest));
        } catch (Throwable fault) {
            say(id, outcome(fault));
        }
    }

    private static String outcome(Throwable fault) {
        return switch (fault) {
            case CompletionException wrapped when wrapped.getCause() != null -> outcome(wrapped.getCause());
            case Refused refused -> "refused " + refused.refusal().code() + " " + oneLine(refused.getMessage());
            case Ambiguous ambiguous -> "ambiguous " + oneLine(ambiguous.getMessage());
            default -> "failed " + oneLine(fault.toString());
        };
    }

    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).replace('\n', ' ');
    }

    private String answer(String id, String verb, String rest) throws Exception {
        return switch (verb) {
            case "provision" -> {
                seat().provision(self);
                yield "ok";
            }
            case "join" -> {
                seat().join(self);
                yield "ok";
            }
            case "open" -> open(rest);
            case "append" ->
                "ok " + log.append(ByteString.copyFromUtf8(rest)).join().index();
            case "confirm" -> {
                log.confirm().join();
                yield "ok " + tail().split(" ", -1)[1];
            }
            case "confirms" -> confirms(Integer.parseInt(rest));
            case "size" ->
                "ok " + log.append(noise(Integer.parseInt(rest))).join().index();
            case "load" -> load(rest);
            case "leader" -> text(log.leadership());
            case "members" -> seated(log.members());
            case "change" -> {
                log.changeMembers(log.members(), seated(rest)).join();
                yield "ok";
            }
            case "transfer" -> {
                log.transferLeadership(rest.isEmpty() ? Optional.empty() : Optional.of(MemberId.parse(rest)))
                        .join();
                yield "ok";
            }
            case "forget" -> forget(Long.parseLong(rest));
            case "holdpull" -> {
                pulled = new CompletableFuture<>();
                yield "ok";
            }
            case "pulled" -> {
                String[] position = rest.split(" ", -1);
                pulled.complete(new Position(Long.parseLong(position[0]), Long.parseLong(position[1])));
                yield "ok";
            }
            case "cut" -> {
                engine.cut(place(), MemberId.parse(rest)).join();
                yield "ok";
            }
            case "tail" -> tail();
            case "server" -> Integer.toString(System.identityHashCode(engine.server()));
            case "syncs" -> Long.toString(COUNTING.syncs.get());
            case "dump" -> dump(id);
            case "files" -> files();
            case "close" -> {
                log.close();
                yield "ok";
            }
            default -> "failed no such verb";
        };
    }

    /// So many confirmations one after the other; what each took, and the processor time of the process meanwhile.
    private String confirms(int count) {
        long began = System.nanoTime();
        long busy = processorNanos();
        for (int i = 0; i < count; i++) {
            log.confirm().join();
        }
        return "ok %d us, %d us of processor time each"
                .formatted((System.nanoTime() - began) / count / 1000, (processorNanos() - busy) / count / 1000);
    }

    private static long processorNanos() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    private SeatFile seat() {
        return new SeatFile(WORLD.disk(), directory.resolve("seats").resolve("c1"));
    }

    private OpenChannel.Place place() {
        return new OpenChannel.Place(new ChannelId("c1"), ByteString.copyFromUtf8("genesis"));
    }

    /// `<initial members> <term:index>`, `-` for nothing.
    private String open(String rest) {
        String[] words = rest.split(" ");
        Position from = Position.NONE;
        if (!words[1].equals("-")) {
            String[] parts = words[1].split(":");
            from = new Position(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        }
        log = engine.open(new OpenChannel(place(), seat(), seated(words[0]), from, new Told(), new Stamps()));
        return "ok " + engine.address();
    }

    private String load(String rest) {
        load = rest.equals("on");
        if (load && !started) {
            started = true;
            Thread.ofVirtual().start(this::generate);
        }
        return "ok";
    }

    private void generate() {
        try {
            for (long n = 0; ; n++) {
                window.acquire();
                while (!load || !log.leadership().ready()) {
                    Thread.sleep(5);
                }
                String payload = self + "-" + ProcessHandle.current().pid() + "-" + n + "-" + "x".repeat(100);
                var _ = log.append(ByteString.copyFromUtf8(payload)).whenComplete((position, fault) -> {
                    window.release();
                    if (position != null) {
                        say("*", "acked " + position.index() + " " + payload);
                    }
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String forget(long index) {
        long term = log.leadership().term();
        log.forgetUpTo(new Position(term, index));
        return "ok";
    }

    private String tail() {
        synchronized (read) {
            return read.isEmpty() ? "0 0" : read.size() + " " + read.lastKey();
        }
    }

    private String dump(String id) {
        List<String> lines = new ArrayList<>();
        synchronized (read) {
            for (Map.Entry<Long, String> entry : read.entrySet()) {
                lines.add("entry " + entry.getKey() + " " + entry.getValue());
            }
        }
        lines.forEach(line -> say(id, line));
        return "end";
    }

    private String files() throws Exception {
        try (var all = Files.walk(directory.resolve("raft").resolve("groups"))) {
            return all.filter(p -> p.getFileName().toString().startsWith("log"))
                    .map(p -> p.getFileName().toString())
                    .sorted()
                    .toList()
                    .toString();
        }
    }

    private static String text(Leadership leadership) {
        return leadership.leader().map(MemberId::toString).orElse("none") + " " + leadership.term() + " "
                + leadership.ready();
    }

    private static String seated(List<Seated> members) {
        return String.join(
                ",",
                members.stream()
                        .map(m -> m.member() + "@" + m.address())
                        .sorted()
                        .toList());
    }

    private static List<Seated> seated(String text) {
        List<Seated> members = new ArrayList<>();
        for (String part : text.equals("-") ? new String[0] : text.split(",")) {
            String[] halves = part.split("@");
            members.add(new Seated(MemberId.parse(halves[0]), halves[1]));
        }
        return members;
    }

    private static final class Stamps implements OrderedLog.Stamper {
        @Override
        public long timeMillis() {
            return WORLD.clock().wallMillis();
        }

        @Override
        public boolean cutAfter(ByteString record) {
            return record.size() % 2 == 1;
        }
    }

    private final class Told implements OrderedLog.Reader {
        @Override
        public void entry(Entry entry) {
            String payload =
                    entry.record().size() > 1000 ? "big" : entry.record().toStringUtf8();
            long index = entry.position().index();
            synchronized (read) {
                boolean late = !read.isEmpty() && read.lastKey() >= index;
                if (late || entry.cutAfter() != (entry.record().size() % 2 == 1) || entry.timeMillis() < 1) {
                    say("*", "wrong entry " + index + " " + payload);
                }
                read.put(index, payload);
            }
        }

        @Override
        public void leadership(Leadership leadership) {
            say("*", "leadership " + text(leadership));
        }

        @Override
        public void members(List<Seated> members, Position position) {
            say("*", "members " + seated(members));
        }

        @Override
        public Position catchUp(long firstAvailable) {
            say("*", "catchUp " + firstAvailable);
            Position goal = pulled.join();
            return new Position(goal.term(), Math.max(goal.index(), firstAvailable - 1));
        }

        @Override
        public void logFailed(String reason) {
            say("*", "logFailed " + oneLine(reason));
        }

        @Override
        public void logRecovered() {
            say("*", "logRecovered");
        }
    }

    /// What does not shrink when it is packed.
    private static ByteString noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
