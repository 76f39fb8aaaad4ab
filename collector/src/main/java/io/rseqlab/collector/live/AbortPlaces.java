package io.rseqlab.collector.live;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Where in their sections the kernel aborted the driver's threads: the addresses of {@code rseq_ip_fixup} lines, told
 * by the names that the driver gives to its sections and to what stands in them.
 */
final class AbortPlaces {
    private static final String FIXUP = "rseq_ip_fixup";

    private final JsonNode answer;

    /** Reads places from the driver's answer. */
    AbortPlaces(JsonNode answer) {
        this.answer = answer;
    }

    /**
     * Counts the aborts of this run's sections.
     *
     * @param trace lines of the trace; those of other programs' sections are passed over
     * @return aborts by {@code section/step}
     */
    Map<String, Long> count(Stream<String> trace) {
        Map<String, Long> counts = new TreeMap<>();
        trace.map(TextForm.FTRACE::parse)
                .filter(line -> line != null && line.event().equals(FIXUP))
                .map(line -> TextArguments.ofFixup(line.args()))
                .filter(Objects::nonNull)
                .forEach(fixup -> {
                    String section = section(fixup.start(), fixup.length());
                    if (section != null) {
                        counts.merge(section + "/" + step(fixup.start(), fixup.instruction()), 1L, Long::sum);
                    }
                });
        return counts;
    }

    private String section(long start, long length) {
        for (JsonNode section : answer.path("sections")) {
            if (address(section.path("start_ip")) == start
                    && section.path("post_commit_offset").asLong() == length) {
                return section.path("name").asString();
            }
        }
        return null;
    }

    /** The last step at or before an address that is not before the section. */
    private String step(long start, long ip) {
        String name = "?";
        long last = start;
        for (JsonNode step : answer.path("steps")) {
            long at = address(step.path("ip"));
            if (at >= last && at <= ip) {
                last = at;
                name = step.path("name").asString();
            }
        }
        return name;
    }

    private static long address(JsonNode hexadecimal) {
        return Long.parseUnsignedLong(hexadecimal.asString().substring(2), 16);
    }

    /** The events that must be recorded. */
    static List<String> events() {
        return List.of("rseq:" + FIXUP);
    }
}
