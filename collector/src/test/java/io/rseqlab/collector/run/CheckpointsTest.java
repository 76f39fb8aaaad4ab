package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.Engine;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceCheck;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves on its way changes nothing of what it leaves in the end. */
class CheckpointsTest {
    private static final long OFTEN = 1_000_000;

    @TempDir
    private Path folder;

    private static RunSpec spec() {
        RunRequest request = RunRequest.of("rseq-freelist", "churn:handoff=0.3,signal_hz=20000")
                .cpus(2)
                .threads(5)
                .warmup(200e-6)
                .window(2e-3)
                .tick(50e-6)
                .ops(OpsMode.parse("1/50"));
        return RunSpecs.resolve(request, 3);
    }

    private Collector.Outcome collect(String name, Engine engine, long work) {
        return Collector.collect(spec(), folder.resolve(name), engine, new StopFlag(), work);
    }

    @Test
    void checkpointsCutTheTraceIntoPartsAndChangeNothingOfItsContent() throws Exception {
        Collector.Outcome whole = collect("whole", Engine.FASTEST, Long.MAX_VALUE);
        Collector.Outcome cut = collect("cut", Engine.FASTEST, OFTEN);
        assertThat(TraceReader.open(folder.resolve("whole")).eventParts()).hasSize(1);
        assertThat(TraceReader.open(folder.resolve("cut")).eventParts()).hasSizeGreaterThan(3);
        assertThat(cut.info()).isEqualTo(whole.info());
        assertThat(TraceCheck.of(folder.resolve("cut")).violations()).isEmpty();
        assertThat(Files.readAllBytes(folder.resolve("cut/counters-00000.parquet")))
                .isEqualTo(Files.readAllBytes(folder.resolve("whole/counters-00000.parquet")));
    }

    @Test
    void theCutIntoPartsDependsOnTheSpecificationAlone() throws Exception {
        collect("one", Engine.FASTEST, OFTEN);
        for (Engine engine : Engine.values()) {
            String name = engine.name();
            collect(name, engine, OFTEN);
            for (String part : parts("one")) {
                assertThat(Files.readAllBytes(folder.resolve(name).resolve(part)))
                        .as(name + " " + part)
                        .isEqualTo(Files.readAllBytes(folder.resolve("one").resolve(part)));
            }
            assertThat(parts(name)).isEqualTo(parts("one"));
        }
    }

    private List<String> parts(String name) throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** Wherever a run is killed, its counts are those of the events that it leaves. */
    @Test
    void everyCheckpointKeepsTheContract() {
        List<Long> ends = new ArrayList<>();
        for (int part = 1; part < 4; part++) {
            Path killed = folder.resolve("killed" + part);
            int parts = part;
            StopFlag stop = new StopFlag() {
                @Override
                public boolean isRaised() {
                    if (Files.exists(killed.resolve("events-0000" + parts + ".parquet"))) {
                        throw new Killed();
                    }
                    return false;
                }
            };
            try {
                Collector.collect(spec(), killed, Engine.FASTEST, stop, OFTEN);
            } catch (Killed expected) {
                TraceCheck check = TraceCheck.of(killed);
                assertThat(check.violations()).isEmpty();
                assertThat(check.counters()).isPositive();
                assertThat(check.partial()).contains("last checkpoint");
                ends.add(check.info().windowEndCycle());
            }
        }
        assertThat(ends).hasSize(3).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void aRunStoppedInItsWarmUpHasMeasuredNothing() {
        StopFlag stop = new StopFlag();
        stop.raise();
        Collector.Outcome outcome = Collector.collect(spec(), folder.resolve("stopped"), stop);
        assertThat(outcome.info().state()).isEqualTo(RunInfo.PARTIAL);
        assertThat(outcome.info().windowEndCycle()).isEqualTo(outcome.info().windowStartCycle());
        TraceCheck check = TraceCheck.of(folder.resolve("stopped"));
        assertThat(check.violations()).isEmpty();
        assertThat(check.partial()).contains("nothing is measured");
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
