package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.AllocatorStrategy;
import io.rseqlab.collector.strategy.StrategyContext;
import io.rseqlab.collector.strategy.StrategyInstance;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
