package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.reports.page.Agreement;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of a validation: every point is on it once, in the picture of its kind, with its error. */
class ValidationPageTest {
    private static final List<String> STRATEGIES =
            List.of("rseq-freelist", "message-passing", "percpu-lock", "percpu-cas", "global-mutex");

    private static Validation validation() {
        List<Validation.Point> points = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            double measured = 4e6 * Math.pow(1.17, i);
            double off = 1 + 0.03 * (i % 7 - 3);
            Validation.Figure throughput =
                    new Validation.Figure(measured, measured * 0.95, measured * 1.04, measured * off, off - 1);
            double share = 0.3 + i % 15 / 25.0;
            Validation.Aborts aborts = i % 3 == 0
                    ? new Validation.Aborts(
                            new Validation.Figure(share, share - 0.03, share + 0.02, share + 0.04, 0.04), 1000, null, 0)
                    : null;
            boolean shared = i % 2 == 0;
            points.add(new Validation.Point(
                    STRATEGIES.get(i % 5),
                    "churn:think=" + i,
                    2,
                    shared,
                    shared ? HostState.FAR : null,
                    throughput,
                    aborts,
                    null,
                    aborts == null ? null : AbortShares.of(Map.of("pop/pad", 7L), Map.of("pop/pad", 9L)),
                    null,
                    30.0,
                    0.0,
                    9,
                    0));
        }
        return Validation.of(points);
    }

    @Test
    void everyPointIsOnceInThePictureOfItsKind() {
        ReportModel model = ValidationPage.of(validation(), "m", "rseqlab validate", List.of("a note"));
        List<Agreement> kinds = model.agreements();
        assertThat(kinds.stream().map(kind -> kind.dots().size())).containsExactly(15, 15, 10, 0);
        Agreement.Dot first = kinds.get(1).dots().get(0);
        assertThat(first.measured()).isEqualTo(4);
        assertThat(first.predicted()).isEqualTo(4 * 0.91);
        assertThat(first.point()).isEqualTo("churn:think=0, 2 threads, FAR");
        assertThat(kinds.get(2).dots())
                .allSatisfy(dot -> assertThat(dot.error()).isEqualTo(0.04));
        assertThat(model.notes()).contains("a note");
        assertThat(model.verdicts()).anyMatch(line -> line.startsWith("Places of aborts: 10 of 10"));
    }

    @Test
    void thePageHasItsPicturesAndSaysWhereThereAreNone(@TempDir Path folder) throws IOException {
        Path page =
                ReportPage.write(folder, ValidationPage.of(validation(), "m", "rseqlab validate", List.of("a note")));
        for (String picture : List.of("unshared", "shared", "aborts")) {
            assertThat(folder.resolve("charts/" + picture + ".png")).isNotEmptyFile();
        }
        assertThat(folder.resolve("charts/preemptions.png")).doesNotExist();
        assertThat(Files.readString(page)).contains("No data: nothing was compared", "a note", "12 largest errors");
        JsonNode data = JsonMapper.builder().build().readTree(Files.readString(folder.resolve(ReportPage.DATA)));
        JsonNode unshared = StreamSupport.stream(data.get("tables").spliterator(), false)
                .filter(table -> table.get("title").asString().equals("Throughput, threads share nothing"))
                .findFirst()
                .orElseThrow();
        assertThat(unshared.get("rows").size()).isEqualTo(15);
    }
}
