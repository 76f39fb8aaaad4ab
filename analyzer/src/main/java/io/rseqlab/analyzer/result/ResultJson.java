package io.rseqlab.analyzer.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Result documents as JSON: keys in snake_case with the unit last. In an analysis each run is flat, so that {@code jq
 * '.runs[0].aborts'} works; {@code units} stands beside the runs, and what is behind a number (numerator and
 * denominator, interval, note) in the run's {@code evidence}.
 */
public final class ResultJson {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .changeDefaultPropertyInclusion(value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private ResultJson() {}

    public static String write(AnalysisDocument document) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", AnalysisDocument.KIND).put("format_version", document.formatVersion());
        Map<String, String> units = new LinkedHashMap<>();
        ArrayNode runs = MAPPER.createArrayNode();
        for (RunResult run : document.runs()) {
            run.metrics().forEach((id, value) -> units.put(id, value.unit()));
            runs.add(RunJson.write(run));
        }
        root.set("units", MAPPER.valueToTree(units));
        root.set("runs", runs);
        return text(root);
    }

    public static String write(ComparisonDocument document) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", ComparisonDocument.KIND);
        root.setAll((ObjectNode) MAPPER.valueToTree(document));
        return text(root);
    }

    public static String write(WhyDocument document) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", WhyDocument.KIND);
        root.setAll((ObjectNode) MAPPER.valueToTree(document));
        return text(root);
    }

    public static String write(AdviceDocument document) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", AdviceDocument.KIND);
        root.setAll((ObjectNode) MAPPER.valueToTree(document));
        return text(root);
    }

    /** Reads what {@link #write(AnalysisDocument)} wrote. */
    public static AnalysisDocument readAnalysis(String json) {
        JsonNode root = root(json, AnalysisDocument.KIND, AnalysisDocument.FORMAT_VERSION);
        Map<String, String> units = new LinkedHashMap<>();
        root.path("units")
                .properties()
                .forEach(unit -> units.put(unit.getKey(), unit.getValue().asString()));
        return new AnalysisDocument(root.path("runs")
                .valueStream()
                .map(run -> RunJson.read((ObjectNode) run, units))
                .toList());
    }

    /** Reads what {@link #write(ComparisonDocument)} wrote. */
    public static ComparisonDocument readComparison(String json) {
        ObjectNode root = root(json, ComparisonDocument.KIND, ComparisonDocument.FORMAT_VERSION);
        root.remove("kind");
        return MAPPER.treeToValue(root, ComparisonDocument.class);
    }

    /** What a result document is ({@link AnalysisDocument#KIND} or {@link ComparisonDocument#KIND}), or null. */
    public static String kindOf(String json) {
        try {
            return MAPPER.readTree(json).path("kind").asString(null);
        } catch (JacksonException e) {
            return null;
        }
    }

    private static ObjectNode root(String json, String kind, int version) {
        JsonNode root = parse(json);
        String found = root.path("kind").asString("");
        if (!kind.equals(found)) {
            throw new IllegalArgumentException("not a document of kind " + kind + " but '" + found + "'");
        }
        int foundVersion = root.path("format_version").asInt(0);
        if (foundVersion != version) {
            throw new IllegalArgumentException(
                    kind + " document has format version " + foundVersion + "; this program reads version " + version);
        }
        return (ObjectNode) root;
    }

    private static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static String text(ObjectNode root) {
        return MAPPER.writeValueAsString(root) + "\n";
    }
}
