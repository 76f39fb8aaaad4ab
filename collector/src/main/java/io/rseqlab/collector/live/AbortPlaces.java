package io.rseqlab.collector.live;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Where in their sections the kernel aborted the driver's threads: the addresses of {@code rseq_ip_fixup} lines, told
 * by the names that the driver gives to its sections and to what stands in them.
 *
 * <p>Source of the line's form: {@code events/rseq/rseq_ip_fixup/format} of Linux 6.18; {@code regs_ip} is the
 * interrupted instruction.
 */
final class AbortPlaces {
    private static final Pattern FIXUP =
            Pattern.compile("rseq_ip_fixup: regs_ip=0x([0-9a-f]+) start_ip=0x([0-9a-f]+) post_commit_offset=(\\d+)");

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
        trace.map(FIXUP::matcher).filter(Matcher::find).forEach(line -> {
            String section = section(Long.parseUnsignedLong(line.group(2), 16), Long.parseLong(line.group(3)));
            if (section != null) {
                long start = Long.parseUnsignedLong(line.group(2), 16);
                long ip = Long.parseUnsignedLong(line.group(1), 16);
                counts.merge(section + "/" + step(start, ip), 1L, Long::sum);
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
        return List.of("rseq:rseq_ip_fixup");
    }
}
