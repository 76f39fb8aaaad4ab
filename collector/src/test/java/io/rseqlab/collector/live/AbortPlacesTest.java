package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Addresses of aborts become names: each border between two steps, and what is no section of this run. */
class AbortPlacesTest {
    private static final String ANSWER = "{\"sections\":["
            + "{\"name\":\"pop\",\"start_ip\":\"0x55550100\",\"post_commit_offset\":35},"
            + "{\"name\":\"push\",\"start_ip\":\"0x55550200\",\"post_commit_offset\":61}],"
            + "\"steps\":[{\"name\":\"check CPU\",\"ip\":\"0x55550100\"},"
            + "{\"name\":\"read head\",\"ip\":\"0x5555010a\"},"
            + "{\"name\":\"commit\",\"ip\":\"0x55550120\"},{\"name\":\"check CPU\",\"ip\":\"0x55550200\"}]}";

    private static String fixup(String ip, String start, int length) {
        return "  driver-7  [001] .....  1.000001: rseq_ip_fixup: regs_ip=0x" + ip + " start_ip=0x" + start
                + " post_commit_offset=" + length + " abort_ip=0x55559000";
    }

    @Test
    void anAbortBelongsToTheLastStepAtOrBeforeIt() {
        Map<String, Long> places = new AbortPlaces(NativeWindow.tree(ANSWER))
                .count(Stream.of(
                        fixup("55550100", "55550100", 35),
                        fixup("55550109", "55550100", 35),
                        fixup("5555010a", "55550100", 35),
                        fixup("55550122", "55550100", 35),
                        fixup("55550230", "55550200", 61)));
        assertThat(places)
                .isEqualTo(Map.of("pop/check CPU", 2L, "pop/read head", 1L, "pop/commit", 1L, "push/check CPU", 1L));
    }

    @Test
    void sectionsOfOtherProgramsAndOtherEventsArePassedOver() {
        assertThat(new AbortPlaces(NativeWindow.tree(ANSWER))
                        .count(Stream.of(
                                fixup("7000", "7000", 35),
                                fixup("55550100", "55550100", 36),
                                "  driver-7  [001] .....  1.000001: rseq_update: cpu_id=1 node_id=0 mm_cid=0")))
                .isEmpty();
    }
}
