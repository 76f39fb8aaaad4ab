package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.StrategyContext;
import io.rseqlab.collector.strategy.StrategyInstance;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whether threads come to an end is judged by what they do, not by how long it takes: whoever walks in a circle, or
 * sleeps for good, breaks a rule; whoever has much to do, or pauses for long, does not.
 */
class ShutDownTest {
    @TempDir
    private Path folder;

    private static RunRequest request(String strategy, String workload) {
        return RunRequest.of(strategy, workload).cpus(1).threads(4).warmup(2e-3).window(200e-6);
    }

    private Collector.Outcome collect(RunSpec spec) {
        return Collector.collect(spec, folder.resolve("run"));
    }

    private Collector.Outcome collect(String strategy, String workload) {
        return collect(RunSpecs.resolve(request(strategy, workload), 1));
    }

    /** Each thread takes so many blocks one by one, with the pool's lock in hand. */
    @Test
    void muchWorkInOneOperationIsNoViolation() {
        Collector.Outcome outcome = collect("rseq-freelist:refill=200000", "churn");
        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.unaudited()).isNull();
        assertThat(outcome.allocated()).isPositive();
    }

    /** Longer than the quick turns in which threads are told to end, shorter than a tick of the window. */
    @Test
    void aSectionLongerThanQuickTurnsCommitsInTheEnd() {
        Collector.Outcome outcome = collect("rseq-freelist", "churn:pad=20000000");
        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.unaudited()).isNull();
    }

    @Test
    void sectionsThatStarveAreToldAsWhatTheyAre() {
        Collector.Outcome outcome = collect("rseq-freelist", "churn:pad=100000000");
        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.unaudited()).contains("4 threads cannot end", "--tick");
        assertThat(RunNotes.of(RunSpecs.resolve(request("rseq-freelist", "churn:pad=100000000"), 1), outcome))
                .containsExactly(outcome.unaudited());
    }

    /** Threads that would end, after a time that nobody wants to wait. */
    @ParameterizedTest
    @CsvSource({"'churn:pad=20000000', 0.005, 1000000000", "'bursts:live=200000,burst=0', 20, 1000"})
    void threadsWithMuchToDoAreNotWaitedForAsLongAsTheyTake(String workload, double cpuSeconds, long microOps) {
        Simulation simulation =
                new Simulation(RunSpecs.resolve(request("rseq-freelist", workload), 1), event -> {}, null);
        long end = simulation.spec().machine().cyclesOf(2.2e-3);
        simulation.quickTurns(Collector.QUICK_TURN_SECONDS); // so that all have begun
        simulation.runTo(end);
        assertThat(ShutDown.run(simulation, end, () -> false, cpuSeconds, microOps))
                .contains("not audited: 4 threads had not ended")
                .contains("were not waited for");
        assertThat(simulation.ownership().violations()).isEmpty();
        assertThat(ShutDown.run(simulation, end, () -> false)).isNull();
    }

    /** What takes a thread seconds at a time is no measurement of an allocator. */
    @ParameterizedTest
    @CsvSource({"'churn:pad=100000001', 100000000", "'cache-thrash:touches=1048577', 1048576"})
    void workThatNoThreadCanBeToldToEndIsRefused(String workload, String most) {
        assertThatThrownBy(() -> RunSpecs.resolve(request("rseq-freelist", workload), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("to " + most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"endless", "deadlock"})
    void whoNeverComesOutOfMallocBreaksARule(String how) {
        RunSpec sound = RunSpecs.resolve(request("ideal", "churn"), 1);
        AllocatorStrategy broken = new NeverBack("deadlock".equals(how));
        RunSpec spec = sound.toBuilder()
                .strategy(broken, Settings.parse(broken.id(), broken.parameters()))
                .build();
        Collector.Outcome outcome = collect(spec);
        assertThat(outcome.violations()).hasSize(1);
        assertThat(outcome.violations().get(0)).startsWith(how + ": 4 threads");
    }

    /** Its malloc goes round and round, or sleeps until somebody wakes it. */
    private record NeverBack(boolean sleeps) implements AllocatorStrategy {
        @Override
        public String id() {
            return "never-back";
        }

        @Override
        public String summary() {
            return "broken on purpose";
        }

        @Override
        public String source() {
            return "this test";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public boolean usesRseq() {
            return false;
        }

        @Override
        public StrategyInstance build(Settings settings, StrategyContext context) {
            ThreadAreas areas = new ThreadAreas(context.layout(), context.threads(), 0, 1);
            return new StrategyInstance() {
                @Override
                public void emit(Assembler a) {
                    a.place(a.label("malloc"));
                    a.mark(Mark.OP_BEGIN, Mark.MALLOC);
                    Assembler.Label round = a.here();
                    if (sleeps) {
                        a.mov(Reg.A0, Reg.TLS);
                        a.ld64(Reg.A1, Reg.TLS, ThreadAreas.RSEQ_POINTER);
                        a.syscall(HostCall.SYS_FUTEX_WAIT);
                    }
                    a.jmp(round);
                    a.place(a.label("free"));
                    a.ret(Reg.LINK);
                }

                @Override
                public long threadBase(int thread) {
                    return areas.of(thread);
                }

                @Override
                public void audit(MemoryView memory, BlockVisitor visitor) {}

                @Override
                public void census(MemoryView memory, BlockVisitor visitor) {}

                @Override
                public int sizeClass(MemoryView memory, long block) {
                    return 0;
                }
            };
        }
    }
}
