package io.rseqlab.analyzer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes agree with threads to the bit, and what does not fit together is refused instead of being added up. */
class PartialFileTest {
    private static final AnalyzerOptions OPTIONS = new AnalyzerOptions(2, true, true);

    @TempDir
    Path scratch;

    private final List<Path> traces = new ArrayList<>();

    @BeforeEach
    void write() {
        for (int seed = 1; seed <= 4; seed++) {
            RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec("rseq-freelist", seed));
            traces.add(TestTraces.write(
                    scratch.resolve("trace-" + seed), info, TestTraces.events(seed, 400), TestTraces.counters(seed)));
        }
    }

    private Path partial(String name, List<Path> of, AnalyzerOptions options, Shard shard) throws IOException {
        Path file = scratch.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            PartialFile.write(Analyzer.partial(of, options, shard), out);
        }
        return file;
    }

    private static String merged(List<Path> files) {
        List<PartialRun> parts = new ArrayList<>();
        files.forEach(file -> parts.addAll(PartialFile.read(file)));
        return ResultJson.write(PartialFile.merge(parts));
    }

    private String whole(AnalyzerOptions options) {
        return ResultJson.write(Analyzer.analyze(traces, options));
    }

    @Test
    void partsOverTracesGiveTheDocumentOfOneAnalysisInAnyOrder() throws IOException {
        List<Path> files = new ArrayList<>(List.of(
                partial("a", traces.subList(3, 4), OPTIONS, Shard.WHOLE),
                partial("b", traces.subList(0, 2), OPTIONS, Shard.WHOLE),
                partial("c", traces.subList(2, 3), OPTIONS, Shard.WHOLE)));
        for (int order = 0; order < 6; order++) {
            Collections.shuffle(files, new Random(order));
            assertThat(merged(files)).isEqualTo(whole(OPTIONS));
        }
    }

    @Test
    void partsOfEachTraceGiveTheDocumentOfOneAnalysis() throws IOException {
        AnalyzerOptions countersOnly = new AnalyzerOptions(2, false, false);
        for (AnalyzerOptions options : List.of(OPTIONS, countersOnly)) {
            for (int shards = 1; shards <= 4; shards++) {
                List<Path> files = new ArrayList<>();
                for (int shard = shards - 1; shard >= 0; shard--) {
                    files.add(partial("part-" + shard, traces, options, new Shard(shard, shards)));
                }
                assertThat(merged(files)).isEqualTo(whole(options));
            }
        }
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() throws IOException {
        Path one = partial("one", traces.subList(0, 1), OPTIONS, Shard.WHOLE);
        Path half = partial("half", traces.subList(0, 1), OPTIONS, new Shard(0, 2));
        Path third = partial("third", traces.subList(0, 1), OPTIONS, new Shard(1, 3));
        Path other = partial("other", traces.subList(0, 1), new AnalyzerOptions(1, true, false), new Shard(1, 2));
        assertThatThrownBy(() -> merged(List.of(one, one))).hasMessageContaining("trace-1' is there twice");
        assertThatThrownBy(() -> merged(List.of(half))).hasMessageContaining("shard 2 of 2 is missing");
        assertThatThrownBy(() -> merged(List.of(half, third)))
                .hasMessageContaining("is cut into 2 shards in one and into 3 in another");
        assertThatThrownBy(() -> merged(List.of(half, other))).hasMessageContaining("with other options");
    }

    @Test
    void anythingElseIsNoPartialResult() throws IOException {
        Path good = partial("good", traces, OPTIONS, Shard.WHOLE);
        byte[] bytes = Files.readAllBytes(good);
        Path bad = scratch.resolve("bad");
        Files.writeString(bad, "{}");
        assertThatThrownBy(() -> PartialFile.read(bad))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("is no partial result: analyze --partial makes one");
        Files.write(
                bad,
                new String(bytes, StandardCharsets.ISO_8859_1)
                        .replaceFirst("result 2", "result 9")
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PartialFile.read(bad))
                .hasMessageContaining("of version 9; this program reads version 2");
        for (int length = 40; length < bytes.length; length += 97) {
            Files.write(bad, Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> PartialFile.read(bad))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("is a damaged partial result");
        }
        assertThatThrownBy(() -> PartialFile.read(scratch.resolve("none"))).hasMessageStartingWith("no such file");
    }
}
