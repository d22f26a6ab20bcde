package org.holdfast.state.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.holdfast.state.CommandSpec;
import org.holdfast.state.Reply;
import org.jspecify.annotations.Nullable;

/// How often each command was called at this door and what came of it: INFO COMMANDSTATS and ERRORSTATS, in Redis 7's
/// fields. Any thread. Commands are those of the command table, so there are no more lines than those; of errors there
/// are [#ERRORS_MAX].
final class CommandFigures {
    /// Kinds of errors that are counted apart.
    static final int ERRORS_MAX = 128;

    private final Map<String, Line> lines = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    private static final class Line {
        final LongAdder calls = new LongAdder();
        final LongAdder micros = new LongAdder();
        final LongAdder rejected = new LongAdder();
        final LongAdder failed = new LongAdder();
    }

    /// A command was answered.
    void called(CommandSpec spec, long micros, Reply reply) {
        Line line = line(spec);
        line.calls.increment();
        line.micros.add(micros);
        if (reply instanceof Reply.Failure failure) {
            line.failed.increment();
            error(failure);
        }
    }

    /// A command was refused before it was tried.
    ///
    /// @param spec null when nobody knows it
    void rejected(@Nullable CommandSpec spec, Reply why) {
        if (spec != null) {
            line(spec).rejected.increment();
        }
        if (why instanceof Reply.Failure failure) {
            error(failure);
        }
    }

    /// Begins anew.
    void clear() {
        lines.clear();
        errors.clear();
    }

    private Line line(CommandSpec spec) {
        Line known = lines.get(spec.name());
        return known != null ? known : lines.computeIfAbsent(spec.name(), _ -> new Line());
    }

    private void error(Reply.Failure failure) {
        LongAdder known = errors.get(failure.code());
        if (known == null && errors.size() < ERRORS_MAX) {
            known = errors.computeIfAbsent(failure.code(), _ -> new LongAdder());
        }
        if (known != null) {
            known.increment();
        }
    }

    List<String> commands() {
        List<String> told = new ArrayList<>();
        new TreeMap<>(lines).forEach((name, line) -> {
            long calls = line.calls.sum();
            long micros = line.micros.sum();
            told.add(String.format(
                    Locale.ROOT,
                    "cmdstat_%s:calls=%d,usec=%d,usec_per_call=%.2f,rejected_calls=%d,failed_calls=%d",
                    name,
                    calls,
                    micros,
                    calls == 0 ? 0.0 : (double) micros / calls,
                    line.rejected.sum(),
                    line.failed.sum()));
        });
        return told;
    }

    List<String> errors() {
        List<String> told = new ArrayList<>();
        new TreeMap<>(errors)
                .forEach((code, count) ->
                        told.add(String.format(Locale.ROOT, "errorstat_%s:count=%d", code, count.sum())));
        return told;
    }
}
