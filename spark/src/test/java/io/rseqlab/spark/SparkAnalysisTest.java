package io.rseqlab.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.engine.PartialFile;
import io.rseqlab.analyzer.engine.PartialRun;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceReader;
import io.rseqlab.trace.parquet.TraceWriter;
import io.rseqlab.trace.parquet.WriterOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Local threads, partial results that are merged, and Spark give identical documents. */
class SparkAnalysisTest {
    private static final int CPUS = 4;

    @TempDir
    Path scratch;

    private Path data;

    /** Partitions as a sweep lays them out, of several row groups each. */
    @BeforeEach
    void write() {
        data = scratch.resolve("runs");
        for (int seed = 1; seed <= 3; seed++) {
            write(data.resolve("strategy=rseq-freelist").resolve("seed=" + seed), seed);
        }
    }

    private static void write(Path trace, int seed) {
        List<RunInfo.ThreadInfo> threads = new ArrayList<>();
        for (int thread = 0; thread < 2 * CPUS; thread++) {
            threads.add(new RunInfo.ThreadInfo(thread, "worker " + thread));
        }
        RunInfo info = new RunInfo(
                RunInfo.FORMAT_VERSION,
                "test",
                RunInfo.SIMULATED,
                RunInfo.COMPLETE,
                1_000_000_000L,
                CPUS,
                10_000,
                50_000_000,
                "instructions",
                Map.of("strategy", "rseq-freelist", "seed", seed),
                List.of(),
                threads,
                Map.of(),
                null);
        try (TraceWriter writer = TraceWriter.create(trace, info, new WriterOptions(40_000, 10_000))) {
            Event event = new Event();
            for (int row = 0; row < 100_000; row++) {
                int cpu = (row * 7 + row / 13) % CPUS;
                boolean other = (row / 40 + seed) % 2 == 0;
                event.reset(EventKind.SWITCH, row * 503L + row % seed, cpu, other ? cpu : cpu + CPUS)
                        .set(Column.OTHER_THREAD, other ? cpu + CPUS : cpu)
                        .set(Column.STATE, row % 3 == 0 ? "blocked" : "preempted");
                writer.accept(event);
            }
            writer.counters(List.of(Counter.ofWindow(CounterName.OPS, 1000L * seed)));
            writer.finish(info);
        }
    }

    private record Answer(int code, String out, String err) {}

    private static Answer submit(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        SparkConf conf = new SparkConf()
                .setAppName("test")
                .setMaster("local[2]")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1");
        int code = SparkMain.run(
                conf,
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Answer(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private String merged(List<Path> traces, AnalyzerOptions options) throws IOException {
        List<PartialRun> parts = new ArrayList<>();
        for (int shard = 2; shard >= 0; shard--) {
            Path file = scratch.resolve(shard + ".part");
            try (OutputStream out = Files.newOutputStream(file)) {
                PartialFile.write(Analyzer.partial(traces, options, new Shard(shard, 3)), out);
            }
            parts.addAll(PartialFile.read(file));
        }
        return ResultJson.write(PartialFile.merge(parts));
    }

    @Test
    void threadsPartsAndSparkGiveIdenticalDocuments() throws IOException {
        List<Path> traces = Traces.find(List.of(data));
        assertThat(TraceReader.open(traces.get(0)).eventGroups()).hasSizeGreaterThan(4);
        AnalyzerOptions options = new AnalyzerOptions(2, true, true);
        String local = ResultJson.write(Analyzer.analyze(traces, options));
        assertThat(local).contains("run_time_ns", "off_cpu_time_ns", "\"timeline\"");
        assertThat(merged(traces, options)).isEqualTo(local);
        assertThat(submit("analyze", data.toString(), "--timeline", "--groups-per-task", "1"))
                .isEqualTo(new Answer(0, local, ""));
        assertThat(submit("analyze", data.toString(), "--timeline", "--groups-per-task", "3")
                        .out())
                .isEqualTo(local);
    }

    @Test
    void theSampleTracesToo() throws IOException {
        Path samples = Path.of("..", "sample-traces");
        List<Path> traces = Traces.find(List.of(samples));
        String local = ResultJson.write(Analyzer.analyze(traces, new AnalyzerOptions(2, true, false)));
        Path file = scratch.resolve("samples.json");
        Answer answer = submit("analyze", samples.toString(), "--out", file.toString());
        assertThat(answer).isEqualTo(new Answer(0, "", ""));
        assertThat(Files.readString(file)).isEqualTo(local);
    }

    @Test
    void whatIsWrongIsToldAsTheProgramTellsIt() throws IOException {
        assertThat(submit("compare", data.toString()).code()).isEqualTo(2);
        assertThat(submit("analyze").err()).contains("no trace is named", "usage: spark-submit");
        assertThat(submit("analyze", data.toString(), "--metrics", "ops,nothing")
                        .err())
                .contains("no metric is called 'nothing'");
        assertThat(submit("analyze", scratch.resolve("none").toString()))
                .satisfies(answer -> assertThat(answer.code()).isEqualTo(3));
        Path part;
        try (Stream<Path> files = Files.walk(data)) {
            part = files.filter(file -> file.getFileName().toString().equals("events-00001.parquet"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(part);
        bytes[200] ^= 0x55;
        Files.write(part, bytes);
        Answer damaged = submit("analyze", data.toString());
        assertThat(damaged.code()).isEqualTo(3);
        assertThat(damaged.err()).contains("events-00001.parquet' cannot be read as Parquet", "row group");
        assertThat(damaged.err().lines()).hasSize(1);
    }
}
