package io.rseqlab.reports.app;

import static io.rseqlab.reports.app.Answer.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.collector.sweep.PlannedSweep;
import io.rseqlab.reports.page.Quantity;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.ReportPage;
import io.rseqlab.reports.page.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The study's experiments are files that anyone can run, and its page says what its runs say. */
class StudyCommandTest {
    private static final String SHARED = """
            seeds = "%s"
            [run]
            machine = "%s"
            cpus = %d
            warmup = "30us"
            duration = "20us"
            ops = "none"
            %s
            [grid]
            strategy = ["message-passing", "snmalloc", "rseq-freelist", "tcmalloc-percpu"]
            """;

    @TempDir
    Path scratch;

    @Test
    void theFullFormHasTheSeedsForIntervalsAndTheQuickOneIsSmaller() {
        assertThat(StudyExperiment.messagePassing(true)).hasSameSizeAs(StudyExperiment.messagePassing(false));
        for (int i = 0; i < StudyExperiment.messagePassing(false).size(); i++) {
            PlannedSweep full = StudyExperiment.messagePassing(false).get(i).plan();
            PlannedSweep quick = StudyExperiment.messagePassing(true).get(i).plan();
            assertThat(full.seeds()).isGreaterThanOrEqualTo(10);
            assertThat(quick.seeds()).as("the least that make intervals").isEqualTo(PairedLogRatio.LEAST_N);
            assertThat(quick.cpuSeconds()).isLessThan(full.cpuSeconds() / 5);
        }
    }

    @Test
    void aPrintedExperimentIsAFileForSweep() throws IOException {
        for (String name : List.of("exchange", "many-cpus", "handoff")) {
            Answer printed = run("study", "message-passing", "--quick", "--print", name);
            assertThat(printed.code()).isZero();
            Path file = Files.writeString(scratch.resolve(name + ".toml"), printed.out());
            Answer plan = run("sweep", file, "--dry-run");
            assertThat(plan.code()).as(plan.err()).isZero();
            assertThat(plan.out()).contains("strategy=snmalloc", "strategy=supermalloc-rseq");
        }
    }

    @Test
    void whatDoesNotExistIsRefusedByName() {
        Answer study = run("study", "message-pasing", "--out", scratch.resolve("a"));
        assertThat(study.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(study.err()).contains("no study 'message-pasing'", "message-passing");
        Answer print = run("study", "message-passing", "--print", "handof");
        assertThat(print.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(print.err()).contains("no experiment 'handof'", "handoff");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void drawsOfCostsAreAskedForByTheCommand() {
        StudyExperiment experiment = StudyExperiment.messagePassing(true).get(1);
        assertThat(experiment.withCostDraws(0)).isEqualTo(experiment);
        int seeds = experiment.plan().seeds();
        assertThat(experiment.withCostDraws(2).plan().size())
                .isEqualTo(experiment.plan().size() / seeds * (seeds + 2 * Math.min(3, seeds)));
        assertThat(run("study", "message-passing", "--cost-draws", "-1").code()).isEqualTo(ExitCodes.USAGE);
    }

    private Map<String, List<RunResult>> results(String seeds) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put(
                StudyExperiment.EXCHANGE,
                SHARED.formatted(seeds, "zen5-vm-2", 2, "")
                        + "workload = [\"producer-consumer\", \"symmetric\"]\nthreads = [2, 4]\n");
        texts.put(
                StudyExperiment.MANY_CPUS,
                SHARED.formatted(seeds, "generic-64", 4, "workload = \"producer-consumer\"") + "threads = [2, 4]\n");
        texts.put(
                StudyExperiment.HANDOFF,
                SHARED.formatted(seeds, "zen5-vm-2", 2, "workload = \"churn\"")
                        + "threads = [1, 4]\nhandoff = [0, 1]\n");
        Map<String, List<RunResult>> results = new LinkedHashMap<>();
        texts.forEach((name, text) -> {
            PlannedSweep.Outcome outcome = PlannedSweep.of(text, name)
                    .run(scratch.resolve(name), false, 2, new PrintWriter(new StringWriter()), () -> "");
            assertThat(outcome.violations()).isEmpty();
            results.put(
                    name, Analyzer.analyze(Traces.find(List.of(outcome.runs()))).runs());
        });
        return results;
    }

    @Test
    void thePageSaysWhoWinsWhereByHowMuchAndWhy() throws IOException {
        ReportModel model = StudyPage.of("rseqlab study message-passing", results("1..6"));
        assertThat(model.verdicts().get(0)).contains(" on ").endsWith(".");
        assertThat(model.verdicts()).hasSize(3);
        assertThat(model.verdicts().get(1))
                .startsWith("Message passing against caches per CPU, all else equal: ")
                .contains("message-passing", "rseq-freelist", "×", " on 2 CPUs", " cycles per operation less; ")
                .doesNotContain("a look, no result");
        assertThat(model.verdicts()).noneMatch(line -> line.contains("xtrapolated"));
        assertThat(model.verdicts()).noneMatch(line -> line.startsWith("Why "));
        assertThat(model.comparison().crossovers()).hasSize(8);
        assertThat(model.comparison().crossovers())
                .filteredOn(map -> map.y() == null)
                .allMatch(map -> map.place().keySet().containsAll(List.of("workload", "cpus", "machine")));
        assertThat(model.comparison().modelError())
                .as("machines of all experiments")
                .contains("zen5-vm-2", "generic-64");
        aRowForEachLine(model.tables().get(0));
        Table reasons = model.tables().get(1);
        assertThat(reasons.title()).isEqualTo("Why each is ahead where it is ahead most");
        assertThat(reasons.rows()).hasSizeBetween(2, 4).allSatisfy(row -> {
            assertThat(row.get(0).toString())
                    .matches("\\S+ minus \\S+")
                    .contains(row.get(1).toString());
            assertThat(row.get(2).toString()).contains(" thread");
            double difference = ((Quantity) row.get(3)).value();
            assertThat(row.get(0).toString().startsWith(row.get(1).toString())).isEqualTo(difference < 0);
        });
        Table aborts = model.tables().get(2);
        assertThat(aborts.title()).isEqualTo("What aborts of sections would cost");
        assertThat(aborts.rows()).extracting(row -> row.get(0)).containsExactly("rseq-freelist", "tcmalloc-percpu");
        assertThat(aborts.rows())
                .allSatisfy(row -> assertThat(((Quantity) row.get(2)).value()).isBetween(0.0, 1.0));
        assertThat(model.tables().subList(3, model.tables().size()))
                .hasSameSizeAs(reasons.rows())
                .allMatch(table -> table.title().startsWith("Why: "));
        Path page = ReportPage.write(scratch.resolve("page"), model);
        String html = Files.readString(page);
        String seen = html.replaceAll("(?s)<script.*?</script>", "");
        assertThat(html).contains("snmalloc over tcmalloc-percpu, point by point");
        assertThat(seen.split("xtrapolated", -1)).as("said once").hasSize(2);
    }

    /** Two pairs; a line for each of two workloads, one on more CPUs, and one for each of two hand-offs. */
    private static void aRowForEachLine(Table regions) {
        assertThat(regions.title()).isEqualTo("Where each is ahead, and by how much");
        assertThat(regions.rows()).hasSize(2 * 5);
        assertThat(regions.rows().subList(0, 5))
                .extracting(row -> row.get(1))
                .containsExactly(
                        "producer-consumer, 2 CPUs",
                        "symmetric, 2 CPUs",
                        "producer-consumer, 4 CPUs",
                        "churn, hand-off 0, 2 CPUs",
                        "churn, hand-off 1, 2 CPUs");
        assertThat(regions.rows())
                .anyMatch(row -> row.get(2).toString().matches("[1-4 toand]+ threads?: ×.*\\[.*]"))
                .allMatch(row -> row.subList(2, 5).stream().anyMatch(item -> !"–".equals(item)));
    }

    @Test
    void withoutIntervalsThePageCallsItALook() {
        List<String> verdicts = StudyPage.of("rseqlab study message-passing --quick", results("1,2"))
                .verdicts();
        assertThat(verdicts.get(0)).startsWith("A look, no result, by too few seeds: ");
        assertThat(verdicts.subList(1, verdicts.size()))
                .hasSize(2)
                .allMatch(line -> line.contains("without intervals: a look, no result") && !line.contains("["))
                .noneMatch(line -> line.contains("neither is shown"));
    }
}
