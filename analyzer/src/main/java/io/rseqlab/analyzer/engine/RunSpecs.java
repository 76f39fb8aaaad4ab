package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.result.RunKey;
import io.rseqlab.trace.RunInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a run's coordinates from its specification. */
final class RunSpecs {
    private static final List<String> OPTIONS = List.of(
            "strategy",
            "workload",
            "machine",
            "kernel",
            "cpus",
            "threads",
            "inject",
            "warmup",
            "duration",
            "ops",
            "slack");

    private static final String FALLBACK = "fallback ";

    private RunSpecs() {}

    /** The coordinates; all null for recorded traces. */
    static RunKey key(RunInfo info) {
        Map<String, Object> spec = RunInfo.SIMULATED.equals(info.source()) ? info.spec() : Map.of();
        Long cpus = number(spec, "cpus");
        Long threads = number(spec, "threads");
        return new RunKey(
                text(spec, "strategy"),
                text(spec, "workload"),
                text(spec, "machine"),
                text(spec, "kernel"),
                cpus == null ? null : Math.toIntExact(cpus),
                threads == null ? null : Math.toIntExact(threads),
                number(spec, "seed"),
                text(spec, "inject"));
    }

    /** What was asked for, and by which version of the model it was simulated. */
    static Map<String, Object> spec(RunInfo info) {
        Map<String, Object> spec = new LinkedHashMap<>(info.spec());
        if (RunInfo.SIMULATED.equals(info.source())) {
            spec.put("model_version", info.modelVersion());
        }
        return spec;
    }

    /** The command that makes the run again; null for recorded traces. */
    static String reproduce(RunInfo info) {
        if (!RunInfo.SIMULATED.equals(info.source())) {
            return null;
        }
        if (info.spec().get("command") instanceof String command) {
            return command;
        }
        StringBuilder command = new StringBuilder("rseqlab collect");
        for (String option : OPTIONS) {
            String value = text(info.spec(), option);
            if (value != null) {
                command.append(" --").append(option).append(' ').append(quoted(value));
            }
        }
        String seed = text(info.spec(), "seed");
        return command.append(seed == null ? "" : " --seeds " + seed)
                .append(" --out DIR")
                .toString();
    }

    /** The strategy that ran in place of the one asked for, null if that one ran. */
    static String fallback(RunInfo info) {
        return info.spec().get("mode") instanceof String mode && mode.startsWith(FALLBACK)
                ? mode.substring(FALLBACK.length())
                : null;
    }

    /** What it lacked that another strategy ran, or the same with another setting. */
    static String lacked(RunInfo info) {
        String strategy = text(info.spec(), "strategy");
        return strategy != null && fallback(info).startsWith(strategy + ":")
                ? "the machine has no hardware transactions"
                : "the kernel offers no rseq";
    }

    private static String quoted(String value) {
        return value.matches("[\\w./:=,+%@-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
    }

    private static String text(Map<String, Object> spec, String key) {
        Object value = spec.get(key);
        boolean plain = value instanceof String || value instanceof Number;
        return plain && !value.toString().isBlank() ? value.toString() : null;
    }

    private static Long number(Map<String, Object> spec, String key) {
        Object value = spec.get(key);
        if (value instanceof Number number) {
            return number.longValue();
        }
        return value instanceof String text && text.matches("-?\\d{1,18}") ? Long.valueOf(text) : null;
    }
}
