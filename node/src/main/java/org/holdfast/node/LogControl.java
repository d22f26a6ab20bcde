package org.holdfast.node;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Marker;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.filter.AbstractFilter;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.apache.logging.log4j.message.Message;
import org.apache.logging.log4j.spi.StandardLevel;
import org.holdfast.env.Metric;
import org.holdfast.env.Metrics;
import org.jspecify.annotations.Nullable;

/// What this process logs, and how: changes the logging system's configuration while it runs, and counts entries.
///
/// The logging system is the process's; so is this, whoever made it last. Libraries keep the levels they have in
/// `log4j2.xml` unless the spec names them or its default is stricter. One lock; any thread.
final class LogControl {
    static final Metric.Counter CHECKED = Metric.counter(
            "logging_entries_checked",
            "Entries offered to the log, whether or not their level is on.",
            "entries",
            "level");
    static final Metric.Counter WRITTEN =
            Metric.counter("logging_entries_written", "Entries written to the log.", "entries", "level");
    static final List<Metric> ALL = List.of(CHECKED, WRITTEN);

    private static final String APPENDER = "out";
    private static final String FORMATTED = "out-formatted";
    private static final String JSON_LINE = "{\"level\":\"%level{TRACE=trace,DEBUG=debug,INFO=info,WARN=warning,"
            + "ERROR=error,FATAL=fatal}\",\"ts\":\"%d{yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX}\",\"name\":\"%c\","
            + "\"at\":\"%enc{%X{at}}{JSON}\",\"msg\":\"%enc{%m}{JSON}\",\"stack\":\"%enc{%xEx}{JSON}\"}%n";

    private final LoggerContext context;
    private final Map<String, Level> given = new TreeMap<>();
    private final Set<String> named = new LinkedHashSet<>();
    private LogSpec spec = LogSpec.DEFAULT;

    private LogControl(LoggerContext context) {
        this.context = context;
    }

    /// Takes the process's logging system in hand. Changes nothing yet but that entries are counted.
    static LogControl take(Metrics metrics) {
        if (!(LogManager.getContext(false) instanceof LoggerContext context)) {
            throw new IllegalStateException("the logging system is not Log4j");
        }
        LogControl control = new LogControl(context);
        Configuration configuration = context.getConfiguration();
        configuration.getLoggers().forEach((name, logger) -> {
            if (!name.isEmpty()) {
                control.given.put(name, logger.getLevel());
            }
        });
        Count checked = new Count(metrics, CHECKED);
        Count written = new Count(metrics, WRITTEN);
        Optional.ofNullable(configuration.getFilter()).ifPresent(configuration::removeFilter);
        configuration.addFilter(checked);
        configuration.getAppenders().values().forEach(appender -> written.on(appender));
        context.updateLoggers();
        return control;
    }

    /// Puts what the environment asks for in force.
    ///
    /// @return a warning, if the form asked for is not one we have
    /// @throws BadSettings when the spec cannot be used
    Optional<String> apply(NodeSettings.LogSettings settings) throws BadSettings {
        Optional<String> warning = settings.format().flatMap(this::form);
        if (settings.spec().isPresent()) {
            try {
                apply(LogSpec.parse(settings.spec().get()));
            } catch (LogSpec.BadSpec e) {
                throw new BadSettings(List.of("FABRIC_LOGGING_SPEC: " + e.getMessage()));
            }
        }
        return warning;
    }

    /// The spec in force.
    synchronized LogSpec spec() {
        return spec;
    }

    /// Puts a spec in force for everything logged from now on.
    synchronized void apply(LogSpec next) {
        Configuration configuration = context.getConfiguration();
        named.forEach(configuration::removeLogger);
        named.clear();
        configuration.getRootLogger().setLevel(next.rest());
        given.forEach((name, level) -> configuration
                .getLoggerConfig(name)
                .setLevel(level.isMoreSpecificThan(next.rest()) ? level : next.rest()));
        next.levels().forEach((name, level) -> {
            if (given.containsKey(name)) {
                configuration.getLoggerConfig(name).setLevel(level);
            } else {
                configuration.addLogger(name, new LoggerConfig(name, level, true));
                named.add(name);
            }
        });
        context.updateLoggers();
        spec = next;
    }

    /// Puts a form of the lines in force: `json` is one JSON object a line; the form Fabric describes with `%{...}` is
    /// not understood and changes nothing.
    ///
    /// @return a warning, if the form is not one we have
    synchronized Optional<String> form(String format) {
        if (!format.strip().equals("json")) {
            return Optional.of("FABRIC_LOGGING_FORMAT has no effect: 'json' is the one form besides our own line");
        }
        Configuration configuration = context.getConfiguration();
        PatternLayout layout = PatternLayout.newBuilder()
                .setPattern(JSON_LINE)
                .setConfiguration(configuration)
                .setAlwaysWriteExceptions(false)
                .build();
        Appender before = configuration.getAppender(APPENDER);
        ConsoleAppender after = ConsoleAppender.newBuilder()
                .setName(FORMATTED)
                .setLayout(layout)
                .setFilter(before instanceof ConsoleAppender console ? console.getFilter() : null)
                .setConfiguration(configuration)
                .build();
        after.start();
        configuration.addAppender(after);
        configuration.getRootLogger().removeAppender(APPENDER);
        configuration.getRootLogger().addAppender(after, null, null);
        context.updateLoggers();
        return Optional.empty();
    }

    /// Counts and lets pass.
    private static final class Count extends AbstractFilter {
        private final Map<StandardLevel, Metrics.Counter> levels = new EnumMap<>(StandardLevel.class);

        Count(Metrics metrics, Metric.Counter metric) {
            for (StandardLevel level : StandardLevel.values()) {
                levels.put(level, metrics.counter(metric, name(level)));
            }
        }

        void on(Appender appender) {
            if (appender instanceof org.apache.logging.log4j.core.appender.AbstractAppender filtered) {
                Optional.ofNullable(filtered.getFilter()).ifPresent(filtered::removeFilter);
                filtered.addFilter(this);
            }
        }

        private static String name(StandardLevel level) {
            return switch (level) {
                case TRACE, DEBUG, ALL -> "debug";
                case INFO -> "info";
                case WARN -> "warn";
                case ERROR -> "error";
                case FATAL, OFF -> "fatal";
            };
        }

        private Result count(Level level) {
            Metrics.Counter counter = levels.get(level.getStandardLevel());
            if (counter != null) {
                counter.increment();
            }
            return Result.NEUTRAL;
        }

        @Override
        public Result filter(LogEvent event) {
            return count(event.getLevel());
        }

        @Override
        public Result filter(
                Logger logger,
                Level level,
                @Nullable Marker marker,
                @Nullable Message message,
                @Nullable Throwable thrown) {
            return count(level);
        }

        @Override
        public Result filter(
                Logger logger,
                Level level,
                @Nullable Marker marker,
                @Nullable Object message,
                @Nullable Throwable thrown) {
            return count(level);
        }

        @Override
        public Result filter(
                Logger logger, Level level, @Nullable Marker marker, @Nullable String message, Object... parameters) {
            return count(level);
        }
    }
}
