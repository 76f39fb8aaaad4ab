package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What collect says last is what may be typed next: nothing else, and nothing where the run is not to be trusted. */
class CollectCommandTest {
    private static final String SHORT = " --duration 5us --warmup 5us --workload churn";
    private static final int VIOLATION = 4;

    @TempDir
    Path scratch;

    private int code;

    private String errorsOf(String line) {
        StringWriter err = new StringWriter();
        Path out = scratch.resolve("a b");
        String[] words = (line + " --out").split(" ");
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = out.toString();
        code = new CommandLine(new CollectCommand((candidate, baseline) -> null))
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err))
                .execute(all);
        return err.toString();
    }

    @Test
    void oneStrategyIsToBeAnalyzed() {
        assertThat(errorsOf("--strategy rseq-freelist --seeds 1..2" + SHORT))
                .isEqualTo("Next: rseqlab analyze '" + scratch + "/a b'\n");
        assertThat(code).isZero();
    }

    @Test
    void severalStrategiesAreToBeComparedWithTheFirst() {
        assertThat(errorsOf("--strategy percpu-lock --strategy rseq-freelist" + SHORT))
                .isEqualTo("Next: rseqlab compare '" + scratch + "/a b' --baseline percpu-lock\n");
    }

    @Test
    void severalSettingsOfOneStrategyAreToldApart() {
        assertThat(errorsOf("--strategy rseq-freelist:cap=64 --strategy rseq-freelist:cap=256" + SHORT))
                .endsWith("/a b' --baseline rseq-freelist:cap=64,refill=32,flush=128,budget=0,index=cpu\n");
    }

    @Test
    void nothingIsSuggestedAfterAViolation() {
        String errors = errorsOf("--strategy rseq-freelist --cpus 1 --threads 4 --workload churn:pad=50 --tick 5us"
                + " --duration 3ms --warmup 5us --inject no-abort");
        assertThat(code).as(errors).isEqualTo(VIOLATION);
        assertThat(errors).contains("rseqlab: violation in ").doesNotContain("Next");
    }

    @Test
    void anOddThreadOfProducerConsumerIsNoSurprise() {
        String line = "--strategy rseq-freelist --duration 5us --warmup 5us --workload producer-consumer --threads ";
        assertThat(errorsOf(line + "1 --dry-run")).contains("note: producer-consumer: a single thread has no partner");
        assertThat(errorsOf(line + "3 --dry-run")).contains("note: producer-consumer: thread 2 has no partner");
        assertThat(errorsOf(line + "2 --dry-run")).isEmpty();
    }

    @Test
    void aGreatestNumberOfSeedsIsRefusedWhereNothingAsksForMore() {
        String errors = errorsOf("--strategy rseq-freelist --strategy percpu-lock --max-seeds 50" + SHORT);
        assertThat(code).isNotZero();
        assertThat(errors).contains("UsageException: --max-seeds").contains("there is no --precision");
        assertThat(scratch).isEmptyDirectory();
    }
}
