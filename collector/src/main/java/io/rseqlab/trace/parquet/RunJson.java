package io.rseqlab.trace.parquet;

import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes {@code run.json}: snake_case keys in the order of {@link RunInfo}, absent values left out. */
final class RunJson {
    static final String FILE = "run.json";
    private static final String TEMPORARY = "." + FILE + ".open";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private RunJson() {}

    /** Replaces the file at once, so that readers see the old or the new one. */
    static void write(Path directory, RunInfo info) {
        Path temporary = directory.resolve(TEMPORARY);
        try {
            Files.write(temporary, text(info).getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw OutputException.cannotWrite(directory.resolve(FILE), e);
        }
    }

    /** The file's content. */
    static String text(RunInfo info) {
        return MAPPER.writeValueAsString(info).replace("\r\n", "\n") + "\n";
    }

    /** Reads what {@link #text} answers. */
    static RunInfo info(String text) {
        try {
            return MAPPER.readValue(text, RunInfo.class);
        } catch (JacksonException e) {
            throw new TraceException("a damaged run.json" + place(e) + ": " + firstLine(e.getOriginalMessage()), e);
        }
    }

    /**
     * What {@link #info} would answer to {@link #text}: a whole number is an int where it fits. What else changes on
     * the way is not known here, so a specification with other values, lists say, is written and read.
     */
    static RunInfo asRead(RunInfo info) {
        Map<String, Object> spec = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : info.spec().entrySet()) {
            Object value = entry.getValue();
            if (value instanceof Long number && number.intValue() == number) {
                value = number.intValue();
            }
            boolean known = value instanceof String
                    || value instanceof Boolean
                    || value instanceof Integer
                    || value instanceof Long
                    || value instanceof Double number && Double.isFinite(number);
            if (!known) {
                return info(text(info));
            }
            spec.put(entry.getKey(), value);
        }
        return info.withSpec(spec);
    }

    /** Takes the file away, and what was left of an attempt to write it. */
    static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(TEMPORARY));
        Files.deleteIfExists(directory.resolve(FILE));
    }

    /** The specification as one line, for footers. */
    static String spec(RunInfo info) {
        return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(info.spec());
    }

    /**
     * How a footer differs from {@code run.json}, in words; null if it does not, or says nothing.
     *
     * @param spec the specification as {@link #spec} writes it, or null
     * @param modelVersion or null
     */
    static String difference(RunInfo info, String spec, String modelVersion) {
        if (modelVersion != null && !modelVersion.equals(info.modelVersion())) {
            return "model version " + modelVersion + ", while run.json says " + info.modelVersion();
        }
        String known = spec(info);
        if (spec == null || spec.equals(known)) {
            return null;
        }
        JsonNode theirs = MAPPER.readTree(spec);
        JsonNode ours = MAPPER.readTree(known);
        Set<String> keys = new LinkedHashSet<>(ours.propertyNames());
        keys.addAll(theirs.propertyNames());
        for (String key : keys) {
            if (!ours.path(key).equals(theirs.path(key))) {
                return key + " " + words(theirs.path(key)) + ", while run.json says " + words(ours.path(key));
            }
        }
        return null;
    }

    private static String words(JsonNode value) {
        return value.isMissingNode() ? "absent" : value.isString() ? value.asString() : value.toString();
    }

    static RunInfo read(Path directory) {
        Path file = directory.resolve(FILE);
        if (!Files.isDirectory(directory)) {
            throw new TraceException(
                    "'" + directory + "' is no trace: " + (Files.exists(directory) ? "a file" : "no such directory")
                            + ", while a trace is a directory with a " + FILE);
        }
        if (!Files.isRegularFile(file)) {
            throw new TraceException("'" + directory + "' is no trace: it has no " + FILE);
        }
        try {
            JsonNode json = MAPPER.readTree(Files.readString(file));
            if (!json.isObject()) {
                throw new TraceException("'" + file + "' is damaged: "
                        + (json.isMissingNode() ? "it is empty" : "it holds no JSON object"));
            }
            checkVersion(file, json);
            return MAPPER.treeToValue(json, RunInfo.class);
        } catch (JacksonException e) {
            throw new TraceException(
                    "'" + file + "' is damaged" + place(e) + ": " + firstLine(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new TraceException("'" + file + "' cannot be read: " + firstLine(e.getMessage()), e);
        }
    }

    private static void checkVersion(Path file, JsonNode json) {
        int version = json.path("format_version").asInt(0);
        if (version != RunInfo.FORMAT_VERSION) {
            throw new TraceException("'" + file + "' has format_version " + (version == 0 ? "none" : version)
                    + "; this program reads version " + RunInfo.FORMAT_VERSION);
        }
    }

    private static String place(JacksonException e) {
        return e.getLocation() == null || e.getLocation().getLineNr() < 1
                ? ""
                : " in line " + e.getLocation().getLineNr();
    }

    /** Without the place where the parser believes the text to come from, which says nothing. */
    private static String firstLine(String message) {
        return String.valueOf(message).lines().findFirst().orElse("").replaceFirst(" \\(start marker at \\[.*", "");
    }
}
