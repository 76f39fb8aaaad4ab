package io.rseqlab.reports.app;

import static io.rseqlab.reports.app.Answer.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.run.RunSpecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** From runs of the model to the reason: the profile of their machine is found, and another is not taken for it. */
class WhyCommandTest {
    @TempDir
    Path scratch;

    private Path study;

    @BeforeEach
    void collect() {
        study = scratch.resolve("study");
        String line = "collect --strategy rseq-freelist --strategy message-passing --workload churn:handoff=0.5"
                + " --threads 4 --warmup 50us --duration 50us --seeds 1..6 --ops none --out " + study;
        assertThat(run((Object[]) line.split(" ")).code()).isZero();
    }

    @Test
    void thePartsOfModelledRunsAddUp() throws IOException {
        Answer table = run("why", study, "--baseline", "rseq-freelist");
        assertThat(table.code()).as(table.err()).isZero();
        assertThat(table.out())
                .startsWith("message-passing against rseq-freelist: churn, n=6\n")
                .contains("instructions at full width", "lines of objects from other cores", "within these");
        Answer json = run("why", study, "--baseline", "rseq-freelist", "--format", "json");
        JsonNode cell = new ObjectMapper().readTree(json.out()).path("cells").get(0);
        for (String group : List.of("where", "why")) {
            double sum = cell.path(group)
                    .valueStream()
                    .mapToDouble(part -> part.path("difference").asDouble())
                    .sum();
            assertThat(sum)
                    .isBetween(
                            cell.path("whole").path("difference").asDouble() - 1e-6,
                            cell.path("whole").path("difference").asDouble() + 1e-6);
        }
    }

    @Test
    void anotherProfileOfTheSameNameHasNoPrices() {
        RunResult run = Analyzer.analyze(Traces.find(List.of(study))).runs().get(0);
        MachineProfile own = RunSpecs.machine("zen5-vm-2");
        MachineFacts prices = new MachineFacts(null);
        assertThat(prices.apply(run).microOp()).isEqualTo(1 / own.cost("core.dispatch_width"));
        assertThat(prices.apply(with(run, Map.of("machine_digest", "another")))).isNull();
        assertThat(prices.apply(with(run, Map.of()))).isNull();
    }

    private static RunResult with(RunResult run, Map<String, Object> spec) {
        return new RunResult(
                run.trace(),
                run.key(),
                run.source(),
                run.state(),
                spec,
                run.reproduce(),
                run.contentHash(),
                run.windowSeconds(),
                run.clockHz(),
                run.cpus(),
                run.offsetUnit(),
                run.metrics(),
                run.latency(),
                run.abortSites(),
                run.sections(),
                run.perCpu(),
                run.perThread(),
                run.timeline(),
                run.notes(),
                run.violations());
    }

    @Test
    void theReportSaysWhyToo() throws IOException {
        Path page = scratch.resolve("page");
        assertThat(run("report", study, "--baseline", "rseq-freelist", "--out", page)
                        .code())
                .isZero();
        assertThat(Files.readString(page.resolve("index.html")))
                .contains("Why: message-passing against rseq-freelist", "dependences and the rest");
    }
}
