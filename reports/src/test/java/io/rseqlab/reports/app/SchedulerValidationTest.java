package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.live.SchedulerFigures;
import io.rseqlab.collector.live.SchedulerThread;
import io.rseqlab.reports.page.Agreement;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.ReportPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures of the scheduler: what is taken from a run, what is near, and the page of them. */
class SchedulerValidationTest {
    private static SchedulerFigures.OfThread hog(int slices) {
        List<Double> us =
                IntStream.rangeClosed(1, slices).mapToObj(i -> 100.0 * i).toList();
        return new SchedulerFigures.OfThread(0, 1, 10, 0, slices, 0, us, List.of());
    }

    private static List<String> quantities(String experiment, SchedulerFigures.OfThread... threads) {
        return SchedulerValidation.quantities(
                        SchedulerThread.parse(experiment), new SchedulerFigures(2, List.of(threads)))
                .stream()
                .map(quantity -> quantity.name() + " = " + quantity.value())
                .toList();
    }

    @Test
    void runSlicesAreThoseOfAllHogsTogetherWhereThereAreMoreThreadsThanCpus() {
        assertThat(quantities("hog,hog,hog", hog(101), hog(0), hog(0)))
                .contains(
                        "run slices of hogs, us, p10 = 1100.0",
                        "run slices of hogs, us, p50 = 5100.0",
                        "run slices of hogs, us, p90 = 9100.0");
        assertThat(quantities("hog,hog", hog(101), hog(101))).noneMatch(name -> name.contains("run slices"));
        assertThat(quantities("hog,hog,hog", hog(10), hog(10), hog(9)))
                .as("too few")
                .noneMatch(name -> name.contains("run slices"));
    }

    private static SchedulerValidation.Row row(String quantity, double measured, double most, double predicted) {
        return new SchedulerValidation.Row(
                "hog,hog", quantity, measured, measured, most, predicted, predicted / measured - 1);
    }

    private static final SchedulerValidation THREE = new SchedulerValidation(
            List.of(
                    row("thread 0 CPU share", 0.5, 0.5, 0.54),
                    row("migrations per second", 2, 8, 7),
                    row("thread 1 wake-up to run, us, p99", 10, 11, 50)),
            0.25);

    @Test
    void nearIsInsideTheMeasuredOrWithinATenth() {
        assertThat(THREE.near()).hasToString("2 of 3 inside the measured min to max or within 10 %");
    }

    @Test
    void whatOthersHadOfTheCpusIsSaid() {
        assertThat(THREE.text(THREE.conditions())).contains("note: other programs had up to 25 % of the CPUs");
        assertThat(new SchedulerValidation(THREE.rows(), 0.05).conditions()).isEmpty();
        assertThat(THREE.json("m", null)).contains("\"others_cpu_share\" : 0.25", "\"near\" : 2");
    }

    @Test
    void theSchedulerHasAPageOfItsOwn(@TempDir Path folder) throws IOException {
        ReportModel model = ValidationPage.of(THREE, "m", "rseqlab validate --grid scheduler", List.of("a note"));
        assertThat(model.agreements().stream().map(Agreement::id))
                .containsExactly("shares", "switches", "slices", "wake-ups");
        assertThat(model.agreements().stream().map(kind -> kind.dots().size())).containsExactly(1, 1, 0, 1);
        Path page = ReportPage.write(folder, model);
        assertThat(Files.readString(page)).contains("2 of 3 inside the measured", "wake-up to run, us, p99", "a note");
        assertThat(folder.resolve("charts/wake-ups.png")).isNotEmptyFile();
    }
}
