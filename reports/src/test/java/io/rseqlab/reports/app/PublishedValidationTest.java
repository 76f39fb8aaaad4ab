package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.published.BurstBenchmark;
import io.rseqlab.collector.published.LoopProgram;
import io.rseqlab.collector.run.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every published figure has a prediction, and every ratio that is far off says why. */
class PublishedValidationTest {
    private static final int RATIOS = 46;
    private static PublishedValidation validation;

    @BeforeAll
    static void predict() {
        validation = PublishedValidation.run(
                PublishedFigures.all(), new Progress("test", 1, new PrintWriter(new StringWriter())));
    }

    private static PublishedFigures.Figure figure(double ns) {
        return new PublishedFigures.Figure("f" + ns, ns, profile -> 0, 0, "");
    }

    private static PublishedValidation.Table table(boolean differences, double published, double predicted) {
        PublishedFigures.Table source =
                new PublishedFigures.Table("t", "p", "zen4-vm-2", differences, List.of(figure(2), figure(published)));
        return PublishedValidation.of(source, new double[] {4, predicted});
    }

    @Test
    void ratiosAreToTheFirstFigure() {
        PublishedValidation.Row row = table(false, 10, 24).rows().get(1);
        assertThat(row.publishedRatio()).isEqualTo(5);
        assertThat(row.predictedRatio()).isEqualTo(6);
        assertThat(row.error()).isCloseTo(1.4, within(1e-12));
        assertThat(row.ratioError()).isCloseTo(0.2, within(1e-12));
        assertThat(row.farOff()).isFalse();
        assertThat(table(false, 10, 26).rows().get(1).farOff()).isTrue();
    }

    /** The programs take 4 and 5: the second figure is the first as published, 2, and 1 more. */
    @Test
    void whereOnlyDifferencesArePredictedTheFirstFigureIsGiven() {
        List<PublishedValidation.Row> rows = table(true, 10, 5).rows();
        assertThat(rows.get(0).given()).isTrue();
        assertThat(rows.get(1).given()).isFalse();
        assertThat(rows.get(1).predictedNs()).isEqualTo(3);
        assertThat(rows.get(1).predictedRatio()).isEqualTo(1.5);
    }

    @Test
    void aRatioMayBeToAnotherFigureThanTheFirst() {
        PublishedFigures.Figure third = new PublishedFigures.Figure("third", 40, profile -> 0, 1, "");
        PublishedFigures.Table source =
                new PublishedFigures.Table("t", "p", "zen4-vm-2", false, List.of(figure(2), figure(10), third));
        PublishedValidation.Row row =
                PublishedValidation.of(source, new double[] {4, 5, 25}).rows().get(2);
        assertThat(row.publishedRatio()).isEqualTo(4);
        assertThat(row.predictedRatio()).isEqualTo(5);
        List<PublishedValidation.Row> locks = validation.tables().stream()
                .filter(table -> table.source().name().equals("counter behind locks, server"))
                .findFirst()
                .orElseThrow()
                .rows();
        assertThat(locks.get(4).publishedRatio()).isCloseTo(34.1 / 13.3, within(1e-9));
        assertThat(locks.get(5).publishedRatio()).isCloseTo(485.5 / 34.1, within(1e-9));
    }

    @Test
    void cpusAreReadAsListsAndRangesWithSteps() {
        assertThat(PublishedFigures.cpus("0,8")).containsExactly(0, 8);
        assertThat(PublishedFigures.cpus("0..6/2")).containsExactly(0, 2, 4, 6);
        assertThat(PublishedFigures.cpus("0..383")).hasSize(384);
    }

    @Test
    void everyFigureIsPredicted() {
        assertThat(validation.tables()).hasSize(20).allSatisfy(table -> {
            assertThat(ProfileReader.SHIPPED).contains(table.source().machine());
            assertThat(table.rows()).hasSameSizeAs(table.source().figures()).allSatisfy(row -> {
                assertThat(row.figure().ns()).isPositive();
                assertThat(row.predictedNs()).isPositive().isLessThan(1e6);
            });
        });
        Set<String> names = new HashSet<>();
        assertThat(validation.tables())
                .allMatch(table -> names.add(table.source().name()));
    }

    @Test
    void everyProgramPredictsSomething() throws IOException {
        String figures;
        try (InputStream in = PublishedFigures.class.getResourceAsStream("published.toml")) {
            figures = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(LoopProgram.values()).allMatch(program -> figures.contains("loop = \"" + program + "\""));
        assertThat(BurstBenchmark.Index.values()).allMatch(index -> figures.contains("burst = \"" + index + "\""));
    }

    /** Neither does a ratio go far off unexplained, nor does an explanation outlive its cause. */
    @Test
    void aRatioHasAnExplanationExactlyIfItIsFarOff() {
        assertThat(validation.tables())
                .allSatisfy(table -> assertThat(table.rows())
                        .allSatisfy(row -> assertThat(row.figure().explanation().isEmpty())
                                .as(
                                        "%s, %s: %.3f",
                                        table.source().name(), row.figure().of(), row.ratioError())
                                .isEqualTo(!row.farOff())));
    }

    @Test
    void textAndJsonSayTheSame() {
        String text = validation.text();
        JsonNode json = new JsonMapper().readTree(validation.json(0.25));
        long far = validation.past(0.25).size();
        assertThat(text).contains((RATIOS - far) + " of " + RATIOS + " ratios within 25 %");
        assertThat(json.get("ratios").asInt()).isEqualTo(RATIOS);
        assertThat(json.get("ratios_within_25_percent").asInt()).isEqualTo(RATIOS - (int) far);
        assertThat(json.get("past_tolerance")).hasSize((int) far);
        JsonNode event = json.get("tables").get(2).get("rows").get(0);
        assertThat(event.get("predicted_ns").isNull()).isTrue();
        JsonNode lock = json.get("tables").get(6).get("rows").get(5);
        assertThat(lock.get("ratio_to").asString()).isEqualTo("lock per CPU, getcpu each time");
        assertThat(lock.get("published_ratio").asDouble()).isCloseTo(149 / 29.6, within(1e-9));
        assertThat(text.lines()).allMatch(line -> line.length() <= 130);
        assertThat(validation.past(10)).isEmpty();
    }

    @Test
    void aMachineOfOnesOwnIsRefused() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        int code = Main.run(
                nowhere,
                new PrintStream(err, true, StandardCharsets.UTF_8),
                "validate",
                "--published",
                "--machine",
                "zen4-vm-2");
        assertThat(code).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--published").contains("--machine");
    }
}
