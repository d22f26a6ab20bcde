package org.holdfast.wire;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.hyperledger.fabric.protos.common.HeaderType;
import org.hyperledger.fabric.protos.common.Status;

/// One thing for each pair of what an envelope can be (`HeaderType`) and what its client can be told (`Status`), made
/// when first asked for. Numbers that have no name share one place, called `unknown`: there are only so many.
/// Thread-safe; looking up what was made before takes no lock and allocates nothing.
public final class Outcomes<T> {
    /// The name of a number without a name.
    public static final String UNKNOWN = "unknown";

    /// A type number that no envelope has.
    public static final int NO_TYPE = -1;

    private final Map<HeaderType, Map<Status, T>> places = new ConcurrentHashMap<>();
    private final BiFunction<String, String, T> make;

    /// @param make makes one from the names of type and status
    public Outcomes(BiFunction<String, String, T> make) {
        this.make = make;
    }

    /// The one for a header type's and a status' number.
    public T of(int type, int status) {
        HeaderType known = HeaderType.forNumber(type);
        HeaderType kind = known == null ? HeaderType.UNRECOGNIZED : known;
        Status named = Status.forNumber(status);
        Status outcome = named == null ? Status.UNRECOGNIZED : named;
        Map<Status, T> row = places.get(kind);
        T present = row == null ? null : row.get(outcome);
        return present != null
                ? present
                : places.computeIfAbsent(kind, _ -> new ConcurrentHashMap<>())
                        .computeIfAbsent(
                                outcome,
                                _ -> make.apply(
                                        kind == HeaderType.UNRECOGNIZED ? UNKNOWN : kind.name(),
                                        outcome == Status.UNRECOGNIZED ? UNKNOWN : outcome.name()));
    }
}
