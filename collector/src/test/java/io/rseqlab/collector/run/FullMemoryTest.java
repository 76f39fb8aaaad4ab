package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rseqlab.collector.machine.Memory;
import io.rseqlab.collector.spec.UsageException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose memory is full ends, says what is full and what to lower, and leaves nothing. */
class FullMemoryTest {
    private static final long END = 0x11000;
    private static final long LIMIT = 0x13000;

    @TempDir
    private Path scratch;

    @Test
    void fullMemoryHasNoAddress() {
        Memory memory = new Memory(END, LIMIT);
        assertThat(memory.extend(0x2000)).isEqualTo(END);
        assertThat(memory.fits(1)).isFalse();
        assertThatThrownBy(() -> memory.extend(1)).isInstanceOf(Memory.Full.class);
        assertThat(memory.end()).as("as it was").isEqualTo(LIMIT);
    }

    @Test
    void whatIsThereBeforeTheRunMustFit() {
        assertThatThrownBy(() -> new Memory(LIMIT + 1, LIMIT)).isInstanceOf(Memory.Full.class);
    }

    /** No JVM has an array of so many words, so this says what one that is too small for a run says. */
    @Test
    void memoryThatTheJvmDoesNotHaveIsSaidWithWhatWasWanted() {
        long most = 8L * Integer.MAX_VALUE & -4096;
        assertThatThrownBy(() -> new Memory(END, Long.MAX_VALUE).extend(most - END))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("1 MiB, must be copied into one piece of 16384 MiB");
    }

    /** Whatever of a run does not fit: what is free is said beside, and nothing stays. */
    @Test
    void aRunThatOutgrowsTheJvmSaysWhatThereIsAndLeavesNothing() {
        Path out = scratch.resolve("a/b");
        assertThatThrownBy(() -> Collector.collect(run(), out, failingWith(() -> new OutOfMemoryError("too large"))))
                .isInstanceOf(MemoryNeeds.OutgrownException.class)
                .hasMessageMatching(".*: too large, and \\d+ MiB are free of the \\d+ MiB that the JVM has.*-Xmx.*"
                        + "live=10, size=128, threads=3.*");
        assertThat(scratch).isEmptyDirectory();
    }

    /** What a strategy needs on top of what programs reach is as impossible as too much of a workload's own. */
    @Test
    void whatProgramsCannotReachIsRefusedBeforeTheStrategyIsBuilt() {
        RunRequest request =
                RunRequest.of("rseq-freelist", "alloc-test:slots=262144").threads(16384);
        assertThatThrownBy(() -> RunSpecs.resolve(request, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("before the first block");
    }

    /** As late as after the window, when some of the trace is written. */
    @Test
    void aRunThatFillsItsMemoryIsRefusedAndLeavesNothing() {
        Path out = scratch.resolve("a/b");
        assertThatThrownBy(() -> Collector.collect(run(), out, failingWith(FullMemoryTest::full)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("memory is full")
                .hasMessageContaining("MiB")
                .hasMessageContaining("live=10, size=128, threads=3");
        assertThat(scratch).isEmptyDirectory();
    }

    private static RunSpec run() {
        return RunSpecs.resolve(
                RunRequest.of("hoard", "bursts:live=10,size=128")
                        .cpus(2)
                        .threads(3)
                        .warmup(20e-6)
                        .window(100e-6)
                        .ops(OpsMode.parse("all")),
                1);
    }

    private static Memory.Full full() {
        return catchThrowableOfType(Memory.Full.class, () -> new Memory(END, LIMIT).extend(LIMIT));
    }

    /** Ends a run under way, in its own thread. */
    private static StopFlag failingWith(Supplier<Throwable> failure) {
        return new StopFlag() {
            private int looks;

            @Override
            public boolean isRaised() {
                if (++looks > 12) {
                    Throwable thrown = failure.get();
                    if (thrown instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) thrown;
                }
                return false;
            }
        };
    }
}
