package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.live.TextForm;
import io.rseqlab.collector.live.TextImport;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceCheck;
import io.rseqlab.trace.parquet.TraceReader;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The sample traces of this repository say what their {@code expected.json} or the recorded program says. */
class OwnSamplesTest {
    private static final Path SAMPLES = Path.of("../sample-traces");

    @TempDir
    private Path scratch;

    private static JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(Files.readString(SAMPLES.resolve(file)));
    }

    @ParameterizedTest
    @CsvSource({"real-preemptions, 338", "real-signals, 288"})
    void everyAbortThatTheRecordedProgramCountedIsFound(String name, long aborts) throws IOException {
        TextImport source =
                TextImport.open(TextForm.of("ftrace"), SAMPLES.resolve(name).resolve("ftrace.txt"));
        RunInfo info;
        try (TraceWriter writer = TraceWriter.create(scratch.resolve("trace"), source.info())) {
            source.events(writer);
            info = writer.finish(source.info());
        }
        assertThat(json(name + "/counters.json").get("aborts_total").asLong()).isEqualTo(aborts);
        assertThat(info.totals()).containsEntry("aborts", aborts);
        assertThat(TraceCheck.of(scratch.resolve("trace")).violations()).isEmpty();
    }

    @Test
    void theSimulatedSampleIsMadeAgainBitForBit() throws IOException {
        JsonNode expected = json("simulated-churn/expected.json");
        RunInfo stored = TraceReader.open(SAMPLES.resolve("simulated-churn")).info();
        assertThat(TraceCheck.of(SAMPLES.resolve("simulated-churn")).violations())
                .isEmpty();
        RunRequest request = RunRequest.of("rseq-freelist", "churn:handoff=0.2,pad=50,signal_hz=5000")
                .cpus(2)
                .threads(4)
                .warmup(500e-6)
                .window(2e-3)
                .ops(OpsMode.parse("1/1000"))
                .tick(100e-6);
        Collector.Outcome again = Collector.collect(RunSpecs.resolve(request, 1), scratch.resolve("again"));
        for (RunInfo info : List.of(stored, again.info())) {
            assertThat(info.contentHash())
                    .isEqualTo(expected.get("content_hash").asString());
            for (String total : List.of("aborts", "interruptions", "preemptions", "signals", "ops")) {
                assertThat(info.totals().get(total))
                        .as(total)
                        .isEqualTo(expected.get(total).asLong());
            }
        }
    }
}
