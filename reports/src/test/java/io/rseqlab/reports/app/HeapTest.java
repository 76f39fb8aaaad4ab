package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large machines fit: memory grows with CPUs and threads, and not beyond this. */
class HeapTest {
    @TempDir
    Path folder;

    /** The largest machine there is, in a JVM that has a gibibyte of heap. */
    @Test
    void aThousandCpusWithSixteenThousandThreadsFitIntoAGibibyte() throws IOException, InterruptedException {
        Child.Ending ending = collect("-Xmx1g");
        assertThat(ending.err()).doesNotContain("memory");
        assertThat(ending.code()).isZero();
    }

    /** The same where it cannot fit, so that the test above can fail: the end is an error, not a stack trace. */
    @Test
    void whatDoesNotFitIsAnError() throws IOException, InterruptedException {
        Child.Ending ending = collect("-Xmx100m");
        assertThat(ending.code()).isEqualTo(2);
        assertThat(ending.err()).contains("memory").doesNotContain("\tat ");
    }

    private Child.Ending collect(String heap) throws IOException, InterruptedException {
        String shell = "java=$1; shift; exec \"$java\" " + heap + " \"$@\"";
        try (Child child = Child.start(
                folder,
                shell,
                "collect",
                "--strategy",
                "rseq-freelist",
                "--workload",
                "churn:live=4,sleep_every=400,sleep_us=11200",
                "--machine",
                "generic-64",
                "--cpus",
                "1024",
                "--threads",
                "16384",
                "--warmup",
                "20us",
                "--duration",
                "20us",
                "--ops",
                "none",
                "--no-oracle",
                "--out",
                folder.resolve("run").toString())) {
            return child.end();
        }
    }
}
