package io.rseqlab.analyzer.result;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One run as a flat JSON object, and back. */
final class RunJson {
    /** Keys that are no metrics; no metric may have such an id. */
    static final Set<String> RESERVED = Set.of(
            "trace",
            "source",
            "state",
            "violations",
            "strategy",
            "workload",
            "machine",
            "kernel",
            "cpus",
            "threads",
            "seed",
            "inject",
            "window_s",
            "clock_hz",
            "content_hash",
            "trace_cpus",
            "offset_unit",
            "evidence",
            "latency_histogram",
            "aborts_by_section",
            "sections",
            "per_cpu",
            "per_thread",
            "timeline",
            "spec",
            "reproduce",
            "notes");

    private static final List<String> KEY =
            List.of("strategy", "workload", "machine", "kernel", "cpus", "threads", "seed", "inject");

    private RunJson() {}

    static ObjectNode write(RunResult run) {
        ObjectNode node = ResultJson.MAPPER.createObjectNode();
        node.put("trace", run.trace()).put("source", run.source()).put("state", run.state());
        node.put("violations", run.violations());
        node.setAll((ObjectNode) ResultJson.MAPPER.valueToTree(run.key()));
        node.put("window_s", run.windowSeconds()).put("clock_hz", run.clockHz());
        node.put("trace_cpus", run.cpus()).put("content_hash", run.contentHash());
        ObjectNode evidence = ResultJson.MAPPER.createObjectNode();
        run.metrics().forEach((id, value) -> node.set(id, metric(id, value, evidence)));
        node.put("offset_unit", run.offsetUnit());
        set(node, "aborts_by_section", run.abortSites());
        set(node, "per_cpu", run.perCpu());
        set(node, "per_thread", run.perThread());
        set(node, "latency_histogram", run.latency());
        set(node, "sections", run.sections());
        set(node, "timeline", run.timeline());
        node.set("evidence", evidence);
        set(node, "notes", run.notes());
        set(node, "spec", run.spec());
        node.put("reproduce", run.reproduce());
        return node;
    }

    private static void set(ObjectNode node, String key, Object value) {
        node.set(key, ResultJson.MAPPER.valueToTree(value));
    }

    private static JsonNode metric(String path, MetricValue value, ObjectNode evidence) {
        Evidence behind = Evidence.of(value);
        if (behind != null) {
            set(evidence, path, behind);
        }
        if (!value.isGroup()) {
            return ResultJson.MAPPER.valueToTree(value.value());
        }
        ObjectNode group = ResultJson.MAPPER.createObjectNode();
        value.parts().forEach((name, part) -> group.set(name, metric(path + "/" + name, part, evidence)));
        return group;
    }

    static RunResult read(ObjectNode node, Map<String, String> units) {
        JsonNode evidence = node.path("evidence");
        Map<String, MetricValue> metrics = new LinkedHashMap<>();
        node.properties().stream()
                .filter(entry -> !RESERVED.contains(entry.getKey()))
                .forEach(entry -> metrics.put(
                        entry.getKey(),
                        metric(entry.getKey(), entry.getValue(), units.getOrDefault(entry.getKey(), ""), evidence)));
        return new RunResult(
                text(node, "trace"),
                ResultJson.MAPPER.treeToValue(node.deepCopy().retain(KEY), RunKey.class),
                text(node, "source"),
                text(node, "state"),
                as(node, "spec", new TypeReference<Map<String, Object>>() {}),
                text(node, "reproduce"),
                text(node, "content_hash"),
                node.path("window_s").asDouble(),
                node.path("clock_hz").asLong(),
                node.path("trace_cpus").asInt(),
                text(node, "offset_unit"),
                metrics,
                as(node, "latency_histogram", new TypeReference<Map<String, LatencyHistogram>>() {}),
                as(node, "aborts_by_section", new TypeReference<List<AbortSite>>() {}),
                as(node, "sections", new TypeReference<List<SectionListing>>() {}),
                as(node, "per_cpu", new TypeReference<List<CpuResult>>() {}),
                as(node, "per_thread", new TypeReference<List<ThreadResult>>() {}),
                as(node, "timeline", new TypeReference<Timeline>() {}),
                as(node, "notes", new TypeReference<List<String>>() {}),
                as(node, "violations", new TypeReference<Long>() {}));
    }

    private static MetricValue metric(String path, JsonNode node, String unit, JsonNode evidence) {
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        node.properties()
                .forEach(part ->
                        parts.put(part.getKey(), metric(path + "/" + part.getKey(), part.getValue(), unit, evidence)));
        Number value = node.isNumber() ? node.numberValue() : null;
        JsonNode behind = evidence.get(path);
        Evidence found = behind == null
                ? new Evidence(null, null, null, null)
                : ResultJson.MAPPER.treeToValue(behind, Evidence.class);
        return new MetricValue(
                value, unit, found.numerator(), found.denominator(), found.interval(), parts, found.note());
    }

    private static String text(ObjectNode node, String key) {
        return node.path(key).asString(null);
    }

    private static <T> T as(ObjectNode node, String key, TypeReference<T> type) {
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : ResultJson.MAPPER.treeToValue(value, type);
    }

    /** What is behind a number. */
    record Evidence(Long numerator, Long denominator, Interval interval, String note) {
        static Evidence of(MetricValue value) {
            boolean none = value.numerator() == null
                    && value.denominator() == null
                    && value.interval() == null
                    && value.note() == null;
            return none ? null : new Evidence(value.numerator(), value.denominator(), value.interval(), value.note());
        }
    }
}
