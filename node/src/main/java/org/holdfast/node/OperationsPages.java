package org.holdfast.node;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.holdfast.env.Clock;
import org.holdfast.env.Metrics;
import org.holdfast.node.Operations.Answer;
import org.holdfast.node.Operations.Page;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The pages of the operations port, as Fabric's operations service answers them: `/healthz` and `/version` for
/// everybody, `/logspec` and `/metrics` for those with a certificate. Hold no state of their own.
final class OperationsPages {
    private static final Logger LOG = LoggerFactory.getLogger(OperationsPages.class);
    private static final JsonMapper JSON = new JsonMapper();

    private OperationsPages() {}

    /// What the pages show.
    ///
    /// @param failures what keeps the node from its work; empty = healthy
    /// @param prometheus whether `/metrics` shows the figures (Metrics.Provider)
    record Sources(
            Clock clock,
            Supplier<List<Health.Failure>> failures,
            LogControl log,
            Metrics metrics,
            boolean prometheus) {}

    /// The pages by their paths.
    static Map<String, Page> of(Sources sources) {
        Map<String, Page> pages = new TreeMap<>();
        pages.put("/healthz", new Page(true, Map.of("GET", _ -> health(sources))));
        pages.put("/version", new Page(true, Map.of("GET", _ -> version())));
        pages.put(
                "/logspec",
                new Page(false, Map.of("GET", _ -> spec(sources.log), "PUT", ask -> setSpec(sources.log, ask.body()))));
        pages.put("/metrics", new Page(false, Map.of("GET", _ -> metrics(sources))));
        return pages;
    }

    /// A text as `{"error": text}`.
    static ObjectNode error(String text) {
        return error(Page.FABRIC, text);
    }

    /// A text under a name.
    static ObjectNode error(String name, String text) {
        return JSON.createObjectNode().put(name, text);
    }

    private static Answer health(Sources sources) {
        List<Health.Failure> failures = sources.failures.get();
        ObjectNode body = JSON.createObjectNode();
        body.put("status", failures.isEmpty() ? "OK" : "Service Unavailable");
        body.put("time", Instant.ofEpochMilli(sources.clock.wallMillis()).toString());
        if (!failures.isEmpty()) {
            ArrayNode failed = body.putArray("failed_checks");
            failures.forEach(failure ->
                    failed.addObject().put("component", failure.component()).put("reason", failure.reason()));
        }
        return Answer.json(failures.isEmpty() ? 200 : 503, body);
    }

    private static Answer version() {
        return Answer.json(
                200, JSON.createObjectNode().put("CommitSHA", Version.commit()).put("Version", Version.text()));
    }

    private static Answer spec(LogControl log) {
        return Answer.json(200, JSON.createObjectNode().put("spec", log.spec().text()));
    }

    private static Answer setSpec(LogControl log, byte[] body) {
        try {
            JsonNode spec =
                    JSON.readTree(new String(body, StandardCharsets.UTF_8)).path("spec");
            if (!spec.isString()) {
                return Answer.json(400, error("a JSON object {\"spec\": \"...\"} is wanted"));
            }
            LogSpec next = LogSpec.parse(spec.asString());
            log.apply(next);
            LOG.info("Logging specification is now {}", next.text());
            return new Answer(204, Answer.JSON, "");
        } catch (JacksonException e) {
            return Answer.json(400, error("not a JSON object: " + e.getOriginalMessage()));
        } catch (LogSpec.BadSpec e) {
            return Answer.json(400, error(String.valueOf(e.getMessage())));
        }
    }

    private static Answer metrics(Sources sources) {
        return sources.prometheus
                ? new Answer(200, PrometheusText.CONTENT_TYPE, PrometheusText.of(sources.metrics.read()))
                : Answer.json(404, error("no figures are shown here: set Metrics.Provider to prometheus"));
    }
}
