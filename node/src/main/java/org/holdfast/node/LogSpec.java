package org.holdfast.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.logging.log4j.Level;

/// What is logged, in the form that Fabric's `FABRIC_LOGGING_SPEC` and `/logspec` have: `:` between segments, each one
/// `logger[,logger...]=level` or a level alone, which is the default for everything else.
///
/// Levels: debug, info, warn (warning), error, dpanic, panic, fatal, in small or capital letters; also Fabric's older
/// notice (= info) and critical (= error). A dot at the end of a logger's name is allowed and changes nothing here.
///
/// @param loggers level of each named logger
/// @param otherwise level of the rest
record LogSpec(Map<String, String> loggers, String otherwise) {
    /// Loggers in one spec at most.
    static final int LOGGERS_MAX = 200;

    /// Info for everything.
    static final LogSpec DEFAULT = new LogSpec(Map.of(), "info");

    private static final int SHOWN_MAX = 1000;

    /// Longest name of a logger.
    static final int NAME_CHARS_MAX = 256;

    /// Possessive, or a name of many parts would use up the stack.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_#:/-]++(?:\\.[A-Za-z0-9_#:/-]++)*+");

    /// The name by which a Fabric operator knows something → our loggers that say it. The longest name that is the
    /// given one or stands before a dot of it counts.
    static final Map<String, List<String>> FABRIC_NAMES = Map.ofEntries(
            Map.entry("orderer", List.of("org.holdfast")),
            Map.entry("orderer.common", List.of("org.holdfast.node", "org.holdfast.transport")),
            Map.entry("orderer.common.server", List.of("org.holdfast.node")),
            Map.entry(
                    "orderer.common.broadcast", List.of("org.holdfast.node.BroadcastDoor", "org.holdfast.order.Gate")),
            Map.entry("orderer.common.blockcutter", List.of("org.holdfast.order.Cutter")),
            Map.entry(
                    "orderer.common.multichannel",
                    List.of(
                            "org.holdfast.node.Channels",
                            "org.holdfast.order.BlockWriter",
                            "org.holdfast.order.Spine")),
            Map.entry(
                    "orderer.common.cluster",
                    List.of(
                            "org.holdfast.node.ClusterDoor",
                            "org.holdfast.node.ChannelPeers",
                            "org.holdfast.transport")),
            Map.entry("orderer.common.onboarding", List.of("org.holdfast.order.CatchUp")),
            Map.entry("orderer.common.msgprocessor", List.of("org.holdfast.channel")),
            Map.entry("orderer.consensus", List.of("org.holdfast.order")),
            Map.entry("orderer.consensus.etcdraft", List.of("org.holdfast.order", "org.apache.ratis")),
            Map.entry("orderer.operations", List.of("org.holdfast.node.Operations")),
            Map.entry("common.deliver", List.of("org.holdfast.node.DeliverDoor", "org.holdfast.transport.DeliverCall")),
            Map.entry("common.deliverevents", List.of("org.holdfast.node.DeliverDoor")),
            Map.entry("common.configtx", List.of("org.holdfast.channel")),
            Map.entry("common.channelconfig", List.of("org.holdfast.channel")),
            Map.entry("common.capabilities", List.of("org.holdfast.channel")),
            Map.entry("policies", List.of("org.holdfast.channel")),
            Map.entry("cauthdsl", List.of("org.holdfast.channel")),
            Map.entry("msp", List.of("org.holdfast.identity")),
            Map.entry("bccsp", List.of("org.holdfast.identity")),
            Map.entry("blkstorage", List.of("org.holdfast.ledger")),
            Map.entry("fsblkstorage", List.of("org.holdfast.ledger")),
            Map.entry("blockledger", List.of("org.holdfast.ledger")),
            Map.entry("ledger", List.of("org.holdfast.ledger")),
            Map.entry("comm", List.of("org.holdfast.transport")),
            Map.entry("comm.grpc", List.of("org.holdfast.transport", "io.grpc")),
            Map.entry("grpc", List.of("io.grpc")));

    /// Short names of our rooms.
    private static final List<String> ROOMS =
            List.of("env", "wire", "identity", "channel", "transport", "ledger", "order", "node");

    LogSpec {
        loggers = Map.copyOf(loggers);
    }

    /// A spec that cannot be used, and what is wrong with it.
    static final class BadSpec extends Exception {
        private static final long serialVersionUID = 1L;

        BadSpec(String spec, String reason) {
            super("invalid logging specification '%s': %s".formatted(shown(spec), shown(reason)));
        }
    }

    /// Enough of a text to know it again: it goes into an answer.
    private static String shown(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
    }

    /// Reads a spec; an empty one is the default.
    static LogSpec parse(String spec) throws BadSpec {
        Map<String, String> loggers = new TreeMap<>();
        String otherwise = DEFAULT.otherwise;
        for (String segment : spec.strip().split(":", -1)) {
            List<String> sides = List.of(segment.split("=", -1));
            if (sides.size() > 2) {
                throw new BadSpec(spec, "bad segment '%s': more than one '='".formatted(segment));
            }
            boolean alone = sides.size() == 1;
            String level = (alone && segment.isBlank() ? Optional.of(DEFAULT.otherwise) : canonical(sides.getLast()))
                    .orElseThrow(() -> new BadSpec(
                            spec,
                            "bad segment '%s': '%s' is no level, as debug, info, warn, error, panic, fatal are"
                                    .formatted(segment, sides.getLast())));
            if (alone) {
                otherwise = level;
                continue;
            }
            if (sides.getFirst().isBlank()) {
                throw new BadSpec(spec, "no logger specified in segment '%s'".formatted(segment));
            }
            for (String name : sides.getFirst().split(",", -1)) {
                String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
                if (plain.length() > NAME_CHARS_MAX || !NAME.matcher(plain).matches()) {
                    throw new BadSpec(spec, "bad logger name '%s'".formatted(name));
                }
                loggers.put(name, level);
            }
        }
        if (loggers.size() > LOGGERS_MAX) {
            throw new BadSpec(spec, "it names %d loggers, %d at most".formatted(loggers.size(), LOGGERS_MAX));
        }
        return new LogSpec(loggers, otherwise);
    }

    /// As `/logspec` shows it: the named loggers in order of their names, the default last.
    String text() {
        List<String> segments = new ArrayList<>();
        new TreeMap<>(loggers).forEach((name, level) -> segments.add(name + "=" + level));
        segments.add(otherwise);
        return String.join(":", segments);
    }

    /// Levels of our loggers, by what the named ones stand for; where two stand for the same, the longer name counts.
    Map<String, Level> levels() {
        Map<String, Level> levels = new TreeMap<>();
        loggers.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.comparingInt(String::length)))
                .forEach(entry -> ours(entry.getKey()).forEach(logger -> levels.put(logger, level(entry.getValue()))));
        return levels;
    }

    /// Level of everything not named.
    Level rest() {
        return level(otherwise);
    }

    /// Our loggers for a name: a Fabric name, one of our rooms, or a logger's own name.
    static List<String> ours(String name) {
        String plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        String room = plain.contains(".") ? plain.substring(0, plain.indexOf('.')) : plain;
        for (String at = plain; !at.isEmpty(); at = shorter(at)) {
            List<String> known = FABRIC_NAMES.get(at);
            if (known != null) {
                return known;
            }
        }
        return List.of(ROOMS.contains(room) ? "org.holdfast." + plain : plain);
    }

    private static String shorter(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(0, dot);
    }

    private static Optional<String> canonical(String level) {
        return switch (level.strip().toLowerCase(Locale.ROOT)) {
            case "debug" -> Optional.of("debug");
            case "info", "notice" -> Optional.of("info");
            case "warn", "warning" -> Optional.of("warn");
            case "error", "critical" -> Optional.of("error");
            case "dpanic" -> Optional.of("dpanic");
            case "panic" -> Optional.of("panic");
            case "fatal" -> Optional.of("fatal");
            default -> Optional.empty();
        };
    }

    /// Nothing here panics; whoever wants to see only panics sees only what ends the process.
    private static Level level(String canonical) {
        return switch (canonical) {
            case "debug" -> Level.DEBUG;
            case "warn" -> Level.WARN;
            case "error" -> Level.ERROR;
            case "dpanic", "panic", "fatal" -> Level.FATAL;
            default -> Level.INFO;
        };
    }
}
