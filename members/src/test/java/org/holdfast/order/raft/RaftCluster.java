package org.holdfast.order.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Members as processes on loopback, with mutual TLS and keys of their own.
@SuppressWarnings("StringSplitter") // the lines are ours
final class RaftCluster implements AutoCloseable {
    final List<Member> members = new ArrayList<>();
    private final Path root;
    private final Map<String, String> options = new TreeMap<>();
    String without = "-";
    private long oneWayMillis;
    private final List<DelayProxy> proxies = new ArrayList<>();
    Consumer<Member> beforeStart = member -> {};

    RaftCluster(Path root) {
        this.root = root;
    }

    RaftCluster option(String name, String value) {
        options.put(name, value);
        return this;
    }

    /// Puts members this far from each other.
    RaftCluster apart(long oneWay) {
        oneWayMillis = oneWay;
        return this;
    }

    /// Three members with a log of their own, one of them leading.
    RaftCluster three() {
        for (int i = 0; i < 3; i++) {
            add(1);
        }
        List<Member> first = List.copyOf(members);
        first.forEach(beforeStart);
        first.forEach(Member::start);
        for (Member member : first) {
            assertThat(member.ask("provision")).isEqualTo("ok");
            assertThat(member.ask("open " + addresses(first) + " -")).startsWith("ok");
        }
        leader();
        return this;
    }

    /// A member with a key of its own that everyone pins.
    Member add(int incarnation) {
        Path directory = root.resolve("m" + members.size());
        String seat = TestPins.make(directory);
        Member member = new Member(directory, seat, incarnation, "127.0.0.1", freePort());
        if (oneWayMillis > 0) {
            DelayProxy proxy = new DelayProxy(member.listens, oneWayMillis);
            proxies.add(proxy);
            member.port = proxy.port();
        }
        members.add(member);
        pin();
        return member;
    }

    private void pin() {
        try {
            for (Member holder : members) {
                for (Member pinned : members) {
                    Path pins = Files.createDirectories(holder.directory.resolve("pins"));
                    Files.writeString(pins.resolve(pinned.seat), "");
                }
                Files.createDirectories(holder.directory.resolve("seats"));
                Files.createDirectories(holder.directory.resolve("raft"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String addresses(List<Member> members) {
        return members.stream().map(Member::address).collect(Collectors.joining(","));
    }

    /// The member that leads and is ready.
    Member leader() {
        return await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(this::ready, found -> !found.isEmpty())
                .getFirst();
    }

    private List<Member> ready() {
        return members.stream()
                .filter(m -> m.isUp() && !m.frozen)
                .filter(m -> m.ask("leader").equals(m.id() + " " + m.lastTerm() + " true"))
                .toList();
    }

    List<Member> followers() {
        Member leader = leader();
        return members.stream().filter(m -> m != leader && m.isUp()).toList();
    }

    /// Waits until a member has read an index.
    static void hasRead(Member member, long index) {
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> Long.parseLong(member.ask("tail").split(" ")[1]) >= index);
    }

    /// Appends on whoever leads until it is committed.
    long append(String text) {
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (true) {
            String answer = leader().ask("append " + text);
            if (answer.startsWith("ok ")) {
                return Long.parseLong(answer.substring(3));
            }
            assertThat(System.nanoTime()).as(answer).isLessThan(deadline);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        members.forEach(Member::kill);
        proxies.forEach(DelayProxy::close);
    }

    /// One process.
    final class Member {
        final Path directory;
        final String seat;
        final String host;
        int incarnation;
        int port;
        int listens;
        volatile boolean frozen;
        final List<String> events = new CopyOnWriteArrayList<>();
        final Map<Long, String> acked = new ConcurrentHashMap<>();
        List<String> prefix = List.of();
        private final AtomicLong ids = new AtomicLong();
        private final Map<String, CompletableFuture<String>> asked = new ConcurrentHashMap<>();
        private final Map<Long, String> dumped = new TreeMap<>();

        @SuppressWarnings("NullAway.Init") // set by start
        private Process process;

        Member(Path directory, String seat, int incarnation, String host, int port) {
            this.directory = directory;
            this.seat = seat;
            this.incarnation = incarnation;
            this.host = host;
            this.port = port;
            this.listens = port;
        }

        String id() {
            return seat + "." + incarnation;
        }

        String address() {
            return id() + "@" + host + ":" + port;
        }

        boolean isUp() {
            return process != null && process.isAlive();
        }

        long pid() {
            return process.pid();
        }

        String lastTerm() {
            return ask("leader").split(" ")[1];
        }

        void start() {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    System.getProperty("java.home") + "/bin/java",
                    "-Xmx256m",
                    "-Xss512k",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dlog4j2.configurationFile=raft-process-log4j2.properties"));
            options.forEach((name, value) -> command.add("-D" + name + "=" + value));
            String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            command.addAll(List.of("-cp", path, RaftProcess.class.getName()));
            command.addAll(List.of(directory.toString(), id(), host, Integer.toString(listens), without));
            try {
                process = new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(
                                directory.resolve("err").toFile()))
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Process started = process;
            int before = events.size();
            Thread.ofVirtual().start(() -> listen(started));
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> events.stream().skip(before).anyMatch(e -> e.startsWith("up ")));
        }

        private void listen(Process from) {
            try (BufferedReader in = from.inputReader()) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    hear(line);
                }
            } catch (IOException gone) {
                events.add("gone");
            }
            asked.values().forEach(f -> f.complete("failed process is gone"));
        }

        private void hear(String line) {
            String[] words = line.split(" ", 2);
            if (words.length < 2) {
                return;
            }
            String text = words[1];
            if (!words[0].equals("*")) {
                if (text.startsWith("entry ")) {
                    String[] parts = text.split(" ", 3);
                    dumped.put(Long.parseLong(parts[1]), parts[2]);
                } else {
                    CompletableFuture<String> answer = asked.remove(words[0]);
                    if (answer != null) {
                        answer.complete(text);
                    }
                }
            } else if (text.startsWith("acked ")) {
                String[] parts = text.split(" ", 3);
                acked.put(Long.parseLong(parts[1]), parts[2]);
            } else {
                events.add(text);
            }
        }

        CompletableFuture<String> send(String verb) {
            String id = Long.toString(ids.incrementAndGet());
            CompletableFuture<String> answer = new CompletableFuture<>();
            asked.put(id, answer);
            try {
                process.getOutputStream()
                        .write((id + " " + verb + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            } catch (IOException gone) {
                answer.complete("failed process is gone");
            }
            return answer;
        }

        String ask(String verb) {
            try {
                return send(verb).get(60, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new IllegalStateException(id() + " does not answer to " + verb, e);
            }
        }

        Map<Long, String> dump() {
            dumped.clear();
            assertThat(ask("dump")).isEqualTo("end");
            return new TreeMap<>(dumped);
        }

        boolean saw(String event) {
            return events.stream().anyMatch(e -> e.startsWith(event));
        }

        void kill() {
            if (process != null) {
                process.destroyForcibly();
                process.onExit().join();
            }
        }

        void signal(String name) {
            try {
                int code = new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                        .start()
                        .waitFor();
                assertThat(code).isZero();
                frozen = name.equals("STOP");
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /// Loses everything it stored and comes back in the same seat as the next incarnation, at another port.
        void reincarnate() {
            kill();
            wipe();
            incarnation++;
            port = freePort();
            listens = port;
            start();
            assertThat(ask("join")).isEqualTo("ok");
            assertThat(ask("open - -")).startsWith("ok");
        }

        /// Deletes log and seat marker.
        void wipe() {
            for (String name : List.of("raft", "seats")) {
                try (var files = Files.walk(directory.resolve(name))) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(file);
                    }
                    Files.createDirectories(directory.resolve(name));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        /// Takes a seat's pin back; connections that are open stay.
        void unpin(Member other) {
            try {
                Files.delete(directory.resolve("pins").resolve(other.seat));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        String errors() {
            try {
                return Files.readString(directory.resolve("err"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /// Starts again over what is on disk.
        void restart() {
            start();
            String answer = ask("open " + addresses(members.subList(0, 3)) + " -");
            assertThat(answer).startsWith("ok");
        }
    }
}
